import { buckets, channels, commands, hasCode, keys, type OrderRequest, subjects } from "@kubestack/contracts";
import { followers, SharedFile } from "./shared-file.ts";
import { Site, type SiteOptions, serviceNames } from "./site.ts";
import { unrest } from "./unrest.ts";
import { Process } from "./virtual-time.ts";

const templates = [
  { name: "python", labels: ["python"] },
  { name: "java", labels: ["java"] },
];
/** Nothing is done to the first; the second is paused and drained; the third leaves the file and comes back; the last comes late. */
const names = ["still", "held", "gone", "late"] as const;
const builds = 15;
const longestMs = 3 * 60 * 60_000;
const restMs = 60_000;
const dayMs = 25 * 60 * 60_000;

export interface ChangingDay extends Partial<SiteOptions> {
  readonly seed: number;
  /** Whether processes die, stand still, end and come meanwhile; there are two of each service then. */
  readonly isUnruly?: boolean;
}

/** What came of a master's builds. */
export interface MastersEnd {
  readonly built: number;
  readonly shared: number;
  readonly launched: number;
  readonly withdrawn: number;
  readonly served: number;
  readonly killed: number;
}

export interface ChangingDaysEnd {
  readonly isOver: boolean;
  readonly masters: Readonly<Record<string, MastersEnd>>;
  /** Launches of the second master between the answer to an order and the next one. */
  readonly launchedWhileHeld: number;
  /** How often it was held. */
  readonly holds: number;
  /** How often the third one was left for good, as it was told. */
  readonly leavings: number;
  /** What was left of the third one after it had left the file for good. */
  readonly left: readonly string[];
  /** Records of slaves a day later. */
  readonly records: number;
}

/** Lives through a day on which the masters of the configuration change amid their bursts. */
export async function liveThroughChanges(day: ChangingDay): Promise<ChangingDaysEnd> {
  const file = new SharedFile(templates, ["still", "held", "gone"]);
  const site = new Site({ templates, masters: names, assignment: "shuffled", starters: followers(file), ...day });
  const { time } = site;
  site.nats.keepsMastersAtOnce = false;
  try {
    await site.start();
    const left = { changes: 3, builds: builds * names.length };
    const arrived = (): void => {
      left.builds -= 1;
    };
    for (const name of names) burst(site, name, arrived);
    if (day.isUnruly) unrest(serviceNames)(site);
    const holding = hold(site);
    const change = (at: number, masters: () => readonly string[]): void =>
      void time.in(at, () => {
        left.changes -= 1;
        file.write(time.now, masters());
      });
    const without = (name: string) => file.masters.filter((one) => one !== name);
    change(time.between(2_000, 30_000), () => [...file.masters, "late"]);
    const goneAt = time.between(2_000, 30_000);
    change(goneAt, () => without("gone"));
    change(goneAt + time.between(5_000, 120_000), () => [...file.masters, "gone"]);
    const cores = [...site.masters.values()].map(({ core }) => core);
    const isQuiet = (): boolean =>
      cores.every((core) => core.items().length === 0 && core.works().every(({ endedAtMs }) => endedAtMs !== null));
    const hasEnded = (): boolean =>
      left.changes === 0 && left.builds === 0 && holding.isOver && isQuiet() && site.isEmpty;
    const isOver = await time.run(longestMs, hasEnded);
    const masters = Object.fromEntries(names.map((name) => [name, endOf(site, name)]));
    const { launched: launchedWhileHeld, holds } = holding;
    file.write(time.now, without("gone"));
    await time.run(longestMs, () => remainsOf(site, "gone").length === 0);
    const told = site.nats.kept(channels.master, subjects.master("gone", "removed"));
    const end = { isOver, masters, launchedWhileHeld, holds, leavings: told.length, left: remainsOf(site, "gone") };
    // Whoever disturbs the site may have a process to start still.
    await time.run(restMs);
    for (const name of serviceNames) for (const process of site.replicas(name)) time.kill(process);
    await time.run(dayMs);
    return { ...end, records: site.records.filter(({ master }) => master === "gone").length };
  } finally {
    site.end();
  }
}

/** A master's builds, in bursts with pauses between them. */
function burst(site: Site, name: string, arrived: () => void): void {
  const { time } = site;
  const core = site.masters.get(name)?.core;
  if (core === undefined) return;
  const jobs = templates.map(({ name: label }) => label);
  for (const label of jobs) core.createJob({ name: label, label, durationMs: [1_000, 20_000], parameters: { N: "0" } });
  let at = 0;
  for (let number = 1; number <= builds; number += 1) {
    at += time.chance(0.2) ? time.between(0, 20_000) : time.between(0, 100);
    const job = jobs[Math.floor(time.random() * jobs.length)] ?? "python";
    time.in(at, () => {
      arrived();
      core.build(job, { parameters: { N: String(number) } });
    });
  }
}

/** Pauses the second master for a while, and drains it for a while, in the person's own process. */
function hold(site: Site) {
  const { time } = site;
  const person = new Process("person");
  const bus = site.nats.connect(person);
  const holding = { isOver: false, launched: 0, holds: 0 };
  const next = () => site.nats.value(buckets.ledger, keys.ledger("held"));
  const ask = async (wants: OrderRequest["wants"]): Promise<void> => {
    for (;;) {
      try {
        await bus.request(commands.orderMaster, { master: "held", wants, by: "ann", reason: "" }, { master: "held" });
        return;
      } catch (error) {
        // An earlier try was kept, and its answer lost.
        if (hasCode(error, "already-exists", "not-found")) return;
        await time.passed(1_000);
      }
    }
  };
  const live = async (): Promise<void> => {
    await time.passed(time.between(1_000, 20_000));
    for (const wants of ["pause", "drain"] as const) {
      await ask(wants);
      const before = next();
      await time.passed(time.between(5_000, 60_000));
      holding.launched += (next()?.next ?? 0) - (before?.next ?? 0);
      holding.holds += 1;
      await ask("resume");
      await time.passed(time.between(0, 5_000));
    }
    holding.isOver = true;
  };
  time.as(person, () => void live());
  return holding;
}

function endOf(site: Site, name: string): MastersEnd {
  const core = site.masters.get(name)?.core;
  const records = site.records.filter(({ master }) => master === name);
  const ran = (core?.works() ?? []).filter(({ startedAtMs }) => startedAtMs !== null);
  const count = (outcome: string): number => records.filter(({ life }) => life.outcome === outcome).length;
  return {
    built: ran.length,
    shared: ran.length - new Set(ran.map(({ node }) => node)).size,
    launched: records.length,
    withdrawn: count("withdrawn"),
    served: count("served"),
    killed: core?.killed().length ?? 0,
  };
}

/** What there is of a master besides the records of its slaves that are over. */
function remainsOf(site: Site, name: string): string[] {
  const { nats, masters } = site;
  const nodes = [...(masters.get(name)?.core.state.nodes.keys() ?? [])].filter((node) => node.startsWith("ks-"));
  const isThere: [string, boolean][] = [
    ["ledger", nats.value(buckets.ledger, keys.ledger(name)) !== undefined],
    ["kept", nats.value(buckets.masters, keys.master(name)) !== undefined],
    ...serviceNames.map((service): [string, boolean] => [
      `${service}'s lease`,
      nats.value(buckets.leases, keys.lease(service, name)) !== undefined,
    ]),
    ["slaves", site.records.some(({ master, state }) => master === name && state !== "deleted")],
  ];
  return [...nodes, ...isThere.flatMap(([what, is]) => (is ? [what] : []))];
}
