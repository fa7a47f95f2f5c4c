import { KubestackError } from "@kubestack/contracts";
import type { ClusterRequest, Connection } from "../connection/connection.ts";
import type { ObservedList, ObservedObject } from "./object-cache.ts";

/** A Kubernetes object as its JSON came: times are strings, and only what identifies it is promised. */
export interface RawObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

interface Page {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly RawObject[] | null;
}

export interface ListPlan<T> {
  readonly connection: Connection;
  readonly path: string;
  readonly selectors: Readonly<Record<string, string | undefined>>;
  /** `latest`: as of now, in pages of 500. `cached`: what the API server has in memory, in one piece; cheap, maybe old. */
  readonly from: "latest" | "cached";
  readonly observe: (object: RawObject) => ObservedObject<T>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const pageSize = 500;
const mostRestarts = 3;

/** Reads a whole list, each object shrunk as its page comes. A list whose next page has expired is begun again, at most three times. */
export async function listObjects<T>(plan: ListPlan<T>): Promise<ObservedList<T>> {
  for (let restarts = 0; ; restarts += 1) {
    const list = await readPages(plan);
    if (list !== "expired") return list;
    if (restarts >= mostRestarts)
      throw new KubestackError(
        "cluster-unavailable",
        `Cannot list ${plan.path} at ${plan.connection.server}: its pages expire faster than they are read; see the API server's load.`,
      );
  }
}

async function readPages<T>(plan: ListPlan<T>): Promise<ObservedList<T> | "expired"> {
  const objects: ObservedObject<T>[] = [];
  let next: string | undefined;
  for (;;) {
    const request: ClusterRequest = {
      method: "GET",
      path: plan.path,
      query: {
        ...plan.selectors,
        ...(plan.from === "cached" ? { resourceVersion: "0" } : { limit: pageSize, continue: next }),
      },
      timeoutMs: plan.timeoutMs,
      signal: plan.signal,
    };
    const answer = await plan.connection.exchange(request);
    if (answer.status === 410 && next !== undefined) return "expired";
    if (answer.status !== 200) throw plan.connection.refusal(request, answer);
    const page = parsePage(answer.text, plan);
    for (const item of page.items ?? []) objects.push(plan.observe(item));
    next = page.metadata?.continue || undefined;
    if (next === undefined) return { revision: page.metadata?.resourceVersion ?? "0", objects };
  }
}

function parsePage<T>(text: string, plan: ListPlan<T>): Page {
  try {
    return JSON.parse(text) as Page;
  } catch (cause) {
    throw new KubestackError(
      "cluster-unavailable",
      `Cannot list ${plan.path} at ${plan.connection.server}: the answer is not JSON; is something else answering at that address?`,
      { cause },
    );
  }
}
