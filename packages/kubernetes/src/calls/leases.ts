import type { Connection } from "../connection/connection.ts";
import { createObject } from "./create-object.ts";
import { readObject } from "./stored-object.ts";

/** What is written into a Lease. */
export interface LeaseContent {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly holder: string;
  readonly durationSeconds: number;
  /** Milliseconds since 1970, by the writer's clock: for people to read, since clocks differ. */
  readonly renewedAt: number;
}

/** A Lease as it is in the store now. */
export interface StoredLease {
  readonly holder: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** What the next write must name; it changes with each write. */
  readonly revision: string;
}

export interface LeaseCalls {
  /** Undefined where there is none. */
  getLease(namespace: string, name: string): Promise<StoredLease | undefined>;
  /** Raises `already-exists`. */
  createLease(namespace: string, lease: LeaseContent): Promise<void>;
  /** Writes it anew, if nobody wrote since it was read: `stale-revision` otherwise. One that is gone meanwhile is made. */
  replaceLease(namespace: string, lease: LeaseContent, revision: string): Promise<void>;
}

interface RawLease {
  readonly metadata?: { readonly resourceVersion?: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly holderIdentity?: string };
}

const leasesOf = (namespace: string) =>
  `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/leases`;
const leaseAt = (namespace: string, name: string) => `${leasesOf(namespace)}/${encodeURIComponent(name)}`;

export function leaseCalls(connection: Connection): LeaseCalls {
  return {
    async getLease(namespace, name) {
      const raw = await readObject<RawLease>(connection, leaseAt(namespace, name));
      if (raw === undefined) return undefined;
      const { resourceVersion: revision = "", annotations = {} } = raw.metadata ?? {};
      return { holder: raw.spec?.holderIdentity ?? "", annotations, revision };
    },
    async createLease(namespace, lease) {
      await createObject(connection, leasesOf(namespace), objectOf(lease));
    },
    async replaceLease(namespace, lease, revision) {
      await connection.request({
        method: "PUT",
        path: leaseAt(namespace, lease.name),
        query: { fieldValidation: "Strict" },
        body: objectOf(lease, revision),
      });
    },
  };
}

function objectOf(lease: LeaseContent, resourceVersion?: string) {
  const { name, labels, annotations, holder, durationSeconds, renewedAt } = lease;
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, labels, annotations, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: {
      holderIdentity: holder,
      leaseDurationSeconds: durationSeconds,
      // The API wants microseconds.
      renewTime: new Date(renewedAt).toISOString().replace("Z", "000Z"),
    },
  };
}
