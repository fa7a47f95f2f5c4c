import type { FailureClass } from "@kubestack/contracts";

/** What a person may do, for those failures of which the cluster's own words do not say it; `ns` is the pod's namespace. */
const remedies: Partial<Record<FailureClass, (ns: string) => string>> = {
  "image-denied": (ns) =>
    `the registry gives it to nobody, or to others only: correct its name, or name imagePullSecrets in the template that are in namespace ${ns} and may pull it`,
  "image-not-found": () => "correct the image's name, tag or platform in the template, or push it",
  "image-name-invalid": () => "correct the image's name in the template",
  "image-pull": () => "see whether the nodes reach its registry, and whether it limits pulls",
  "container-config": (ns) => `make what it names in namespace ${ns}, or correct the template`,
  unschedulable: () => "let the template ask for less, or for other nodes; or add nodes",
  "node-not-made": () => "kubestackcmd doctor says which right at the master is missing",
};

/** What is to be done about a failure, as half a sentence; undefined where the reason itself says it, or nothing can be done. */
export function remedyOf(failure: string, { namespace }: { readonly namespace: string }): string | undefined {
  return (remedies as Partial<Record<string, (ns: string) => string>>)[failure]?.(namespace);
}
