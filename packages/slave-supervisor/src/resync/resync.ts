import { type DemandSource, hasCode, keys, sentenceOf } from "@kubestack/contracts";
import { managedSelector } from "@kubestack/kubernetes";
import { labelValue, slaveLabel, slaveNameIn } from "@kubestack/templates";
import { Gate } from "../gate.ts";
import type { MasterScope } from "../master-scope.ts";
import { goesByForce } from "../overdue-pod.ts";
import { retentionCaps } from "../retained-pods/caps.ts";
import { retainedUntil } from "../retained-pods/marks.ts";
import { keepEpochs, standingsOf } from "./rebuild.ts";
import type { RecordStanding } from "./rebuilding.ts";
import { compare, type LeftAlone, type Removal, type Seen } from "./removals.ts";
import type { Borne } from "./take-ledger.ts";

/** Between two comparisons with what is known anyway, in milliseconds. */
const everyMs = 5_000;
/** Between two comparisons for which what pods own is listed, too. */
const wholeEveryMs = 60_000;

/** What pods own, as it was listed. */
type Owned = Pick<Seen, "secrets" | "services">;
const notListed: Owned = { secrets: undefined };

/**
 * Removes what only one side knows, again and again until the other side says that it is gone; `compare` says what that is.
 * It runs beside the launches, and holds none of them up.
 */
export class Resync {
  readonly #scope: MasterScope;
  readonly #onBehind: (ahead: readonly Borne[]) => void;
  readonly #gate = new Gate(8);
  readonly #going = new Set<string>();
  #records = new Set<string>();
  #firstLooks: ReadonlyMap<string, number> = new Map();
  #left: readonly LeftAlone[] = [];
  #said = new Set<string>();
  #next = 0;
  #nextWhole = 0;
  #listedSince: number | undefined;
  #isRunning = false;

  /** `onBehind` is told of numbers that are there and that the ledger has not given. */
  constructor(scope: MasterScope, onBehind: (ahead: readonly Borne[]) => void) {
    this.#scope = scope;
    this.#onBehind = onBehind;
  }

  /** The master was taken over; these records' slaves are not over, and the ledger does not name them. */
  begin(records: Iterable<string>): void {
    this.#records = new Set(records);
    this.#firstLooks = new Map();
    this.#left = [];
    this.soon();
  }

  /** Something may have passed unseen: everything is compared at the next tick. */
  soon(): void {
    this.#next = 0;
    this.#nextWhole = 0;
  }

  /** What was left alone, in a sentence; undefined where nothing was. */
  get report(): string | undefined {
    const [first] = this.#left;
    if (first === undefined) return undefined;
    const more = this.#left.length > 1 ? `, and ${this.#left.length - 1} more` : "";
    return `${first.kind} ${first.name} belongs to no slave and is left alone: ${first.reason}${more}`;
  }

  /** Slaves that were found, and had been taken out of service before: nothing but their end is left of their work. */
  sawRound({ computers = [] }: DemandSource): void {
    const { roster, ledger, options } = this.#scope;
    if (ledger === undefined) return;
    const resting = new Set(
      computers.filter(({ markedOffline, idle }) => markedOffline && idle).map(({ name }) => name),
    );
    for (const slave of roster.all()) {
      const { name, state, epoch } = slave.record;
      if (epoch === ledger.ledger.epoch || state !== "scheduled" || !resting.has(name)) continue;
      const at = options.bus.clock.now();
      const reason = "it was found marked offline and idle after NATS's store was lost or put back";
      void roster.apply(slave, () => [{ type: "drain.requested", reason, outcome: "withdrawn", at }]);
    }
  }

