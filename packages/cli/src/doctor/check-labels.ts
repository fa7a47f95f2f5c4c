import type { JenkinsMasterConfig } from "@kubestack/configuration";
import { sentenceOf } from "@kubestack/contracts";
import type { JobSight, Probe } from "@kubestack/jenkins";
import type { AskedMaster } from "./check-master.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn } = findingsOf("labels");

/** What is known of where a master tells labels. */
export interface LabelSources {
  readonly probe: Probe;
  readonly sight: JobSight;
  /** How many anchors stand there. */
  readonly anchors: number;
}

/** Asks where the master tells which label a waiting build wants. */
export async function checkLabels(asked: AskedMaster, probe: Probe): Promise<readonly Finding[]> {
  const { master, examination, config } = asked;
  try {
    const sight = await examination.jobs(probe.flavour);
    const anchors = (await master.readComputers()).computers.filter(({ name }) => name.startsWith("ks-anchor-")).length;
    return labelFindings(config, { probe, sight, anchors });
  } catch (error) {
    return [warn(`${config.name}: its sources of labels can't be read: ${sentenceOf(error)}`, "mend that first")];
  }
}

/** The release of Jenkins that first exported a job's label. */
const exportsLabelSince = [2, 94] as const;

/** What the sources mean. */
export function labelFindings(
  { name, user, anchors: wanted }: JenkinsMasterConfig,
  { probe, sight, anchors }: LabelSources,
): Finding[] {
  const isJenkins = probe.flavour === "jenkins";
  const tellsLabel = sight.tellsLabel ?? (isJenkins && isAtLeast(probe.version, exportsLabelSince));
  const sources = [
    ...(tellsLabel ? ["the queue (labelExpression)"] : []),
    ...(sight.readsConfig === true ? ["a job's configuration"] : []),
    "the sentence on why a build waits",
  ];
  return [
    ok(`${name}: labels are told by ${sources.join(", ")}`),
    ...(sight.readsConfig === false
      ? [
          (tellsLabel ? ok : warn)(
            `${name}: the configuration of a job can't be read${tellsLabel ? ", which only jobs need whose label shows nowhere else" : ": it is the only sure source on this master"}`,
            ...(tellsLabel ? [] : [`give user ${user} Job/ExtendedRead, or Job/Configure where there is none`]),
          ),
        ]
      : []),
    ...(isJenkins ? anchorFindings(name, { wanted, anchors }) : []),
  ];
}

function anchorFindings(name: string, { wanted, anchors }: { wanted: "auto" | "off"; anchors: number }): Finding[] {
  if (wanted === "off")
    return [
      warn(
        `${name}: anchors are off: a pipeline's label is hidden while the master has no node, or just one with it`,
        `anchors: auto in masters[${name}]`,
      ),
    ];
  if (anchors >= 2) return [ok(`${name}: its anchors are there: a pipeline's label is never hidden`)];
  return [ok(`${name}: its anchors are not there yet; the slave-supervisor makes them when it begins`)];
}

/** A version that can't be read is taken for a new one: such are builds from a branch. */
function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const found = /^(\d{1,6})\.(\d{1,6})/.exec(version);
  if (found === null) return true;
  const [hasMajor, hasMinor] = [Number(found[1]), Number(found[2])];
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
