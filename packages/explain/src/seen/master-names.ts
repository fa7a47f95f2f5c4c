import { serviceNames } from "@kubestack/contracts";
import type { Observation } from "./observation.ts";

/** Those that a service serves, or that are kept; where there are none, those that a round is of. */
export function masterNames(seen: Pick<Observation, "services" | "slaves" | "kept" | "rounds">): string[] {
  const served = serviceNames.flatMap((name) => {
    const answer = seen.services[name];
    return answer.state === "ok" ? answer.status.masters.map(({ master }) => master) : [];
  });
  const living = seen.slaves.filter(({ state }) => state !== "deleted").map(({ master }) => master);
  const known = [...served, ...seen.kept.keys()];
  return [...new Set([...(known.length > 0 ? known : seen.rounds.keys()), ...living])].sort();
}