  tick(now: number): void {
    const { pods, log, name: master, timing, measures } = this.#scope.options;
    const { state, since } = pods.status();
    if (since !== this.#listedSince) this.soon();
    this.#listedSince = since;
    if (this.#isRunning || now < this.#next || state !== "synced" || !this.#scope.isTrusted()) return;
    this.#next = now + everyMs;
    this.#isRunning = true;
    const began = timing.monotonic();
    this.#compare(now)
      .catch((error: unknown) => log.warn({ master }, `the comparison failed, and is done again: ${sentenceOf(error)}`))
      .finally(() => {
        measures?.resynced(timing.monotonic() - began);
        this.#isRunning = false;
      });
  }

  async #compare(now: number): Promise<void> {
    const { ledger } = this.#scope;
    const isWhole = now >= this.#nextWhole;
    // Somebody may have changed the Lease.
    if (isWhole) await keepEpochs(this.#scope);
    const owned = isWhole ? await this.#listOwned() : notListed;
    if (isWhole) this.#nextWhole = now + wholeEveryMs;
    const asked = new Set<string>();
    this.#judge({ owned, isWhole, now }, (name) => {
      asked.add(name);
      return "none";
    });
    const names = [...asked].map((name) => ({ name }));
    const standings = await standingsOf(this.#scope, names);
    // Another ledger by now: what was found belongs to that one's first comparison.
    if (this.#scope.ledger !== ledger || !this.#scope.isTrusted()) return;
    const found = this.#judge({ owned, isWhole, now }, (name) => standings.get(name) ?? "closed");
    if (found === undefined) return;
    this.#firstLooks = isWhole ? found.firstLooks : new Map([...this.#ownedLooks(), ...found.firstLooks]);
    this.#tell(found.left);
    if (found.ahead.length > 0) this.#onBehind(found.ahead);
    else for (const removal of found.removals) this.#remove(removal);
  }

  /** What pods own is not listed each time: when it was seen first is kept until it is. */
  #ownedLooks(): [string, number][] {
    return [...this.#firstLooks].filter(([thing]) => /^(left )?(Secret|Service) /.test(thing));
  }

  #judge(
    { owned, isWhole, now }: { owned: Owned; isWhole: boolean; now: number },
    standingOf: (name: string) => RecordStanding,
  ) {
    const { options, ledger, demand } = this.#scope;
    const { install, name: master, pods, store, isListed, templates, templatesAreWhole } = options;
    if (ledger === undefined) return undefined;
    const epochs = store.epochsOf(master);
    const nodes = demand.isMasterKnown(now) ? demand.source?.computers : undefined;
    const records = isWhole || this.#records.size > 0 ? [...this.#records] : [];
    return compare(
      {
        ...{ install, master, ledger: ledger.ledger, epochs, pods: pods.all(), ...owned, nodes, records, standingOf },
        attemptOf: (slave) => this.#scope.roster.get(slave)?.record.life.attempt,
        ...{ isListed, retentionCaps: retentionCaps(templates, templatesAreWhole?.() ?? true), now },
      },
      this.#firstLooks,
    );
  }

  /** Their contents are not kept. */
  async #listOwned(): Promise<Owned> {
    const { cluster, namespace, install, name } = this.#scope.options;
    const selector = `${managedSelector},kubestack.io/install=${labelValue(install)},kubestack.io/master=${labelValue(name)}`;
    const [secrets, services] = await Promise.all([
      cluster.listSecrets(namespace, selector),
      // A site without any need give no right to them.
      this.#mayHaveServices() ? cluster.listServices(namespace, selector) : undefined,
    ]);
    return {
      secrets: secrets.map(seen),
      services: services?.map((one) => ({ ...seen(one), slave: one.metadata?.labels?.[slaveLabel] ?? "" })),
    };
  }

