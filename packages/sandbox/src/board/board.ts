import { type SlaveEventMessage, type SlaveState, slaveStates } from "@kubestack/contracts";
import type { MasterView, SeenBuild, SeenItem } from "./master-view.ts";

/** What happened to a build, told once. */
export interface BuildNews {
  readonly at: number;
  readonly job: string;
  readonly text: string;
}

/** One line for people: a build, and the slave that is meant for it or runs it. */
export interface BoardRow {
  readonly job: string;
  readonly label: string;
  readonly build: "queued" | "running" | "ended" | "none";
  /** SUCCESS, FAILURE, …; null until it has ended. */
  readonly result: string | null;
  /** When the build entered its state. */
  readonly buildSince: number;
  readonly slave: string | null;
  readonly slaveState: SlaveState | null;
  readonly slaveSince: number;
}

interface KnownSlave {
  readonly name: string;
  readonly template: string;
  readonly state: SlaveState;
  readonly since: number;
  /** Position in its life; announcements may come twice, and late. */
  readonly step: number;
}

/** Ended builds and deleted slaves beyond this many are forgotten, oldest first. */
const memory = 200;

/** Everything that is shown of builds and slaves, put together from what the master and the messages tell. */
export class Board {
  readonly #labels: ReadonlyMap<string, string>;
  readonly #items = new Map<string, { readonly job: string; readonly since: number }>();
  readonly #builds = new Map<string, SeenBuild>();
  readonly #slaves = new Map<string, KnownSlave>();
  /** The queue item that a slave was launched for. */
  readonly #meantFor = new Map<string, string>();

  /** `labels`: the label of each job that is known beforehand. */
  constructor(labels: ReadonlyMap<string, string>) {
    this.#labels = labels;
  }

  /** Takes over what the master shows at `now`, and tells what is new in it. */
  see(view: MasterView, now: number): BuildNews[] {
    const news: BuildNews[] = [];
    const waiting = this.#stillWaiting(view);
    const present = new Set(waiting.map(({ id }) => id));
    for (const id of this.#items.keys()) if (!present.has(id)) this.#items.delete(id);
    for (const { id, job } of waiting) {
      if (this.#items.has(id)) continue;
      this.#items.set(id, { job, since: now });
      news.push({ at: now, job, text: "waits in the queue" });
    }
    for (const build of view.builds.toSorted((a, b) => a.startedAt - b.startedAt)) {
      const key = `${build.job}#${build.number}`;
      const known = this.#builds.get(key);
      this.#builds.set(key, build);
      // In its first moment a build does not say where it runs.
      if (build.slave !== "" && (known === undefined || known.slave === ""))
        news.push({ at: build.startedAt, job: build.job, text: `#${build.number} runs on ${build.slave}` });
      if (build.result !== null && (known === undefined || known.result === null))
        news.push({ at: endOf(build), job: build.job, text: `#${build.number} ended: ${build.result}` });
    }
    forget(this.#builds, ({ result }) => result !== null);
    return news;
  }

  /**
   * The queue is read before the builds: an item that left it in between is shown in both, and is no more than its build.
   */
  #stillWaiting({ items, builds }: MasterView): SeenItem[] {
    const begun = new Map<string, number>();
    for (const { job, number } of builds)
      if (!this.#builds.has(`${job}#${number}`)) begun.set(job, (begun.get(job) ?? 0) + 1);
    const present = new Set(items.map(({ id }) => id));
    for (const [id, { job }] of this.#items) if (!present.has(id)) begun.set(job, (begun.get(job) ?? 0) - 1);
    return items.filter(({ job }) => {
      const left = begun.get(job) ?? 0;
      begun.set(job, left - 1);
      return left <= 0;
    });
  }

  /** A slave entered a state. Returns whether that is new: announcements come twice at times, and late. */
  slaveEntered({ slave, template, state, at, step }: SlaveEventMessage): boolean {
    const known = this.#slaves.get(slave);
    if (known !== undefined && known.step >= step) return false;
    this.#slaves.set(slave, { name: slave, template, state, since: at, step });
    forget(this.#slaves, (one) => one.state === "deleted");
    return true;
  }

  slaveIsFor(slave: string, item: string): void {
    this.#meantFor.set(slave, item);
    for (const name of this.#meantFor.keys())
      if (!this.#slaves.has(name) && name !== slave) this.#meantFor.delete(name);
  }

  /** The slaves that have not come to their end, in words for people. */
  unfinished(): string[] {
    const alive = [...this.#slaves.values()].filter(({ state }) => state !== "deleted");
    return alive.map(({ name, state }) => `slave ${name}, which is ${state}`);
  }

  /** How many slaves are in each state. */
  counts(): Record<SlaveState, number> {
    const counts = Object.fromEntries(slaveStates.map((state) => [state, 0])) as Record<SlaveState, number>;
    for (const { state } of this.#slaves.values()) counts[state] += 1;
    return counts;
  }

  /** Oldest first: builds as they were asked for, then slaves that no build is known of. */
  rows(): BoardRow[] {
    const shown = new Set<string>();
    const slaveOf = (name: string | undefined): KnownSlave | undefined => {
      const slave = name === undefined ? undefined : this.#slaves.get(name);
      if (slave !== undefined) shown.add(slave.name);
      return slave;
    };
    const ran = [...this.#builds.values()]
      .sort((a, b) => a.startedAt - b.startedAt)
      .map((build) => this.#row(build.job, buildPart(build), slaveOf(build.slave), build.slave));
    const waiting = [...this.#items].map(([id, { job, since }]) => {
      const meant = [...this.#meantFor].find(([name, item]) => item === id && !shown.has(name))?.[0];
      return this.#row(job, { build: "queued", result: null, buildSince: since }, slaveOf(meant), meant);
    });
    const others = [...this.#slaves.values()]
      .filter(({ name, state }) => !shown.has(name) && state !== "deleted")
      .map((slave) => this.#row("–", { build: "none", result: null, buildSince: 0 }, slave, slave.name));
    return [...ran, ...waiting, ...others];
  }

  #row(
    job: string,
    part: Pick<BoardRow, "build" | "result" | "buildSince">,
    ...[slave, name]: [KnownSlave | undefined, string | undefined]
  ): BoardRow {
    return {
      job,
      label: this.#labels.get(job) ?? slave?.template ?? "–",
      ...part,
      slave: name || null,
      slaveState: slave?.state ?? null,
      slaveSince: slave?.since ?? 0,
    };
  }
}

function buildPart(build: SeenBuild): Pick<BoardRow, "build" | "result" | "buildSince"> {
  const { result, startedAt } = build;
  return result === null
    ? { build: "running", result, buildSince: startedAt }
    : { build: "ended", result, buildSince: endOf(build) };
}

function endOf({ startedAt, durationMs }: SeenBuild): number {
  return startedAt + durationMs;
}

function forget<T>(map: Map<string, T>, isOver: (value: T) => boolean): void {
  let surplus = map.size - memory;
  for (const [key, value] of map) {
    if (surplus <= 0) return;
    if (!isOver(value)) continue;
    map.delete(key);
    surplus -= 1;
  }
}
