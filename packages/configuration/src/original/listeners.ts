import { isValues, type Values } from "./keys.ts";

/** The two lists of listeners in a file of the original's. */
export type ListenerList = "demand-listeners" | "destroy-listeners";

/** Each type of listener that the original knew: what we call it, and the keys that it had. */
export const listenerTypes: Readonly<
  Record<ListenerList, Readonly<Record<string, { readonly ours: string; readonly keys: readonly string[] }>>>
> = {
  "demand-listeners": {
    jenkins_queue: { ours: "jenkins-queue", keys: ["name", "type"] },
    gearman: { ours: "gearman", keys: ["name", "type", "host", "port"] },
  },
  "destroy-listeners": { zmq: { ours: "zmq", keys: ["name", "type", "host", "port"] } },
};

/** What we always read besides: the agents of a Jenkins. */
const computers = { type: "jenkins-computers" };

/**
 * Our `demand:`: without a listener the default, its queue. A master that is not asked for its queue is still asked for its
 * agents. Positions are those of the original's list.
 */
export function demandOf(listeners: unknown): Values {
  const entries = entriesOf("demand-listeners", listeners);
  if (entries.length === 0) return {};
  return { demand: entries.some(({ type }) => type === "jenkins-queue") ? entries : [...entries, computers] };
}

/** Our `completion:`; without a listener the default. Positions are those of the original's list. */
export function completionOf(listeners: unknown): Values {
  const entries = entriesOf("destroy-listeners", listeners);
  return entries.length === 0 ? {} : { completion: [...entries, computers] };
}

/** The names that the original gave to listeners are left out: ours are named by their type. */
function entriesOf(list: ListenerList, listeners: unknown): Values[] {
  if (!Array.isArray(listeners)) return [];
  return listeners.map((listener: unknown) => {
    if (!isValues(listener)) return {};
    const { type, host, port } = listener;
    return {
      type: listenerTypes[list][String(type)]?.ours ?? type,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port: numberIn(port) }),
    };
  });
}

/** A port in quotation marks did as well. */
function numberIn(port: unknown): unknown {
  return typeof port === "string" && /^\d{1,5}$/.test(port) ? Number(port) : port;
}