  #mayHaveServices(): boolean {
    const { options, roster } = this.#scope;
    const has = ({ services = [] }: { readonly services?: readonly unknown[] | undefined }) => services.length > 0;
    return options.templates.some(has) || [...roster.all()].some(({ record }) => has(record));
  }

  #tell(left: readonly LeftAlone[]): void {
    const { log, name: master } = this.#scope.options;
    this.#left = left;
    const sentences = left.map(
      ({ kind, name, reason }) => `${kind} ${name} belongs to no slave and is left alone: ${reason}`,
    );
    for (const sentence of sentences) if (!this.#said.has(sentence)) log.warn({ master }, sentence);
    this.#said = new Set(sentences);
  }

  #remove(removal: Removal): void {
    const what = `${removal.kind} ${removal.name}`;
    if (this.#going.has(what)) return;
    this.#going.add(what);
    const { log, name: master } = this.#scope.options;
    log.warn({ master }, `${what} is removed: ${removal.reason}`);
    this.#inTurn(removal, () => this.#carryOut(removal))
      .catch((error: unknown) => log.warn({ master }, `${what} could not be removed: ${sentenceOf(error)}`))
      .finally(() => this.#going.delete(what));
  }

  #inTurn<T>({ kind }: Removal, work: () => Promise<T>): Promise<T> {
    return kind === "node" ? this.#scope.nodes.run("remove", work) : this.#gate.run(work);
  }

  async #carryOut(removal: Removal): Promise<void> {
    if (!this.#scope.isOwner()) return;
    switch (removal.kind) {
      case "pod":
        return this.#removePod(removal);
      case "Secret":
        return this.#removeSecret(removal);
      case "Service":
        return this.#removeService(removal);
      case "node":
        return this.#removeNode(removal.name);
      case "record":
        return this.#removeRecord(removal.name);
    }
  }

  async #removePod({ name, uid = "", overdueMs }: Removal): Promise<void> {
    const { cluster, namespace, pods } = this.#scope.options;
    if (overdueMs === undefined) {
      await cluster.deletePod(namespace, name, { uid, graceSeconds: 1 });
      return;
    }
    const machine = pods.get(name)?.nodeName ?? null;
    const health = machine === null ? "unknown" : await cluster.nodeHealth(machine);
    if (goesByForce(health, overdueMs)) await cluster.deletePod(namespace, name, { uid, force: true });
  }

  /** The watch may not know its pod yet. */
  async #removeSecret({ name, uid = "" }: Removal): Promise<void> {
    const { cluster, namespace } = this.#scope.options;
    if (!(await this.#mayHaveAgent(name))) await cluster.deleteSecret(namespace, name, { uid });
  }

  /** Whether there is a pod from which an agent could come: not one that was stopped, and is kept. */
  async #mayHaveAgent(name: string): Promise<boolean> {
    const { cluster, namespace, pods } = this.#scope.options;
    if (pods.all().some((pod) => pod.name !== name && slaveNameIn(pod) === name)) return true;
    const pod = await cluster.getPod(namespace, name);
    return pod !== undefined && retainedUntil(pod.metadata?.annotations) === undefined;
  }

  async #removeService({ name, slave = "", uid = "" }: Removal): Promise<void> {
    const { cluster, namespace } = this.#scope.options;
    if (!(await this.#mayHaveAgent(slave))) await cluster.deleteService(namespace, name, { uid });
  }

  /** The round is a moment old: what counts is what the master shows now, with no pod from which an agent could come. */
  async #removeNode(name: string): Promise<void> {
    const { attach, target, log } = this.#scope.options;
    if (await this.#mayHaveAgent(name)) return;
    const { computer: shown } = await attach.look({ name }, target);
    if (shown === null) return;
    if (shown.online || !shown.idle || shown.builds.length > 0)
      log.warn({ node: name }, "it is left: the master shows it online or at work by now");
    else if (this.#scope.isOwner()) await attach.removeNode({ name }, target);
  }

  async #removeRecord(name: string): Promise<void> {
    const { bus, name: master } = this.#scope.options;
    const key = keys.slave(master, name);
    const entry = await bus.slaves.get(key);
    const isOurs = entry !== undefined && !this.#scope.ledger?.names(entry.value);
    if (isOurs && this.#scope.isOwner())
      await bus.slaves.remove(key, entry.revision).catch((error: unknown) => {
        // Whoever wrote it is looked at again after the next taking over.
        if (!hasCode(error, "stale-revision")) throw error;
      });
    this.#records.delete(name);
  }
}

interface Named {
  readonly metadata?: {
    readonly name?: string;
    readonly uid?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

function seen({ metadata: { name = "", uid = "", annotations = {} } = {} }: Named) {
  return { name, uid, annotations };
}
