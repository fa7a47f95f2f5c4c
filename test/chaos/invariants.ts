import type { SlaveRecord } from "@kubestack/contracts";
import { slaveName } from "@kubestack/slave";
import { type BuildSeen, buildText, type History } from "./history.ts";
import { kinds } from "./kinds.ts";

/** Something that must never be. */
export interface Violation {
  /** The rule that it breaks. */
  readonly rule: string;
  readonly says: string;
  /** Whose stories are to be told. */
  readonly slaves: readonly string[];
}

type Finding = Omit<Violation, "rule">;

/** What must hold, whatever is done to the services, to NATS, to the cluster and to the masters. */
const rules: Readonly<Record<string, (history: History) => readonly Finding[]>> = {
  "a run comes to its end": ({ cutBecause }) => (cutBecause === null ? [] : [{ says: cutBecause, slaves: [] }]),
  "every build ends well, unless a fault ended it": unluckyBuilds,
  "KubeStack kills no build": needlessKills,
  "a slave has one pod at most": doubledPods,
  "a master's cap holds at every instant": ({ crowds }) =>
    crowds.map(({ master, slaves, cap }) => ({ says: `${master}: ${slaves.length} pods, its cap is ${cap}`, slaves })),
  "every launch is in one class": launchesWithoutClass,
  "who ran a build served, and nobody else": wrongOutcomes,
  "no launch fails unless a fault took it": needlessFailures,
  "no more is launched than builds need": needlessLaunches,
  "nothing is left over": ({ leftovers }) =>
    leftovers.map(({ what, master, slave }) => ({ says: `${master}: ${what} ${slave}`, slaves: [slave] })),
};

/** Everything that broke a rule, in the order of the rules. */
export function violationsOf(history: History): Violation[] {
  return Object.entries(rules).flatMap(([rule, find]) => find(history).map((finding) => ({ rule, ...finding })));
}

/** Builds that ran on each node, by the node's name. */
export function buildsByNode({ builds }: Pick<History, "builds">): ReadonlyMap<string, readonly BuildSeen[]> {
  const byNode = new Map<string, BuildSeen[]>();
  for (const build of builds)
    if (build.node !== null) byNode.set(build.node, [...(byNode.get(build.node) ?? []), build]);
  return byNode;
}

/** Builds of a master that ran on a slave that had run one before. */
export function sharedBuilds(history: Pick<History, "builds">, master: string): number {
  return [...buildsByNode(history).values()]
    .filter(([first]) => first?.master === master)
    .reduce((sum, { length }) => sum + length - 1, 0);
}

/** Whether a fault had taken the slave by then. */
function isVictim({ faults }: History, slave: string | null, at: number): boolean {
  return faults.some(({ victims, beganAt }) => slave !== null && victims.includes(slave) && beganAt <= at);
}

function unluckyBuilds(history: History): Finding[] {
  const killed = new Set(history.kills.map(({ build }) => build));
  return history.builds.flatMap((build) => {
    const { node, endedAt, result, endedBy, startedAt } = build;
    const slaves = node === null ? [] : [node];
    if (endedAt === null)
      return [{ says: `${buildText(build)} ${startedAt === null ? "never began" : `still runs on ${node}`}`, slaves }];
    if (result === "SUCCESS" || endedBy === "restart" || killed.has(buildText(build))) return [];
    return [{ says: `${buildText(build)} ended ${result} on ${node} (by ${endedBy})`, slaves }];
  });
}

function needlessKills(history: History): Finding[] {
  return history.kills
    .filter(({ node, at }) => !isVictim(history, node, at))
    .map(({ node, build, by }) => ({ says: `${build} on ${node}: ${by}`, slaves: node === null ? [] : [node] }));
}

/** A pod that somebody removed before its creation was answered may be created again: no agent can have run in it. */
function doubledPods({ pods, faults }: History): Finding[] {
  return [...Map.groupBy(pods, ({ slave }) => slave)].flatMap(([slave, own]) => {
    const removed = faults.filter(({ victims }) => victims.includes(slave)).length;
    if (own.length <= 1 + removed) return [];
    const list = own.map(({ name, uid }) => `${name} (${uid.slice(0, 8)})`).join(", ");
    return [{ says: `${slave} had ${own.length}: ${list}`, slaves: [slave] }];
  });
}

