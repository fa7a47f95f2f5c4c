import { hasCode, sentenceOf, type WantedLabel } from "@kubestack/contracts";
import type { Master, QueueEntry } from "@kubestack/jenkins";
import { hasConfiguration, type LabelFinding, labelOfEntry, nodeOfEntry } from "./labels.ts";

/** A job's configuration is read again after this time, in milliseconds. */
const jobAgeMs = 5 * 60_000;
/** Jobs remembered at most; the one that was not asked for longest is forgotten. */
export const jobLimit = 10_000;
/** Reading configurations may take this long in one round, in milliseconds; the rest waits for the next one. */
const readBudgetMs = 1000;

interface KnownJob {
  readonly wants: WantedLabel;
  readonly readAt: number;
}

/** Finds the labels of queue items, in the order of their sources, and remembers what it found. */
export class LabelMemory {
  readonly #master: Pick<Master, "readJobLabel">;
  readonly #now: () => number;
  #items = new Map<string, LabelFinding>();
  readonly #jobs = new Map<string, KnownJob>();
  #session: string | null = null;

  constructor(master: Pick<Master, "readJobLabel">, now: () => number) {
    this.#master = master;
    this.#now = now;
  }

  /** The label of each item. Items that are no longer listed are forgotten: a master may use their ids again. */
  async find(
    entries: readonly QueueEntry[],
    fleet: { session: string | null; isNode: (name: string) => boolean },
  ): Promise<LabelFinding[]> {
    if (fleet.session !== this.#session) this.#items = new Map();
    this.#session = fleet.session;
    const budgetEnd = this.#now() + readBudgetMs;
    const known = new Map<string, LabelFinding>();
    const findings: LabelFinding[] = [];
    for (const entry of entries) {
      const finding = await this.#findOne(entry, fleet.isNode, budgetEnd);
      if (finding.wants.kind !== "unknown") known.set(identityOf(entry), finding);
      findings.push(finding);
    }
    this.#items = known;
    return findings;
  }

  async #findOne(entry: QueueEntry, isNode: (name: string) => boolean, budgetEnd: number): Promise<LabelFinding> {
    const told = labelOfEntry(entry, isNode);
    if (told !== undefined) return told;
    const remembered = this.#items.get(identityOf(entry));
    if (remembered !== undefined) return { wants: remembered.wants, origin: "remembered" };
    if (hasConfiguration(entry)) {
      const wants = await this.#ofJob(entry.job.url, budgetEnd);
      if (wants !== undefined && wants.kind !== "unknown") return { wants, origin: "config.xml" };
      if (wants !== undefined) return { wants, origin: "none" };
      return unknown("there was no time yet to read its job's configuration");
    }
    const node = nodeOfEntry(entry, isNode);
    if (node !== undefined) return { wants: { kind: "expression", expression: JSON.stringify(node) }, origin: "why" };
    return unknown("the master hides it: it shows the label of a pipeline block only while a node has that label");
  }

  async #ofJob(url: string, budgetEnd: number): Promise<WantedLabel | undefined> {
    const known = this.#jobs.get(url);
    const isFresh = known !== undefined && this.#now() - known.readAt < jobAgeMs;
    if (isFresh || this.#now() >= budgetEnd) return known === undefined ? undefined : this.#keep(url, known).wants;
    const wants = await this.#read(url);
    return this.#keep(url, { wants, readAt: this.#now() }).wants;
  }

  /** A job whose configuration is refused is one item's trouble; a master that does not answer is the whole round's. */
  async #read(url: string): Promise<WantedLabel> {
    try {
      return await this.#master.readJobLabel(url);
    } catch (error) {
      if (!hasCode(error, "master-refused")) throw error;
      return { kind: "unknown", because: sentenceOf(error).slice(0, 1024) };
    }
  }

  /** The newest stands last. */
  #keep(url: string, job: KnownJob): KnownJob {
    this.#jobs.delete(url);
    this.#jobs.set(url, job);
    if (this.#jobs.size > jobLimit) this.#jobs.delete(this.#jobs.keys().next().value ?? url);
    return job;
  }
}

/** Ids may be used again after a crash of the master: time and job belong to an item's identity. */
function identityOf(entry: QueueEntry): string {
  return JSON.stringify([entry.id, entry.inQueueSince, entry.job.url]);
}

function unknown(because: string): LabelFinding {
  return { wants: { kind: "unknown", because }, origin: "none" };
}
