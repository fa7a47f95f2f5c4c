import type { Bucket, Bus } from "@kubestack/bus";
import { type DemandSource, keys, type SlaveRecord } from "@kubestack/contracts";
import { createLogger } from "@kubestack/runtime";
import { outstanding } from "@kubestack/slave";
import { expect, test } from "vitest";
import { DemandView } from "./demand-view.ts";
import { carryOut } from "./effects.ts";
import { FakeAttach } from "./fake-attach.fixture.ts";
import { FakeCluster } from "./fake-cluster.fixture.ts";
import { everyInterleaving, type Interleaved, type Turn } from "./interleavings.fixture.ts";
import { KeptFacts } from "./kept-facts.ts";
import { Launcher } from "./launcher.ts";
import { LedgerKeeper } from "./ledger-keeper.ts";
import type { MasterOptions, MasterScope } from "./master-scope.ts";
import { type MemoryBus, memoryBus } from "./memory-bus.fixture.ts";
import { recordMissing } from "./recording.ts";
import { Roster } from "./roster.ts";
import { template } from "./slave-record.fixture.ts";

const at = 2_000_000;
const log = createLogger({ level: "silent" });
const templates = [template()];

/** A round that shows two items waiting, and no node. */
const source: DemandSource = {
  name: "jenkins-queue",
  term: 1,
  round: 1,
  readAt: at,
  queueReadAt: at,
  state: "ok",
  session: "s",
  quietingDown: false,
  computers: [],
  items: ["1", "2"].map((id) => ({
    id,
    job: `job-${id}`,
    url: `job/${id}/`,
    wants: { kind: "expression", expression: "python" },
    labelOrigin: "labelExpression",
    waitingSince: at,
    why: "",
  })),
};

/** Two items wait. An owner that is gone had named a slave for the first in the ledger, and came no further. */
function leftBehind(bus: MemoryBus): void {
  const living = {
    number: 1,
    nonce: "nonce-1",
    template: "python",
    labels: ["python"],
    item: { id: "1", job: "job-1", url: "job/1/", seenAt: at },
    at,
    reason: "for job-1",
  };
  void bus.ledger.create(keys.ledger("m"), {
    version: 1,
    master: "m",
    owner: "gone",
    term: 1,
    epoch: "abcd",
    next: 2,
    live: [living],
  });
}

/** A bucket whose every call is a step. */
function stepped<T extends { op: string }>(bucket: Bucket<T>, turn: Turn): Bucket<T> {
  return {
    ...bucket,
    get: (key) => turn().then(() => bucket.get(key)),
    each: (...how) => turn().then(() => bucket.each(...how)),
    create: (...how) => turn().then(() => bucket.create(...how)),
    update: (...how) => turn().then(() => bucket.update(...how)),
  };
}

/**
 * A process that takes the master for its own as long as nobody writes over it: it takes over, launches what a round asks for,
 * and makes the pods. It stands for one that holds the lease, for one that slept through its end, and, in the orders where
 * the other is done first, for one that died.
 */
class Owner implements MasterScope {
  readonly options: MasterOptions;
  readonly roster: Roster;
  readonly demand = new DemandView(2000);
  readonly nodes = {} as MasterScope["nodes"];
  readonly unserved = new Set<string>();
  readonly standing = {
    launching: { reason: undefined, isDraining: false },
    lifts: [],
  } as unknown as MasterScope["standing"];
  ledger: LedgerKeeper | undefined;
  readonly #turn: Turn;

  constructor(process: string, world: { bus: MemoryBus; cluster: FakeCluster }, turn: Turn) {
    const { slaves, ledger } = world.bus;
    const followed = { ...stepped(slaves, turn), changes: slaves.changes };
    const bus: Bus = { ...world.bus, process, slaves: followed, ledger: stepped(ledger, turn) };
    this.#turn = turn;
    this.options = {
      ...{ bus, log, name: "m", install: "test", namespace: "ci", maxSlaves: 100, launchesPerMinute: 1000 },
      ...{ cluster: world.cluster.cluster, pods: world.cluster.source, attach: new FakeAttach().mode, templates },
    } as unknown as MasterOptions;
    this.roster = new Roster({
      bus,
      log,
      isOwner: () => this.isOwner(),
      carryOut: () => undefined,
      mayHaveBegun: () => undefined,
      onOvertaken: () => {
        this.ledger = undefined;
      },
      onMoved: () => undefined,
    });
  }

  isOwner(): boolean {
    return this.ledger !== undefined && !this.ledger.isInDoubt;
  }

  isTrusted(): boolean {
    return this.isOwner();
  }

