import { KubestackError } from "@kubestack/contracts";
import { masterNames, type Observation } from "@kubestack/explain";

/** Raises `not-found`, with the names that there are, where no master is called so. */
export function checkName(master: string, seen: Observation): void {
  const names = masterNames(seen);
  if (names.includes(master)) return;
  throw new KubestackError(
    "not-found",
    `No master is called '${master}'; ${names.length === 0 ? "none is served" : `there are ${names.join(", ")}`}.`,
    { retry: "never" },
  );
}
