import type { Computer, DemandSource, PodSize, QueueItem } from "@kubestack/contracts";
import { isSatisfiedBy, parseLabelExpression } from "./label-expression.ts";
import { isYounger, type RoundMark } from "./round.ts";
import { type LaunchTemplate, shortfall } from "./shortfall.ts";
import type { Sized } from "./sizes.ts";
import { type KnownSlave, supplyOf } from "./supply.ts";

/** How a simulated day goes. Times are milliseconds. */
export interface Day {
  readonly seed: number;
  readonly builds: number;
  /** What builds ask for; each template's labels in `templates`. */
  readonly wishes: readonly string[];
  readonly templates: readonly LaunchTemplate[];
  /** The part of launches that fail before their agent connects. */
  readonly failing?: number;
  /** The part of items that are taken out of the queue again. */
  readonly cancelled?: number;
  readonly takeovers?: number;
  /** Which round is noted when a slave ends: the youngest that may have begun by then, or the youngest that was heard of. */
  readonly endedAt?: "begun" | "heard";
  /** The control: what waits for a label less all slaves there are, as one global count. */
  readonly globalCount?: boolean;
}

/** What came of it. */
export interface Outcome {
  readonly launched: number;
  readonly served: number;
  readonly failed: number;
  readonly withdrawn: number;
  readonly alive: number;
  readonly built: number;
  readonly unserved: number;
  /** The longest that a build waited for its agent. */
  readonly longestWaitMs: number;
}

interface Slave {
  readonly name: string;
  readonly template: LaunchTemplate;
  /** Its template's, and those of its size. */
  readonly labels: readonly string[];
  readonly size: PodSize | undefined;
  connected: boolean;
  busy: boolean;
  /** Takes nothing any more. */
  over: boolean;
  state: KnownSlave["record"]["state"];
  end: "served" | "failed" | "withdrawn" | undefined;
  shownOnline: boolean;
  endedAtRound: RoundMark | undefined;
  surplusSince: number | undefined;
}

const intervalMs = 2000;
const graceMs = 30_000;

/** A master that hands out builds in any order, a poller, a bus that delays, repeats and reorders, and owners that change. */
export class Fleet {
  readonly #day: Day;
  #random: number;
  #now = 0;
  readonly #agenda: { at: number; order: number; run: () => void }[] = [];
  #planned = 0;
  readonly #queue: QueueItem[] = [];
  readonly #slaves: Slave[] = [];
  #begun = 0;
  #heard: RoundMark | undefined;
  #built = 0;
  #arriving = 0;
  #longestWaitMs = 0;

  constructor(day: Day) {
    this.#day = day;
    this.#random = day.seed * 2_654_435_761 + 1;
  }

  run(): Outcome {
    this.#arrive();
    this.#poll();
    for (let n = 0; n < (this.#day.takeovers ?? 0); n += 1) this.#in(this.#up(120_000), () => this.#takeOver());
    const end = 3_600_000;
    while (this.#now < end && this.#agenda.length > 0) {
      this.#agenda.sort((a, b) => a.at - b.at || a.order - b.order);
      const next = this.#agenda.shift();
      if (next === undefined) break;
      this.#now = next.at;
      next.run();
      if (this.#arriving === 0 && this.#queue.length === 0 && this.#slaves.every((slave) => slave.end !== undefined))
        break;
    }
    const ended = (as: Slave["end"]) => this.#slaves.filter((slave) => slave.end === as).length;
    return {
      launched: this.#slaves.length,
      served: ended("served"),
      failed: ended("failed"),
      withdrawn: ended("withdrawn"),
      alive: ended(undefined),
      built: this.#built,
      unserved: this.#queue.length,
      longestWaitMs: this.#longestWaitMs,
    };
  }

  /** Bursts: some items at once, then a pause. */
  #arrive(): void {
    const { builds, wishes, cancelled = 0 } = this.#day;
    this.#arriving = builds;
    let at = 0;
    for (let id = 1; id <= builds; id += 1) {
      if (this.#chance(0.15)) at += this.#up(15_000);
      const wish = wishes[Math.floor(this.#next() * wishes.length)] ?? "";
      this.#in(at, () => {
        this.#arriving -= 1;
        this.#queue.push(waiting(id, wish, this.#now));
        if (this.#chance(cancelled)) this.#in(this.#up(10_000), () => this.#cancel(String(id)));
        this.#handOut();
      });
    }
  }

  #cancel(id: string): void {
    const at = this.#queue.findIndex((item) => item.id === id);
    if (at >= 0) this.#queue.splice(at, 1);
  }

  /** Reads computers, then the queue, then begins again: one poller. Its rounds arrive late, twice, in any order. */
  #poll(): void {
    this.#begun += 1;
    const round = this.#begun;
    const readAt = this.#now;
    const computers = this.#slaves.filter(({ connected, over, busy }) => connected && (!over || busy)).map(shown);
    this.#in(10 + this.#up(600), () => {
      const source = sourceOf({ round, readAt, queueReadAt: this.#now, items: [...this.#queue], computers });
      const copies = this.#chance(0.2) ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1)
        this.#in(this.#chance(0.1) ? this.#up(9000) : this.#up(50), () => this.#hear(source));
      this.#in(intervalMs, () => this.#poll());
    });
  }

  #hear(source: DemandSource): void {
    if (!isYounger(source, this.#heard)) return;
    this.#heard = { term: source.term, round: source.round };
    if (this.#day.globalCount) this.#launchByCount(source);
    else this.#launchByShortfall(source);
    for (const { name } of source.computers ?? []) {
      const slave = this.#slaves.find((one) => one.name === name);
      if (slave !== undefined) slave.shownOnline = true;
    }
  }

  #launchByShortfall(source: DemandSource): void {
    const known = this.#slaves.map((slave): KnownSlave => {
      const { name, template, labels, size, state, shownOnline, endedAtRound } = slave;
      const record = { name, state, labels: [...labels], size, template: template.name };
      return { record, shownOnline, endedAtRound, unlabelled: template.unlabelled };
    });
    const decision = shortfall({
      items: source.items,
      supply: supplyOf(source, known),
      templates: this.#day.templates,
      allowance: 10_000,
    });
    for (const { template, sized } of decision.launches) this.#launch(template, sized);
    this.#withdraw(new Set(decision.surplus));
  }

  #launchByCount(source: DemandSource): void {
    const count = this.#slaves.filter(({ end }) => end === undefined).length;
    for (const template of this.#day.templates) {
      const demand = source.items.filter((item) => fitsItem(item, template.labels)).length;
      for (let missing = demand - count; missing > 0; missing -= 1) this.#launch(template.name);
    }
  }

