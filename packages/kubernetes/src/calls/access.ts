import type { V1SelfSubjectAccessReview } from "@kubernetes/client-node";
import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";

/** A release of Kubernetes. */
export interface ClusterVersion {
  /** Such as `v1.36.3`. */
  readonly gitVersion: string;
  readonly major: string;
  readonly minor: string;
}

/** One resource that a ResourceQuota limits. */
export interface QuotaUse {
  /** Such as `pods` or `limits.memory`. */
  readonly resource: string;
  readonly used: string;
  readonly hard: string;
}

export interface AccessCalls {
  version(): Promise<ClusterVersion>;
  /**
   * Whether this account may do `verb` there, by the API server's own word. `resource` is `pods`, `pods/log` or `deployments.apps/scale`;
   * without a namespace, everywhere.
   */
  canI(verb: string, resource: string, namespace?: string): Promise<boolean>;
  /** The name by which the API server knows this account; undefined where it is too old to tell. */
  whoAmI(): Promise<string | undefined>;
  /** Each ResourceQuota of a namespace: what is limited, how much of it is used, as Kubernetes writes it. */
  quotas(namespace: string): Promise<readonly QuotaUse[]>;
  namespaceExists(name: string): Promise<boolean>;
  /** The uid of a namespace, which no other one ever has; undefined where there is none. */
  namespaceUid(name: string): Promise<string | undefined>;
}

export function accessCalls(connection: Connection): AccessCalls {
  async function namespaceUid(name: string): Promise<string | undefined> {
    try {
      const found = await connection.request<{ metadata: { uid: string } }>({
        method: "GET",
        path: `/api/v1/namespaces/${encodeURIComponent(name)}`,
      });
      return found.metadata.uid;
    } catch (error) {
      if (hasCode(error, "not-found")) return undefined;
      throw error;
    }
  }
  return {
    async version() {
      const { gitVersion, major, minor } = await connection.request<ClusterVersion>({
        method: "GET",
        path: "/version",
      });
      return { gitVersion, major, minor };
    },
    async canI(verb, resource, namespace) {
      const [plural = "", subresource] = resource.split("/", 2);
      const [name = "", ...group] = plural.split(".");
      const review = await connection.request<V1SelfSubjectAccessReview>({
        method: "POST",
        path: "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        body: {
          apiVersion: "authorization.k8s.io/v1",
          kind: "SelfSubjectAccessReview",
          spec: { resourceAttributes: { verb, group: group.join("."), resource: name, subresource, namespace } },
        },
      });
      return review.status?.allowed === true;
    },
    async whoAmI() {
      try {
        const review = await connection.request<{ status?: { userInfo?: { username?: string } } }>({
          method: "POST",
          path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
          body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
        });
        return review.status?.userInfo?.username;
      } catch (error) {
        if (hasCode(error, "not-found")) return undefined;
        throw error;
      }
    },
    async quotas(namespace) {
      type Amounts = Readonly<Record<string, string>>;
      const { items } = await connection.request<{ items: { status?: { hard?: Amounts; used?: Amounts } }[] }>({
        method: "GET",
        path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/resourcequotas`,
        query: { limit: 50 },
      });
      return items.flatMap(({ status = {} }) =>
        Object.entries(status.hard ?? {}).map(([resource, hard]) => ({
          resource,
          hard,
          used: status.used?.[resource] ?? "0",
        })),
      );
    },
    namespaceUid,
    namespaceExists: async (name) => (await namespaceUid(name)) !== undefined,
  };
}