  async work(): Promise<void> {
    const { bus, name } = this.options;
    const keeper = await LedgerKeeper.takeOver(bus, name);
    await bus.slaves.each(keys.slavesOf(name), (entry) => void this.roster.add(entry));
    this.ledger = keeper;
    await recordMissing(this);
    this.demand.take({ data: { master: name, sources: [source] }, publishedAt: at, sequence: 1 } as never);
    this.demand.launchFrom(0);
    await new Launcher(this, new KeptFacts(this)).launch().catch(() => undefined);
    for (const slave of this.roster.all()) await this.#makePod(slave.record);
  }

  async #makePod(record: SlaveRecord): Promise<void> {
    const intent = outstanding(record.state, record.life).find(({ type }) => type === "createPod");
    if (intent === undefined || !this.isOwner()) return;
    const { bus, cluster, attach, templates } = this.options;
    // It was asked whether it is the owner before this step: the request may be on its way for as long as it likes.
    await this.#turn();
    await carryOut(record, intent, {
      ...{ bus, cluster, attach, target: {} as never, template: (name) => templates.find((one) => one.name === name) },
      ...{
        masterIsKnown: () => true,
        mayComeBack: () => false,
        mayHaveNewPod: () => true,
        templatesAreWhole: () => true,
        knownSession: () => null,
        describe: () => "",
      },
    });
  }
}

const ledgerOf = ({ ledger }: MemoryBus) => [...ledger.entries.values()][0]?.value;

/** What is wrong with the world of two owners now; nothing where all is as it must be. */
function faultOf({ bus, cluster, told }: { bus: MemoryBus; cluster: FakeCluster; told: Told }): string | undefined {
  const ledger = ledgerOf(bus);
  const live = ledger?.live ?? [];
  const records = [...bus.slaves.entries.values()].map(({ value }) => value);
  for (const { number, nonce } of [...live, ...records]) {
    if ((told.nonces.get(number) ?? nonce) !== nonce) return `number ${number} was given twice`;
    told.nonces.set(number, nonce);
  }
  if ((ledger?.next ?? 0) < told.next) return "the ledger gives numbers anew";
  told.next = ledger?.next ?? 0;
  if (live.length > 2) return "a slave too many is named";
  if (records.some(({ number }) => !live.some((living) => living.number === number))) return "a record is of nobody";
  if (cluster.created.some((name) => !records.some((record) => record.name === name))) return "a pod is of nobody";
  const isDone = told.done.has(ledger?.owner ?? "");
  // The other one may be dead for good.
  if (isDone && (records.length !== 2 || cluster.created.length !== 2)) return "something is left to who was overtaken";
  return undefined;
}

/** What was seen so far. */
interface Told {
  readonly nonces: Map<number, string>;
  next: number;
  /** Who has done its work. */
  readonly done: Set<string>;
}

/** Two owners at once, and what must be true of their world at every moment and at the end. */
function twoOwners(weakened: (bus: MemoryBus) => void = () => undefined): Interleaved {
  const bus = memoryBus();
  bus.time = at;
  leftBehind(bus);
  weakened(bus);
  const cluster = new FakeCluster();
  const told: Told = { nonces: new Map(), next: 0, done: new Set() };
  return {
    processes: ["one", "two"].map((name) => async (turn: Turn) => {
      await new Owner(name, { bus, cluster }, turn).work();
      told.done.add(name);
    }),
    afterStep: () => {
      const fault = faultOf({ bus, cluster, told });
      if (fault !== undefined) throw new Error(fault);
    },
    atEnd: () => {
      const records = [...bus.slaves.entries.values()].map(({ value }) => value);
      const items = records.map(({ item }) => item?.id).toSorted();
      expect({ items, pods: cluster.created.length }).toEqual({ items: ["1", "2"], pods: 2 });
    },
  };
}

/** A ledger that takes every write, whoever else wrote in between. */
function careless({ ledger }: MemoryBus): void {
  const { update } = ledger;
  ledger.update = async (entry, value) =>
    update({ ...entry, revision: (await ledger.get(entry.key))?.revision ?? 0 }, value);
}

test("two owners of one ledger, in every order of their steps: one slave for each item, one pod for each slave", async () => {
  const count = await everyInterleaving(() => twoOwners());
  process.stdout.write(`${count} orders of two owners' steps\n`);
  expect(count).toBeGreaterThan(3000);
}, 60_000);

test("the control: where the ledger takes the write of who was overtaken, an order is found that goes wrong", async () => {
  await expect(everyInterleaving(() => twoOwners(careless))).rejects.toThrow("steps of the processes");
});
