import { hasCode } from "@kubestack/contracts";
import type { JobSight, Probe } from "@kubestack/jenkins";
import { type AskedMaster, saidBy } from "./check-master.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { type Trial, type TrialReport, trialPrefix, tryRights } from "./trial-node.ts";

const { ok, warn, fail } = findingsOf("rights");

/** How the rights are to be tried. */
export interface RightsOptions {
  readonly probe: Probe;
  /** Nothing may be changed at the master. */
  readonly readOnly: boolean;
  /** Random, of letters and digits: the node's name ends with it. */
  readonly suffix: string;
  readonly signal: AbortSignal;
}

/** Tries every right at the master: by reading, and on a trial node. */
export async function checkRights(asked: AskedMaster, options: RightsOptions): Promise<readonly Finding[]> {
  const { master, examination, config } = asked;
  const { name, user } = config;
  const read = [
    ...(await readFindings(asked)),
    ...(await examination.jobs(options.probe.flavour).then(
      (sight) => jobFindings(name, user, sight),
      (error: unknown) => [refusal(name, user, { right: "Overall/Read", error, what: "may not read the jobs" })],
    )),
  ];
  if (options.readOnly)
    return [...read, ok(`${name}: the rights to make and remove nodes were not tried (--read-only)`)];
  const report = await tryRights(master, `${trialPrefix}${options.suffix}`, options.signal);
  return [...read, ...trialFindings(report, { name, user, flavour: options.probe.flavour })];
}

async function readFindings({ master, config: { name, user } }: AskedMaster): Promise<Finding[]> {
  try {
    const { computers } = await master.readComputers();
    await master.readQueue();
    const left = computers.filter((computer) => computer.name.startsWith(trialPrefix));
    return [
      ok(`${name}: Overall/Read (computers and queue were read)`),
      ...left.map((computer) =>
        warn(
          `${name}: node ${computer.name} was left by a doctor that was cut short`,
          `delete it on the master, unless another doctor runs just now`,
        ),
      ),
    ];
  } catch (error) {
    return [refusal(name, user, { right: "Overall/Read", error, what: "may not read computers and queue" })];
  }
}

function jobFindings(name: string, user: string, { seen }: JobSight): Finding[] {
  if (seen > 0)
    return [ok(`${name}: Job/Read (${seen === 1 ? "1 job or folder is" : `${seen} jobs and folders are`} seen)`)];
  return [
    warn(
      `${name}: user ${user} sees no job: there is none, or Job/Read is missing`,
      `give it Job/Read for every job that is to be served: builds of others are not even seen to wait`,
    ),
  ];
}

/** The right that each trial needs, and what is not possible without. */
const needs: Readonly<Record<Trial, { readonly right: string; readonly what: string }>> = {
  create: { right: "Agent/Create", what: "no slave can be made" },
  mark: { right: "Agent/Disconnect", what: "no slave can be marked offline, so none is ever removed safely" },
  "bring back": { right: "Agent/Connect", what: "no mark can be taken away" },
  secret: { right: "Agent/Connect", what: "no agent can be given its secret" },
  delete: { right: "Agent/Delete", what: "no node can be removed" },
};

/** What the trials mean. */
export function trialFindings(
  { node, done, refused, stopped }: TrialReport,
  { name, user, flavour }: { readonly name: string; readonly user: string; readonly flavour: Probe["flavour"] },
): Finding[] {
  const tried = new Set(done.map((trial) => needs[trial].right));
  for (const trial of refused.keys()) tried.delete(needs[trial].right);
  const good = [...tried].map((right) => right.slice("Agent/".length)).sort();
  const hudson = flavour === "hudson" ? ["on Hudson the user has to be an administrator"] : [];
  return [
    ...(good.length === 0
      ? []
      : [
          ok(
            `${name}: Agent/{${good.join(",")}} (tried on a node that ${refused.has("delete") ? "is still there" : "is gone again"})`,
          ),
        ]),
    ...[...refused].map(([trial, error]) => {
      const { right, what } = needs[trial];
      const finding = refusal(name, user, { right, error, what });
      const byHand = trial === "delete" ? [`delete node ${node} on the master by hand`] : [];
      return { ...finding, fix: [...finding.fix, ...hudson, ...byHand] };
    }),
    ...(refused.has("create")
      ? [warn(`${name}: the other rights at nodes were not tried, for none could be made`, "mend that first")]
      : []),
    ...(stopped ? [warn(`${name}: interrupted: not every right was tried`, "run doctor again")] : []),
  ];
}

/** A refusal names the right; what is none, such as a master that broke off, is told as it is. */
function refusal(
  name: string,
  user: string,
  { right, error, what }: { readonly right: string; readonly error: unknown; readonly what: string },
): Finding {
  if (hasCode(error, "credential-refused"))
    return fail(`${name}: ${right} is refused: ${what} (${saidBy(error)})`, `give user ${user} ${right} on the master`);
  return fail(`${name}: ${right} could not be tried: ${saidBy(error)}`, "run doctor again once that is mended");
}
