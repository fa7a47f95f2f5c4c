import { hasCode, KubestackError } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";

/** Which object: of any kind that has the scale subresource. */
export interface ScaledObject {
  /** Group and version, such as `cluster.x-k8s.io/v1beta1`, or `v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** How an object is scaled now. */
export interface ObjectScale {
  /** So many are wanted. */
  readonly wanted: number;
  /** So many there are, as the object's controller counts them. */
  readonly present: number;
  /** The object's own. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** What the next write must name; it changes with each write of the object. */
  readonly revision: string;
}

export interface ScaleCalls {
  /** Undefined where there is no such object. Raises `cluster-refused` where its kind is unknown or has no scale. */
  getScale(of: ScaledObject): Promise<ObjectScale | undefined>;
  /** Wants another number, if nobody wrote the object since it was read: `stale-revision` otherwise. */
  setScale(of: ScaledObject, wanted: number, revision: string): Promise<void>;
  /** Writes annotations beside those that are there. May be repeated at will. `not-found` where there is no such object. */
  annotate(of: ScaledObject, annotations: Readonly<Record<string, string>>): Promise<void>;
}

interface Raw {
  readonly metadata?: {
    readonly resourceVersion?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly replicas?: number };
  readonly status?: { readonly replicas?: number };
}

interface ResourceList {
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly namespaced?: boolean }[];
}

const mergePatch = "application/merge-patch+json";

export function scaleCalls(connection: Connection): ScaleCalls {
  /** The collections' names by group, version and kind: they do not change while an API server lives. */
  const collections = new Map<string, string>();

  async function pathOf(of: ScaledObject): Promise<string> {
    const { apiVersion, kind, namespace, name } = of;
    const group = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const key = `${apiVersion} ${kind}`;
    const known = collections.get(key) ?? (await collectionOf(connection, { group, kind, apiVersion }));
    collections.set(key, known);
    return `${group}/namespaces/${encodeURIComponent(namespace)}/${known}/${encodeURIComponent(name)}`;
  }

  return {
    async getScale(of) {
      const path = await pathOf(of);
      try {
        // The object tells whose it is; its scale tells how many there are, wherever the object keeps that.
        const [object, scale] = await Promise.all([
          connection.request<Raw>({ method: "GET", path }),
          connection.request<Raw>({ method: "GET", path: `${path}/scale` }),
        ]);
        return {
          wanted: scale.spec?.replicas ?? 0,
          present: scale.status?.replicas ?? 0,
          annotations: object.metadata?.annotations ?? {},
          labels: object.metadata?.labels ?? {},
          revision: scale.metadata?.resourceVersion ?? "",
        };
      } catch (error) {
        if (hasCode(error, "not-found")) return undefined;
        throw error;
      }
    },
    async setScale(of, wanted, revision) {
      const path = `${await pathOf(of)}/scale`;
      const body = { metadata: { resourceVersion: revision }, spec: { replicas: wanted } };
      await connection.request({ method: "PATCH", path, body, contentType: mergePatch });
    },
    async annotate(of, annotations) {
      const path = await pathOf(of);
      const body = { metadata: { annotations } };
      await connection.request({ method: "PATCH", path, body, contentType: mergePatch });
    },
  };
}

async function collectionOf(
  connection: Connection,
  { group, kind, apiVersion }: { readonly group: string; readonly kind: string; readonly apiVersion: string },
): Promise<string> {
  const list = await connection.request<ResourceList>({ method: "GET", path: group }).catch((error: unknown) => {
    if (hasCode(error, "not-found")) return {} as ResourceList;
    throw error;
  });
  const found = list.resources?.find((one) => one.kind === kind && one.namespaced && !one.name.includes("/"));
  if (found !== undefined) return found.name;
  throw new KubestackError(
    "cluster-refused",
    `The cluster at ${connection.server} has no namespaced kind ${kind} in ${apiVersion}; install what defines it, or correct apiVersion and kind.`,
    { retry: "backoff" },
  );
}
