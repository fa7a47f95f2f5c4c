import { type Cluster, type ObjectSource, type RawObject, watchObjects } from "@kubestack/kubernetes";

export type ValueKind = "secret" | "configmap";

/** The Secrets and ConfigMaps of the namespaces that pods asked for, kept up to date so that a late one is seen at once. */
export interface NamespaceValues {
  /** Begins to watch one kind in one namespace, once; resolves when it is known. */
  open(kind: ValueKind, namespace: string): Promise<void>;
  /** The values of one object, or nothing where it is not there (now). */
  find(kind: ValueKind, namespace: string, name: string): Readonly<Record<string, Uint8Array>> | undefined;
  /** Resolves at the next change of a Secret or ConfigMap in `namespace`, or when the signal fires. */
  changed(namespace: string, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const PLURALS = { secret: "secrets", configmap: "configmaps" } as const;

/**
 * One watch for each namespace and kind, however many pods there are: a real kubelet watches each object by its name,
 * which costs a watch for each pod.
 */
export function namespaceValues(cluster: Cluster, onError: (error: unknown) => void): NamespaceValues {
  const sources = new Map<string, ObjectSource<Record<string, Uint8Array>>>();
  const waiting = new Map<string, Set<() => void>>();
  const open: NamespaceValues["open"] = (kind, namespace) => {
    const key = `${kind}/${namespace}`;
    const known = sources.get(key);
    if (known !== undefined) return known.synced;
    const source = watchObjects({
      cluster,
      path: `/api/v1/namespaces/${namespace}/${PLURALS[kind]}`,
      project: (object) => valuesOf(kind, object),
      onError,
      onEvent: () => {
        for (const wake of waiting.get(namespace) ?? []) wake();
      },
    });
    sources.set(key, source);
    return source.synced;
  };
  return {
    open,
    find: (kind, namespace, name) => sources.get(`${kind}/${namespace}`)?.get(name),
    changed: (namespace, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const list = waiting.get(namespace) ?? new Set();
        waiting.set(namespace, list);
        const wake = () => {
          list.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        list.add(wake);
        signal.addEventListener("abort", wake);
      }),
    stop: async () => {
      await Promise.all([...sources.values()].map((source) => source.stop()));
    },
  };
}

/** A Secret's `data` and a ConfigMap's `binaryData` are base64, a ConfigMap's `data` is text. */
function valuesOf(kind: ValueKind, object: RawObject): Record<string, Uint8Array> {
  const { data = {}, binaryData = {} } = object as {
    data?: Record<string, string>;
    binaryData?: Record<string, string>;
  };
  const values: Record<string, Uint8Array> = {};
  for (const [key, value] of Object.entries(data))
    values[key] = Buffer.from(value, kind === "secret" ? "base64" : "utf8");
  for (const [key, value] of Object.entries(binaryData)) values[key] = Buffer.from(value, "base64");
  return values;
}
