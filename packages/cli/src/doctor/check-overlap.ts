import type { Configuration } from "@kubestack/configuration";
import { sentenceOf } from "@kubestack/contracts";
import type { Probe } from "@kubestack/jenkins";
import type { AskedMaster } from "./check-master.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn } = findingsOf("overlap");

/** Labels that are asked about at most, and how many at once. */
const mostLabels = 100;
const atOnce = 4;

/** The labels that a master is served. */
export function servedLabels({ templates }: Pick<Configuration, "templates">, master: string): string[] {
  const serving = templates.filter(({ masters }) => masters.includes("*") || masters.includes(master));
  return [...new Set(serving.flatMap(({ labels }) => labels))];
}

/** Asks for each label whether a cloud of the master provisions agents for it, too. */
export async function checkOverlap(
  { config: { name }, examination }: AskedMaster,
  labels: readonly string[],
  probe: Probe,
): Promise<readonly Finding[]> {
  if (probe.flavour === "hudson") return [ok(`${name}: Hudson has no clouds that could serve the same labels`)];
  const asked = labels.slice(0, mostLabels);
  const clouds = new Map<string, readonly string[]>();
  try {
    for (let at = 0; at < asked.length; at += atOnce)
      await Promise.all(
        asked.slice(at, at + atOnce).map(async (label) => clouds.set(label, await examination.cloudsOf(label))),
      );
  } catch (error) {
    return [warn(`${name}: whether clouds serve the same labels is unknown: ${sentenceOf(error)}`, "mend that first")];
  }
  return overlapFindings(name, clouds, labels.length - asked.length);
}

/** What the clouds of each label mean; `unasked` labels were too many. */
export function overlapFindings(
  master: string,
  clouds: ReadonlyMap<string, readonly string[]>,
  unasked: number,
): Finding[] {
  const double = [...clouds].filter(([, names]) => names.length > 0);
  return [
    ...double.map(([label, names]) => {
      const named = names.map((name) => `'${name}'`).join(", ");
      return warn(
        `${master}: label ${label} is also served by ${names.length === 1 ? "cloud" : "clouds"} ${named}: two pods for each build, one from each`,
        `take ${label} off the pod templates of ${named}, or off the templates here`,
      );
    }),
    ...(double.length === 0 ? [ok(`${master}: no cloud serves any of its ${clouds.size} labels`)] : []),
    ...(unasked > 0 ? [ok(`${master}: ${unasked} more labels were not asked about`)] : []),
  ];
}
