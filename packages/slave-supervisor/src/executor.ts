import { type SlaveRecord, sentenceOf } from "@kubestack/contracts";
import { backoffMs, type Logger } from "@kubestack/runtime";
import { type Intent, type IntentType, outstanding, type SlaveEvent } from "@kubestack/slave";
import { Gate } from "./gate.ts";
import type { NodeBudget, NodeWork } from "./node-budget/node-budget.ts";
import type { Slave } from "./roster.ts";

export interface ExecutorOptions {
  readonly log: Logger;
  readonly now: () => number;
  readonly random: () => number;
  readonly isOwner: () => boolean;
  /** What making and removing the master's nodes draws on. */
  readonly nodes: NodeBudget;
  readonly carryOut: (slave: SlaveRecord, intent: Intent) => Promise<readonly SlaveEvent[]>;
  /** Applies what happened to the slave, in order; resolves when it is saved. Never rejects. */
  readonly happened: (slave: Slave, events: readonly SlaveEvent[]) => Promise<void>;
  /** Asks anew what is due for the slave. */
  readonly resume: (slave: Slave) => void;
}

/** Tries of one intent of one slave. */
interface Attempt {
  running: boolean;
  /** Its turn has come, and it is being done. */
  isActing: boolean;
  failures: number;
  notBefore: number;
}

const retry = { leastMs: 250, mostMs: 30_000 };
/** An intent that was carried out and has to be looked at again, such as a pod that is on its way out. */
const againMs = 2_000;
/** What was done and is still asked for was not taken note of, such as a mark on a node that is gone: not again at once. */
const repeatMs = 1_000;
/** A pod on its way out takes its grace for it. The watch tells when it is gone; asking sooner would only burden the cluster. */
const goingAgainMs = 10_000;
/** A build that is not over yet is asked for again after this time: many may be, of a master that has just come up. */
const askAgainMs = 5_000;
/** A Secret goes within a moment of its owner. */
const secretAgainMs = 250;

/** After what was carried out and has to be looked at again, where it is not `againMs`. */
const pauses: Partial<Record<IntentType, number>> = {
  deletePod: goingAgainMs,
  confirmSecretGone: secretAgainMs,
  askBuilds: askAgainMs,
};

/**
 * What is asked of a slave's node. While that is being made it waits: the master would say that there is none, and a moment later there
 * is one, with an agent whose pod is taken away.
 */
const askedOfNode: ReadonlySet<IntentType> = new Set(["markOffline", "bringOnline", "look", "removeNode"]);

/**
 * Which side an intent works on; each has its own limit of work at once, so that neither waits for the other. Making and
 * removing nodes has a budget of its own: what reads the master never waits behind it. Marks have a lane of their own too:
 * until one is set a second build may come.
 */
const sides: Readonly<Record<IntentType, "bus" | "cluster" | "master" | "mark" | NodeWork>> = {
  announce: "bus",
  createPod: "cluster",
  registerNode: "make",
  createSecret: "master",
  markOffline: "mark",
  bringOnline: "master",
  askBuilds: "master",
  look: "master",
  removeNode: "remove",
  retainPod: "cluster",
  deletePod: "cluster",
  confirmSecretGone: "cluster",
};

/** Carries intents out: each slave's each kind once at a time, tried again with back-off until the machine wants it no more. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #gates = { bus: new Gate(32), cluster: new Gate(32), master: new Gate(4), mark: new Gate(4) };
  readonly #attempts = new WeakMap<Slave, Map<IntentType, Attempt>>();

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Starts what can be started now; the rest wakes the slave later. */
  run(slave: Slave, intents: readonly Intent[]): void {
    const attempts = this.#attempts.get(slave) ?? new Map<IntentType, Attempt>();
    this.#attempts.set(slave, attempts);
    const now = this.#options.now();
    for (const intent of intents) {
      const attempt = attempts.get(intent.type) ?? { running: false, isActing: false, failures: 0, notBefore: 0 };
      attempts.set(intent.type, attempt);
      if (attempt.running || (askedOfNode.has(intent.type) && isBeingMade(attempts))) continue;
      const notBefore = Math.max(attempt.notBefore, intent.type === "look" ? intent.params.notBefore : 0);
      if (notBefore > now) {
        slave.wakeAt = Math.min(slave.wakeAt ?? notBefore, notBefore);
        continue;
      }
      attempt.running = true;
      void this.#carryOut(slave, intent, attempt);
    }
  }

  #inTurn<T>(type: IntentType, work: () => Promise<T>): Promise<T> {
    const side = sides[type];
    return side === "make" || side === "remove" ? this.#options.nodes.run(side, work) : this.#gates[side].run(work);
  }

  async #carryOut(slave: Slave, intent: Intent, attempt: Attempt): Promise<void> {
    const { log, now, random, isOwner, happened, resume } = this.#options;
    let events: readonly SlaveEvent[] = [];
    let isDue = true;
    let of = slave.record.life.attempt;
    try {
      events = await this.#inTurn(intent.type, async () => {
        if (!isOwner()) return [];
        of = slave.record.life.attempt;
        // The slave may have moved on while this waited: what counts is what its record asks for now.
        const due = dueNow(slave, intent.type, now());
        isDue = due !== undefined;
        if (due === undefined) return [];
        if (askedOfNode.has(due.type) && isBeingMade(this.#attempts.get(slave))) {
          isDue = false;
          return [];
        }
        attempt.isActing = true;
        return this.#options.carryOut(slave.record, due);
      });
      attempt.failures = 0;
      attempt.notBefore = now() + pauseAfter(intent.type, events);
    } catch (error) {
      attempt.failures += 1;
      attempt.notBefore = now() + backoffMs(attempt.failures, retry, random());
      const level = attempt.failures === 1 ? "warn" : "debug";
      log[level]({ slave: slave.record.name, intent: intent.type, tries: attempt.failures }, sentenceOf(error));
    }
    // Another pod may have become the present one meanwhile: what was done was done for the one before.
    events = events.map((event) => ({ ...event, attempt: of }));
    // Until what happened is saved the record still asks for it: it must not be done a second time meanwhile.
    if (events.length > 0) await happened(slave, events);
    attempt.running = false;
    attempt.isActing = false;
    if (!isDue) {
      attempt.notBefore = 0;
      resume(slave);
    } else if (events.length === 0) slave.wakeAt = Math.min(slave.wakeAt ?? attempt.notBefore, attempt.notBefore);
    else resume(slave);
  }
}

function isBeingMade(attempts: ReadonlyMap<IntentType, Attempt> | undefined): boolean {
  return attempts?.get("registerNode")?.isActing === true;
}

function dueNow({ record }: Slave, type: IntentType, now: number): Intent | undefined {
  const due = outstanding(record.state, record.life).find((intent) => intent.type === type);
  return due?.type === "look" && due.params.notBefore > now ? undefined : due;
}

function pauseAfter(type: IntentType, { length }: readonly SlaveEvent[]): number {
  if (length === 0) return pauses[type] ?? againMs;
  return type === "announce" ? 0 : repeatMs;
}
