import { KubestackError } from "@kubestack/contracts";
import type { CallDescription } from "./call-description.ts";

const remedies: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED/, "nothing listens there; is the API server running, and is the address right?"],
  [/ENOTFOUND|EAI_AGAIN/, "the host name cannot be resolved; correct the address."],
  [/CERT_HAS_EXPIRED/, "its certificate has expired; renew it."],
  [/ALTNAME/, "its certificate is for another name; use a name that the certificate carries."],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|DEPTH_ZERO/,
    "its certificate is not signed by a known authority; give the cluster's CA.",
  ],
  [/TIMEOUT|TimeoutError|AbortError/i, "no answer came in time; see the network and the API server's load."],
];

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const inner = error.cause === undefined ? "" : codeOf(error.cause);
  const first = error instanceof AggregateError ? codeOf(error.errors[0]) : "";
  return [typeof code === "string" ? code : error.name, inner, first].filter((part) => part !== "").join(" ");
}

/** A request that got no answer (refused, cut, timed out, not trusted) as `cluster-unavailable`, with what to look at. */
export function networkFailureOf(call: CallDescription & { readonly server: string }, error: unknown): KubestackError {
  if (error instanceof KubestackError) return error;
  const code = codeOf(error);
  const remedy = remedies.find(([pattern]) => pattern.test(code))?.[1] ?? "the connection broke; it is tried again.";
  const message = error instanceof Error && error.message !== "" ? error.message : code;
  return new KubestackError(
    "cluster-unavailable",
    `Cannot ${call.verb} ${call.object} at ${call.server}: ${message} (${code}); ${remedy}`,
    {
      cause: error,
    },
  );
}
