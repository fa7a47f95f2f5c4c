import { type Kind, type KindName, kinds, type TargetClass } from "./kinds.ts";
import { type Random, randomOf } from "./random.ts";

/** What a schedule is made for. */
export interface SchedulePlan {
  readonly seed: number;
  readonly builds: number;
  readonly kinds: readonly KindName[];
  readonly masters: readonly string[];
  /** Jobs that every master has, each as likely as the other. */
  readonly jobs: readonly string[];
  /** Names of KubeStack's processes. */
  readonly processes: readonly string[];
}

/** Times are milliseconds from the beginning of the run. */
export interface PlannedBuild {
  readonly atMs: number;
  readonly master: string;
  readonly job: string;
}

export interface PlannedFault {
  readonly atMs: number;
  readonly kind: KindName;
  /** A process, a master, or the name of the class where there is one only; whose pod it is to be is seen when it is time. */
  readonly target: string;
  readonly lastsMs: number;
  /** The master whose build is to show, after the fault, how soon all is well again: the one that it met, where it meets one. */
  readonly probe: string;
  /** From 0 up to 1: decides what is left open, such as which of the pods. */
  readonly pick: number;
}

export interface Schedule {
  readonly builds: readonly PlannedBuild[];
  readonly faults: readonly PlannedFault[];
}

/** Builds arrive one in so many milliseconds, on average. */
const msPerBuild = 750;
/** The first fault comes after this time; the last has ended when this part of the builds has come: the rest shows health. */
const firstFaultMs = 1_500;
const troubledPart = 0.8;
/** What a fault was done to needs a moment to be itself again, an API server that has to start a longer one. */
const restMs = 1_000;
const apiRestMs = 7_000;
const betweenFaultsMs: readonly [number, number] = [1_200, 4_000];

/** Everything that is going to happen: the same plan always gives the same schedule. */
export function scheduleOf(plan: SchedulePlan): Schedule {
  const random = randomOf(plan.seed);
  return { builds: buildsOf(plan, random), faults: faultsOf(plan, random) };
}

/** In bursts, with pauses between them. */
function buildsOf({ builds, masters, jobs }: SchedulePlan, random: Random): PlannedBuild[] {
  const planned: PlannedBuild[] = [];
  for (let at = 0; planned.length < builds; ) {
    const burst = Math.min(builds - planned.length, random.between(1, 6));
    const master = random.oneOf(masters);
    for (let count = 0; count < burst; count += 1)
      planned.push({ atMs: at + random.between(0, 300), master, job: random.oneOf(jobs) });
    at += random.between(0, 2 * burst * msPerBuild);
  }
  return planned.sort((a, b) => a.atMs - b.atMs);
}

/** Each kind once, in some order, before any of them comes again; a rare one no more often than it may. */
function faultsOf(plan: SchedulePlan, random: Random): PlannedFault[] {
  const endMs = plan.builds * msPerBuild * troubledPart;
  const busyUntil = new Map<string, number>();
  const faults: PlannedFault[] = [];
  let deck: KindName[] = [];
  let passedOver = 0;
  const mayCome = (name: KindName): boolean => {
    const { onceIn = 1 }: Kind = kinds[name];
    return faults.filter(({ kind }) => kind === name).length < Math.max(1, Math.floor(plan.builds / onceIn));
  };
  for (let at = firstFaultMs; at < endMs; ) {
    if (deck.length === 0) deck = random.shuffled(plan.kinds.filter(mayCome));
    if (deck.length === 0) break;
    const name = deck.shift() as KindName;
    const lastsMs = random.between(...kinds[name].lastsMs);
    const free = targetsOf(kinds[name].target, plan).filter((target) => (busyUntil.get(target) ?? 0) <= at);
    // A kind that finds nothing free, or would last too long, waits for a later turn; where none fits, time goes on.
    if (free.length === 0 || at + lastsMs > endMs) {
      deck.push(name);
      passedOver += 1;
      if (passedOver > deck.length) at += random.between(...betweenFaultsMs);
      continue;
    }
    passedOver = 0;
    const target = random.oneOf(free);
    busyUntil.set(target, at + lastsMs + (target === "api" ? apiRestMs : restMs));
    const probe = plan.masters.includes(target) ? target : random.oneOf(plan.masters);
    faults.push({ atMs: at, kind: name, target, lastsMs, probe, pick: random.next() });
    at += random.between(...betweenFaultsMs);
  }
  return faults;
}

function targetsOf(target: TargetClass, { processes, masters }: SchedulePlan): readonly string[] {
  switch (target) {
    case "process":
      return processes;
    case "supervisor":
      return processes.filter((name) => name.startsWith("slave-supervisor"));
    case "master":
      return masters;
    case "nats":
    case "api":
    case "pod":
    case "machine":
      return [target];
  }
}
