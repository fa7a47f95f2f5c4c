import { type FailureClass, type KubestackError, quantityAmount } from "@kubestack/contracts";

/** What an answer by which the API server does not take a pod, or what belongs to it, means. Pure. */
export function refusalFailure({ code, retry, message }: KubestackError): FailureClass {
  switch (code) {
    case "quota-exceeded":
      return neverFits(message) ? "quota-too-small" : "quota-full";
    case "cluster-refused":
      if (retry !== "never") return "no-right";
      // Admission answers 403 or, as its policies, 422; what is no pod at all has no "forbidden" in it.
      return /is forbidden|admission webhook/.test(message) ? "admission-refused" : "object-invalid";
    case "not-found":
      return "no-namespace";
    case "master-refused":
    case "credential-refused":
      return "master-refused";
    default:
      return "object-invalid";
  }
}

/** `exceeded quota: q, requested: cpu=2,pods=1, used: …, limited: cpu=1,pods=9` (kubernetes: plugin/pkg/admission/resourcequota). */
const quotaWords = /requested: ([^;:]*), used: [^;:]*, limited: ([^;: ]*)/;

/** Whether more is asked for than the quota is as a whole: no pod that ends makes room for it. */
function neverFits(message: string): boolean {
  const [, requested, limited] = quotaWords.exec(message) ?? [];
  if (requested === undefined || limited === undefined) return false;
  const limits = amountsIn(limited);
  return [...amountsIn(requested)].some(([of, amount]) => amount > (limits.get(of) ?? Number.POSITIVE_INFINITY));
}

function amountsIn(list: string): Map<string, number> {
  return new Map(
    list.split(",").flatMap((entry): [string, number][] => {
      const [of = "", text = ""] = entry.trim().split("=");
      const amount = quantityAmount(text);
      return amount === undefined ? [] : [[of, amount]];
    }),
  );
}
