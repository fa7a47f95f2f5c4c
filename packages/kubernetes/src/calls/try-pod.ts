import type { Connection } from "../connection/connection.ts";
import { apiStatusOf } from "../connection/refusal.ts";

/** What the API server says to a pod that it does not make. */
export interface PodTrial {
  /** Why it would refuse the pod, in its own words; null: it would take it. */
  readonly refusal: string | null;
  /** What it has to say besides, such as of a deprecated field. */
  readonly warnings: readonly string[];
}

/**
 * Shows a pod to the API server, which decodes it strictly and asks all of its admission, quotas and webhooks included, and makes
 * nothing (`dryRun=All`). Raises whatever is no judgement of the pod: no answer, no right, no such namespace.
 */
export async function tryPod(connection: Connection, namespace: string, pod: object): Promise<PodTrial> {
  const request = {
    method: "POST",
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`,
    query: { dryRun: "All", fieldValidation: "Strict" },
    body: pod,
  } as const;
  const answer = await connection.exchange(request);
  const warnings = warningsIn(answer.headers.warning ?? "");
  if (answer.status >= 200 && answer.status <= 299) return { refusal: null, warnings };
  const error = connection.refusal(request, answer);
  const isOfPod = error.code === "quota-exceeded" || (error.code === "cluster-refused" && error.retry === "never");
  if (!isOfPod) throw error;
  return { refusal: apiStatusOf(answer.text).message || error.message, warnings };
}

/** The texts of a `Warning` header (RFC 7234, 5.5), of which there may be several in one. */
export function warningsIn(header: string): string[] {
  const texts = [...header.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = ""]) => text);
  return texts.map((text) => text.replaceAll(/\\(.)/g, "$1"));
}
