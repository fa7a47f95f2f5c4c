import type { Ledger, SlaveRecord } from "@kubestack/contracts";
import { carryOut } from "./faults.ts";
import type { FaultDone, History, Leftover } from "./history.ts";
import { masterOf, slaveOf } from "./pod-watch.ts";
import type { Schedule } from "./schedule.ts";
import type { World } from "./world.ts";

/** Everything is ready so soon after its start, in milliseconds, or there is something wrong with the machine. */
const readyMs = 90_000;
const lookMs = 250;

export interface RunOptions {
  /**
   * From the last of the schedule until all is over, in milliseconds. Default two and a half minutes: slaves that nobody
   * needs have a grace of half a minute, templates that failed are held for as long.
   */
  readonly settleMs?: number;
  /** Told each fault as it begins. */
  readonly say?: (line: string) => void;
}

/** Lives through a schedule, waits until nothing is left or time is up, and tells what was seen. */
export async function live(world: World, schedule: Schedule, options: RunOptions = {}): Promise<History> {
  const { settleMs = 150_000, say } = options;
  await untilSupervised(world);
  const beganAt = Date.now();
  const faults: FaultDone[] = [];
  const timers: NodeJS.Timeout[] = [];
  const at = (ms: number, act: () => void): void => void timers.push(setTimeout(act, ms));
  for (const { atMs, master, job } of schedule.builds) at(atMs, () => world.masters.get(master)?.build(job));
  const troubles = schedule.faults.map(
    (fault) =>
      new Promise<void>((resolve, reject) => {
        at(fault.atMs, () => {
          say?.(`${(fault.atMs / 1000).toFixed(1).padStart(6)} s  ${fault.kind} ${fault.target} ${fault.lastsMs} ms`);
          carryOut(world, fault).then((done) => {
            faults.push(done);
            resolve();
          }, reject);
        });
      }),
  );
  let arrived = false;
  at(schedule.builds.at(-1)?.atMs ?? 0, () => {
    arrived = true;
  });
  try {
    const cutBecause = await ended({ world, settleMs, over: Promise.all(troubles), hasArrived: () => arrived });
    return await historyOf(world, { beganAt, cutBecause, faults });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Null when nothing is left; else why it was not waited for any longer. */
async function ended(of: {
  world: World;
  settleMs: number;
  over: Promise<unknown>;
  hasArrived: () => boolean;
}): Promise<string | null> {
  const { world, settleMs, over, hasArrived } = of;
  await over;
  let until = Date.now() + settleMs;
  for (;;) {
    const isIdle = [...world.masters.values()].every((master) => master.isIdle());
    if (!hasArrived()) until = Date.now() + settleMs;
    else if (isIdle && (await leftoversOf(world).catch(() => undefined))?.length === 0) return null;
    if (Date.now() > until)
      return `${settleMs / 1000} s after the last build came and the last fault ended ${isIdle ? "something was left" : "builds still waited or ran"}`;
    await pause(lookMs);
  }
}

async function untilSupervised(world: World): Promise<void> {
  const deadline = Date.now() + readyMs;
  for (;;) {
    const owned = new Set((await world.services.takeovers()).map(({ master }) => master));
    if (owned.size === world.masters.size) return;
    if (Date.now() > deadline)
      throw new Error(`nobody supervises every master after ${readyMs / 1000} s; the logs tell why`);
    await pause(lookMs);
  }
}

async function historyOf(world: World, seen: Pick<History, "beganAt" | "cutBecause" | "faults">): Promise<History> {
  const { watch, services, podsCreated } = world;
  const masters = [...world.masters.values()];
  const created = podsCreated.map(({ at, slave, name, uid, isAnswerLost }) => ({
    at,
    slave,
    what: `pod created: ${name} (${uid.slice(0, 8)})${isAnswerLost ? ", the answer was lost" : ""}`,
  }));
  const unreadable = await leftoversOf(world).then(
    () => null,
    (error: unknown) => `KubeStack's store can't be read any more: ${error instanceof Error ? error.message : error}`,
  );
  const isReadable = unreadable === null;
  return {
    ...seen,
    cutBecause: seen.cutBecause ?? unreadable,
    endedAt: Date.now(),
    builds: masters.flatMap((master) => master.builds()),
    kills: masters.flatMap((master) => master.kills()),
    records: isReadable ? await recordsOf(world) : [],
    ledgers: isReadable ? await ledgersOf(world) : [],
    pods: [...watch.seen.values()],
    crowds: [...watch.crowds],
    leftovers: isReadable ? await leftoversOf(world) : [],
    takeovers: await services.takeovers(),
    startedAgain: services.endedByThemselves.map(({ process }) => process),
    sightings: [...watch.sightings, ...created, ...masters.flatMap((master) => master.sightings())],
  };
}

async function recordsOf({ bus }: World): Promise<SlaveRecord[]> {
  return (await bus.slaves.list()).map(({ value }) => value);
}

async function ledgersOf({ bus }: World): Promise<Ledger[]> {
  return (await bus.ledger.list()).map(({ value }) => value);
}

/** What of any slave is still there: on the cluster, at its master, in the store. */
async function leftoversOf(world: World): Promise<Leftover[]> {
  const [records, ledgers] = [await recordsOf(world), await ledgersOf(world)];
  const own = (name: string): boolean => name.startsWith("ks-") && !name.startsWith("ks-anchor-");
  return [
    ...world.watch.all().map((pod) => ({ what: "pod" as const, master: masterOf(pod), slave: slaveOf(pod) })),
    ...world.watch.secrets().map((slave) => ({ what: "Secret" as const, master: "", slave })),
    ...[...world.masters.values()].flatMap(({ name: master, jenkins }) =>
      [...jenkins.core.state.nodes.keys()].filter(own).map((slave) => ({ what: "node" as const, master, slave })),
    ),
    ...ledgers.flatMap(({ master, live }) =>
      live.map(({ number }) => ({ what: "ledger entry" as const, master, slave: String(number) })),
    ),
    ...records
      .filter(({ state }) => state !== "deleted")
      .map(({ master, name: slave }) => ({ what: "record" as const, master, slave })),
  ];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