/** Every number that a ledger granted has a record; each is alive, and then in the ledger, or has one outcome. */
function launchesWithoutClass({ ledgers, records }: History): Finding[] {
  const byName = new Map(records.map((record) => [record.name, record]));
  return ledgers.flatMap(({ master, epoch, next, live }) =>
    Array.from({ length: next - 1 }, (_, at) => at + 1).flatMap((number): Finding[] => {
      const name = slaveName({ master, epoch, number });
      const record = byName.get(name);
      const isLive = live.some((one) => one.number === number);
      if (record === undefined) return [{ says: `${name} was launched and has no record`, slaves: [name] }];
      const isOver = record.state === "deleted";
      if (isOver && record.life.outcome === null)
        return [{ says: `${name} is over, without an outcome`, slaves: [name] }];
      return isOver || isLive ? [] : [{ says: `${name} lives and is not in the ledger`, slaves: [name] }];
    }),
  );
}

function wrongOutcomes(history: History): Finding[] {
  const byNode = buildsByNode(history);
  return history.records.flatMap((record) => {
    const { name, life } = record;
    const { outcome } = life;
    const ran = byNode.get(name) ?? [];
    if (outcome === "served" && ran.length === 0) return [{ says: `${name} served, but ran no build`, slaves: [name] }];
    // Of a build that a fault cut off at once, or of a slave that one took, nobody need have heard in time.
    const ranWhole = ran.filter((build) => build.endedBy === "itself" && !wasUnseen(history, build));
    const isTaken = isVictim(history, name, Number.POSITIVE_INFINITY);
    if (outcome === null || outcome === "served" || ranWhole.length === 0 || isTaken) return [];
    if (wasFoundAgain(history, record)) return [];
    return [{ says: `${name} is ${outcome}, but ran ${ranWhole.map(buildText).join(", ")}`, slaves: [name] }];
  });
}

/** Whether NATS's store was lost while it lived: what it had run is not known any more; a later epoch gives the numbers. */
function wasFoundAgain({ ledgers }: History, { master, epoch }: SlaveRecord): boolean {
  return ledgers.some((ledger) => ledger.master === master && ledger.epoch !== epoch);
}

/** Until everything is read again after a fault, in milliseconds. */
const blindAfterMs = 5_000;

/** Whether it came, ran and ended while a fault kept everybody from reading of it: nothing is left at its master that tells. */
function wasUnseen({ faults }: History, { queuedAt, endedAt }: BuildSeen): boolean {
  return faults.some(
    (fault) =>
      kinds[fault.kind].target !== "pod" &&
      kinds[fault.kind].target !== "api" &&
      queuedAt >= fault.beganAt - 1_000 &&
      (endedAt ?? Number.POSITIVE_INFINITY) <= fault.endedAt + blindAfterMs,
  );
}

function needlessFailures(history: History): Finding[] {
  return history.records
    .filter(({ name, life }) => life.outcome === "failed" && !isVictim(history, name, Number.POSITIVE_INFINITY))
    .map(({ name, life }) => ({
      says: `${name} failed: ${life.trail.find(({ state }) => state === "draining")?.reason}`,
      slaves: [name],
    }));
}

/**
 * Labels do not overlap and nothing is cancelled: a slave is left over where a build shared another's, or where a fault
 * took slaves away for a while and others were launched in their place.
 */
function needlessLaunches(history: History): Finding[] {
  const byNode = buildsByNode(history);
  const ran = (name: string): boolean => byNode.has(name);
  return history.ledgers.flatMap(({ master }) => {
    const own = history.records.filter((record) => record.master === master);
    const withdrawn = own.filter(
      (record) => record.life.outcome === "withdrawn" && !(ran(record.name) && wasFoundAgain(history, record)),
    );
    const costs = history.faults.filter(({ kind, detail }) => kinds[kind].costsSlaves && detail !== "nothing to meet");
    const lost = costs
      .filter(({ target, victims }) => target === master || own.some(({ name }) => victims.includes(name)))
      .reduce((sum, { victims, beganAt }) => sum + (victims.length || livingAt(own, beganAt)), 0);
    const allowed = sharedBuilds(history, master) + lost;
    if (withdrawn.length <= allowed) return [];
    return [
      {
        says: `${master}: ${withdrawn.length} of ${own.length} slaves were launched for nothing; builds that shared one and faults that took some account for ${allowed}`,
        slaves: withdrawn.map(({ name }) => name),
      },
    ];
  });
}

function livingAt(records: readonly SlaveRecord[], at: number): number {
  return records.filter(({ life: { trail }, state }) => {
    const last = trail.at(-1)?.at ?? 0;
    return (trail[0]?.at ?? 0) <= at && (state !== "deleted" || last >= at);
  }).length;
}
