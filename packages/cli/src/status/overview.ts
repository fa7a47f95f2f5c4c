import { offsetAlertMs } from "@kubestack/bus";
import { type PoolStanding, type ServiceName, type SlaveState, serviceNames } from "@kubestack/contracts";
import {
  type MasterStanding,
  masterNames,
  type Observation,
  ownerOf,
  printSpan,
  roundAgeMs,
  type ServiceAnswer,
  type ServiceProcess,
  standingOf,
  statusOf,
  type Waiting,
  waitingOf,
} from "@kubestack/explain";
import { isHeld } from "@kubestack/slave";
import { holdsIn } from "../holds/known-holds.ts";
import { poolFixes } from "../pools/pool-fixes.ts";
import { clockNote } from "../text/clock-note.ts";

/** One master, with its slaves counted by state. */
export interface MasterOverview extends MasterStanding {
  readonly master: string;
  /** Builds that wait; null while unknown. */
  readonly waiting: number | null;
  /** When the oldest began to wait, by the master's clock, in milliseconds. */
  readonly oldestSince: number | null;
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  readonly draining: number;
  readonly owner: string | null;
}

/** Something that a person has to mend. */
export interface Fix {
  readonly about: string;
  /** When it began, in milliseconds, where that is known. */
  readonly since: number | null;
  readonly sentence: string;
}

/** One service, and the processes that run it. */
export interface ServiceOverview {
  readonly name: ServiceName;
  readonly state: string;
  readonly detail: string;
  readonly processes: readonly string[];
}

/** Everything that `status` shows. */
export interface Overview extends Waiting {
  readonly install: string | null;
  readonly versions: readonly string[];
  readonly services: readonly ServiceOverview[];
  readonly slaves: number;
  /** Slaves that people hold, of those. */
  readonly heldSlaves: number;
  /** What is held back at masters since launches failed. */
  readonly holds: number;
  readonly cluster: { readonly state: "ok" | "unavailable" | "unknown"; readonly detail: string };
  readonly masters: readonly MasterOverview[];
  /** The node pools; none where nobody scales any. */
  readonly pools: readonly PoolStanding[];
  readonly fixes: readonly Fix[];
}

export function overviewOf(seen: Observation, now: number): Overview {
  const answers = serviceNames.map((name) => ({ name, answer: seen.services[name] }));
  const statuses = answers.flatMap(({ answer }) => (answer.state === "ok" ? [answer.status] : []));
  const masters = masterNames(seen).map((master) => masterOf(master, seen, now));
  return {
    install: statuses.find(({ install }) => install !== "")?.install ?? seen.slaves[0]?.install ?? null,
    versions: [...new Set(answers.flatMap(({ answer }) => processesOf(answer).map(({ version }) => version)))],
    services: answers.map(({ name, answer }) => ({
      name,
      state: answer.state,
      detail: answer.state === "ok" ? "" : answer.detail,
      processes: processesOf(answer).map(({ process }) => process),
    })),
    slaves: seen.slaves.filter(({ state }) => state !== "deleted").length,
    heldSlaves: seen.slaves.filter(({ state, life }) => state !== "deleted" && isHeld(life)).length,
    holds: holdsIn(seen.plans.values(), now).length,
    cluster: clusterOf(seen),
    masters,
    pools: seen.pools?.pools ?? [],
    ...waitingOf(masters, seen),
    fixes: [
      ...serviceFixes(seen),
      ...clusterFixes(seen),
      ...masters.flatMap(masterFix),
      ...sourceFixes(seen),
      ...poolFixes(seen.pools, now),
      ...noteFixes(seen),
      ...clockFixes(seen, now),
    ],
  };
}

function processesOf(answer: ServiceAnswer): readonly ServiceProcess[] {
  return answer.state === "ok" ? (answer.processes ?? [answer.status]) : [];
}

