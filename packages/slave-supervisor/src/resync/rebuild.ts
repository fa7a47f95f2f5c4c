import { hasCode, KubestackError, keys, podNameOf, sentenceOf } from "@kubestack/contracts";
import { slaveName } from "@kubestack/slave";
import { isMarkedAs } from "@kubestack/templates";
import { identityOf } from "../identity.ts";
import type { MasterScope } from "../master-scope.ts";
import { recordMissing } from "../recording.ts";
import type { Slave } from "../roster.ts";
import { doubtRecords } from "./doubt.ts";
import { foundSlaves, isAhead, type RecordStanding, standingOfRecord, unnamedPods } from "./rebuilding.ts";

/** A rebuild that failed is tried again after this time, in milliseconds. */
const retryMs = 2_000;

/**
 * Compares the ledger with the pods, once after each taking over, before anything is launched: what pods tell of and the ledger
 * does not know is named again. In the usual case nothing is found; after a loss of the store everything is.
 */
export class Rebuild {
  readonly #scope: MasterScope;
  #isDone = false;
  #notBefore = 0;

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** The ledger was taken over anew. */
  begin(): void {
    this.#isDone = false;
    this.#notBefore = 0;
  }

  /** Does it, if it is to be done and can be: where the cluster does not answer it is tried again later. */
  async catchUp(): Promise<void> {
    const { options, ledger } = this.#scope;
    const { pods, timing, log, name: master } = options;
    const now = timing.monotonic();
    if (this.#isDone || ledger === undefined || pods.status().state !== "synced" || now < this.#notBefore) return;
    this.#notBefore = now + retryMs;
    try {
      // The store may have been lost just now: then what the watch holds must be no older than that.
      if (ledger.ledger.epochs !== undefined) await pods.resync();
      await this.#rebuild();
      await keepEpochs(this.#scope);
      this.#isDone = this.#scope.ledger === ledger;
    } catch (error) {
      log.warn({ master }, `the ledger could not be compared with the pods yet: ${sentenceOf(error)}`);
    }
  }

  async #rebuild(): Promise<void> {
    const { options, ledger } = this.#scope;
    if (ledger === undefined) return;
    const { pods, bus, install, name: master, log } = options;
    const unnamed = unnamedPods(ledger.ledger, pods.all(), { install, master });
    const isBehind = unnamed.some(({ identity }) => isAhead(ledger.ledger, identity));
    const standings = await standingsOf(
      this.#scope,
      unnamed.map(({ identity }) => identity),
    );
    const standingOf = (name: string): RecordStanding => standings.get(name) ?? "none";
    const found = foundSlaves({ ledger: ledger.ledger, unnamed, isBehind, standingOf, at: bus.clock.now() });
    if (found.length > 0 || isBehind) {
      log.warn(
        { master, slaves: found.length, isBehind },
        "slaves are there that the ledger does not name: they are named again",
      );
      // Records that outlived their ledger may be of the past, too.
      const names = new Set(found.map((one) => slaveName({ master, ...one })));
      if (names.size > 0) await doubtRecords(options, (name) => names.has(name));
      await ledger.rebuild(found, isBehind);
    }
    await recordMissing(this.#scope);
    const { epoch } = ledger.ledger;
    const unborn = [...this.#scope.roster.all()].filter(
      ({ record }) => record.epoch !== epoch && record.state === "requested",
    );
    await Promise.all(unborn.map((slave) => this.#settle(slave)));
    if (unborn.some(({ record }) => record.state === "requested"))
      throw new KubestackError("bus-unavailable", "what became of slaves that were found could not be saved");
  }

  /** A slave of an earlier epoch gets no new pod: it has one already, or it is over. */
  async #settle(slave: Slave): Promise<void> {
    const { options, roster } = this.#scope;
    const { cluster, bus } = options;
    const { namespace } = slave.record;
    const pod = await cluster.getPod(namespace, podNameOf(slave.record));
    const uid = isMarkedAs(identityOf(slave.record), pod?.metadata?.annotations) ? pod?.metadata?.uid : undefined;
    const at = bus.clock.now();
    const reason = "NATS's store was lost or put back, and it has no pod";
    await roster.apply(slave, () => [
      uid === undefined
        ? { type: "drain.requested", reason, outcome: "withdrawn", at }
        : { type: "pod.accepted", uid, at },
    ]);
  }
}

/** Has the ledger's epochs kept outside of the store. */
export async function keepEpochs({ options, ledger }: MasterScope): Promise<void> {
  if (ledger === undefined) return;
  const { epoch, epochs = [] } = ledger.ledger;
  await options.store.keepEpochs(options.name, [...epochs, epoch]);
}

/** So many records are read at once. */
const atOnce = 64;

/** How the records of these slaves stand. */
export async function standingsOf(
  { options }: MasterScope,
  slaves: readonly { readonly name: string; readonly nonce?: string }[],
): Promise<Map<string, RecordStanding>> {
  const { bus, name: master } = options;
  const standings = new Map<string, RecordStanding>();
  const left = [...slaves];
  while (left.length > 0)
    await Promise.all(
      left.splice(0, atOnce).map(async ({ name, nonce }) => {
        const record = await bus.slaves.get(keys.slave(master, name)).then(
          (entry) => entry?.value,
          (error: unknown) => {
            if (hasCode(error, "invalid-message")) return "unreadable" as const;
            throw error;
          },
        );
        standings.set(name, standingOfRecord(record, nonce));
      }),
    );
  return standings;
}