  #launch(name: string, sized?: Sized): void {
    const template = this.#day.templates.find((one) => one.name === name);
    if (template === undefined) return;
    const slave: Slave = {
      name: `ks-m-0000${(this.#slaves.length + 1).toString(32)}`,
      template,
      labels: [...template.labels, ...(sized?.labels ?? [])],
      size: sized?.size,
      connected: false,
      busy: false,
      over: false,
      state: "requested",
      end: undefined,
      shownOnline: false,
      endedAtRound: undefined,
      surplusSince: undefined,
    };
    this.#slaves.push(slave);
    if (this.#chance(this.#day.failing ?? 0)) this.#in(this.#up(8000), () => this.#end(slave, "failed"));
    else
      this.#in(500 + this.#up(7000), () => {
        if (slave.over) return;
        slave.connected = true;
        slave.state = "online";
        this.#handOut();
      });
  }

  /** The master gives each idle agent any item that it can run. */
  #handOut(): void {
    for (const slave of this.#shuffled(
      this.#slaves.filter(({ connected, busy, over }) => connected && !busy && !over),
    )) {
      const able = this.#queue.filter((item) => fitsItem(item, slave.labels));
      const item = able[Math.floor(this.#next() * able.length)];
      if (item === undefined) continue;
      this.#queue.splice(this.#queue.indexOf(item), 1);
      this.#longestWaitMs = Math.max(this.#longestWaitMs, this.#now - (item.waitingSince ?? 0));
      slave.busy = true;
      slave.over = true;
      this.#in(this.#up(250), () => {
        if (slave.end === undefined) slave.state = "busy";
      });
      // From far below the poll's interval to many times as long.
      this.#in(this.#chance(0.5) ? this.#up(1000) : this.#up(30_000), () => {
        slave.busy = false;
        this.#built += 1;
        this.#in(this.#up(300), () => this.#end(slave, "served"));
      });
    }
  }

  #withdraw(surplus: ReadonlySet<string>): void {
    for (const slave of this.#slaves) {
      if (slave.end !== undefined || slave.over || !surplus.has(slave.name)) slave.surplusSince = undefined;
      else slave.surplusSince ??= this.#now;
      if (slave.surplusSince !== undefined && this.#now - slave.surplusSince >= graceMs) this.#end(slave, "withdrawn");
    }
  }

  #end(slave: Slave, as: NonNullable<Slave["end"]>): void {
    slave.over = true;
    slave.end = as;
    slave.state = "deleted";
    const heard = this.#heard ?? { term: 1, round: 0 };
    slave.endedAtRound = this.#day.endedAt === "heard" ? heard : { term: 1, round: this.#begun };
  }

  /** Another owner: it knows the records alone, and decides from the first round that began after it came. */
  #takeOver(): void {
    this.#heard = { term: 1, round: this.#begun };
    for (const slave of this.#slaves) {
      slave.shownOnline = slave.state !== "requested" && slave.connected;
      if (slave.end !== undefined) slave.endedAtRound = this.#heard;
      slave.surplusSince = undefined;
    }
  }

  #in(ms: number, run: () => void): void {
    this.#planned += 1;
    this.#agenda.push({ at: this.#now + ms, order: this.#planned, run });
  }

  #next(): number {
    this.#random = (Math.imul(this.#random ^ (this.#random >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    const mixed = Math.imul(this.#random ^ (this.#random >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  #up(to: number): number {
    return Math.floor(this.#next() * to);
  }

  #chance(of: number): boolean {
    return this.#next() < of;
  }

  #shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((value) => [this.#next(), value] as const)
      .sort(([a], [b]) => a - b)
      .map(([, value]) => value);
  }
}

function waiting(id: number, wish: string, since: number): QueueItem {
  return {
    id: String(id),
    job: `job ${id}`,
    url: `queue/item/${id}/`,
    wants: { kind: "expression", expression: wish },
    labelOrigin: "why",
    waitingSince: since,
    why: "",
  };
}

function shown({ name, labels: own, busy }: Slave): Computer {
  const builds = busy ? [{ url: `job/${name}/1/`, number: 1 }] : [];
  const labels = [...own, name];
  return { name, online: true, markedOffline: false, idle: !busy, executors: 1, labels, builds };
}

function sourceOf(
  of: Pick<DemandSource, "round" | "readAt" | "queueReadAt" | "items"> & { computers: Computer[] },
): DemandSource {
  return { ...of, name: "jenkins-queue", term: 1, state: "ok", session: "s", quietingDown: false };
}

function fitsItem({ wants }: QueueItem, labels: readonly string[]): boolean {
  return wants.kind === "expression" && isSatisfiedBy(parseLabelExpression(wants.expression), new Set(labels));
}