function masterOf(master: string, seen: Observation, now: number): MasterOverview {
  const slaves = seen.slaves.filter((slave) => slave.master === master);
  const count = (...states: SlaveState[]): number => slaves.filter(({ state }) => states.includes(state)).length;
  const standing = standingOf(master, seen, now);
  return {
    master,
    ...standing,
    ...queueOf(master, seen, now),
    starting: count("requested", "scheduled"),
    idle: count("online"),
    busy: count("busy"),
    draining: count("draining"),
    owner: ownerOf(master, seen),
  };
}

function queueOf(master: string, seen: Observation, now: number) {
  const collector = statusOf("demand-collector", master, seen);
  if (collector !== undefined && collector.state !== "waiting")
    return { waiting: collector.waiting, oldestSince: collector.oldestWaitingSince };
  const round = seen.rounds.get(master);
  if (round === undefined || round.source.state !== "ok" || now - round.publishedAt > roundAgeMs)
    return { waiting: null, oldestSince: null };
  const { items } = round.source;
  const since = items.flatMap(({ waitingSince }) => (waitingSince === null ? [] : [waitingSince]));
  return { waiting: items.length, oldestSince: since.length === 0 ? null : since.reduce((a, b) => Math.min(a, b)) };
}

function clusterOf({ services }: Observation): Overview["cluster"] {
  const answer = services["slave-supervisor"];
  const cluster = answer.state === "ok" ? answer.status.cluster : undefined;
  return cluster ?? { state: "unknown", detail: "no slave-supervisor tells" };
}

function serviceFixes({ services }: Observation): Fix[] {
  return serviceNames.flatMap((name) => {
    const answer = services[name];
    if (answer.state === "ok") return [];
    const remedy = answer.state === "absent" ? `start it: kubestackd ${name}` : "run the same release everywhere";
    return [{ about: name, since: null, sentence: `${answer.detail}; ${remedy}` }];
  });
}

/** What the processes tell of themselves, such as a wrong configuration file; each once, though all services tell it. */
function noteFixes({ services }: Observation): Fix[] {
  const answers = serviceNames.map((name) => services[name]);
  const notes = new Set(answers.flatMap((answer) => (answer.state === "ok" ? (answer.status.notes ?? []) : [])));
  return [...notes].map((sentence) => ({ about: "configuration", since: null, sentence }));
}

function clusterFixes(seen: Observation): Fix[] {
  const { state, detail } = clusterOf(seen);
  return state === "unavailable" ? [{ about: "cluster", since: null, sentence: detail }] : [];
}

function masterFix({ master, state, detail, since }: MasterOverview): Fix[] {
  if (state !== "refused" && state !== "unreachable") return [];
  return [{ about: `${master} ${state}`, since, sentence: detail }];
}

/** A master stands by its first source: what the others do not say, and what of any could not be read, is told besides. */
function sourceFixes({ rounds }: Observation): Fix[] {
  return [...rounds].flatMap(([master, { source, others = [] }]) => {
    const silent = others.filter(({ state }) => state === "unknown");
    const half = [source, ...others].flatMap(({ name, unread }) => (unread === undefined ? [] : [{ name, unread }]));
    return [
      ...silent.map(({ name, problem }) => ({ name, sentence: problem?.message ?? "it does not answer" })),
      ...half.map(({ name, unread }) => ({ name, sentence: unread.faults })),
    ].map(({ name, sentence }) => ({ about: `${master} ${name}`, since: null, sentence }));
  });
}

function clockFixes(seen: Observation, now: number): Fix[] {
  const off = serviceNames.flatMap((name) => {
    const answer = seen.services[name];
    const offset = answer.state === "ok" ? answer.status.clockOffsetMs : 0;
    if (Math.abs(offset) <= offsetAlertMs) return [];
    const side = offset > 0 ? "behind" : "ahead of";
    return [
      {
        about: "clock",
        since: null,
        sentence: `that of the machine of ${name} is ${printSpan(Math.abs(offset))} ${side} NATS's; set both by NTP`,
      },
    ];
  });
  const own = clockNote(seen.newestStamp - now);
  return own === undefined ? off : [...off, { about: "clock", since: null, sentence: own }];
}
