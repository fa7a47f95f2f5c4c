import type { Bucket } from "@kubestack/bus";
import { type Amounts, keys } from "@kubestack/contracts";
import { nothing, sumOf } from "@kubestack/demand";
import { expect, test } from "vitest";
import { everyInterleaving, type Interleaved, type Turn } from "../interleavings.fixture.ts";
import { LedgerKeeper } from "../ledger-keeper.ts";
import { type MemoryBus, memoryBus } from "../memory-bus.fixture.ts";
import { costIn } from "./costs.ts";
import { SharedCaps } from "./shared-caps.ts";

const now = 2_000_000;
const one: Amounts = { slaves: 1, cpu: 0, memory: 0 };
const costOf = costIn([]);
const masters = ["a", "b"];

const launch = { nonce: "n", template: "t", labels: [], item: null, at: now, reason: "" };

/** A bucket whose every call is a step. */
function stepped<T extends { op: string }>(bucket: Bucket<T>, turn: Turn): Bucket<T> {
  return {
    ...bucket,
    get: (key) => turn().then(() => bucket.get(key)),
    create: (...how) => turn().then(() => bucket.create(...how)),
    update: (...how) => turn().then(() => bucket.update(...how)),
  };
}

/** The owner of a master, as far as caps go: it takes over, launches what it is granted, ends a slave, and launches again. */
class Owner {
  readonly #caps: SharedCaps;
  readonly #bus: Parameters<typeof LedgerKeeper.takeOver>[0];
  readonly #master: string;
  #keeper: LedgerKeeper | undefined;

  constructor(process: string, master: string, { bus, turn, cap }: { bus: MemoryBus; turn: Turn; cap: number }) {
    this.#bus = { ...bus, process, ledger: stepped(bus.ledger, turn), sharedCaps: stepped(bus.sharedCaps, turn) };
    this.#master = master;
    this.#caps = new SharedCaps({ bus: this.#bus, usedBy: async () => nothing });
    this.#caps.change({ caps: { slaves: cap }, masters });
  }

  #line() {
    const { live, term } = this.keeper.ledger;
    const used = sumOf(live.map(costOf));
    return { master: this.#master, live, term, store: "s", weight: 1, intervalMs: 2000, used, now };
  }

  get keeper(): LedgerKeeper {
    if (this.#keeper === undefined) throw new Error("it has not begun");
    return this.#keeper;
  }

  async takeOver(): Promise<void> {
    this.#keeper = await LedgerKeeper.takeOver(this.#bus, this.#master, { store: "s" });
  }

  async launch(count: number): Promise<void> {
    const { division } = await this.#caps.take({ ...this.#line(), asks: Array.from({ length: count }, () => one) });
    if (division.granted.length > 0) await this.keeper.grant(division.granted.map(() => launch));
  }

  async endOne(): Promise<void> {
    const { live, epoch } = this.keeper.ledger;
    const [first] = live;
    if (first === undefined) return;
    await this.keeper.release(new Set([`${epoch}/${first.number}`]));
    await this.settle();
  }

  settle(): Promise<void> {
    return this.#caps.settle(this.#line());
  }
}

/** What is wrong with the world at this moment: more slaves than the cap, or a ledger above its line. */
function check(bus: MemoryBus, cap: number): void {
  const lines = bus.sharedCaps.entries.get(keys.sharedCaps)?.value.lines ?? {};
  let living = 0;
  for (const { value } of bus.ledger.entries.values()) {
    living += value.live.length;
    const told = lines[value.master]?.used.slaves ?? 0;
    if (value.live.length > told)
      throw new Error(`${value.master} has ${value.live.length} slaves, and a line of ${told}`);
  }
  if (living > cap) throw new Error(`${living} slaves under a cap of ${cap}`);
}

type Work = (owner: Owner) => Promise<void>;

/** Owners at once, and what must be true at every moment; whoever is done first stands for one whose rival died or stands still. */
function owners(
  cap: number,
  works: readonly { readonly master: string; readonly work: Work }[],
  {
    weakened = () => undefined,
    atEnd = () => undefined,
  }: { weakened?: (bus: MemoryBus) => void; atEnd?: (bus: MemoryBus) => void } = {},
): Interleaved {
  const bus = memoryBus();
  weakened(bus);
  return {
    processes: works.map(({ master, work }, at) => async (turn) => {
      // Whoever is overtaken is refused, and comes no further.
      await work(new Owner(`${master}-${at}`, master, { bus, turn, cap })).catch(() => undefined);
    }),
    afterStep: () => check(bus, cap),
    atEnd: () => atEnd(bus),
  };
}

const living = (bus: MemoryBus): number =>
  [...bus.ledger.entries.values()].reduce((sum, { value }) => sum + value.live.length, 0);

const inOrder =
  (...steps: readonly Work[]): Work =>
  async (owner) => {
    for (const step of steps) await step(owner);
  };

/** Nothing is left of what came to nothing: else it would be lost to all masters. */
function expectNoLeak(bus: MemoryBus): void {
  const { lines = {} } = bus.sharedCaps.entries.get(keys.sharedCaps)?.value ?? {};
  const told = Object.values(lines).reduce((sum, { used }) => sum + used.slaves, 0);
  expect(told).toBe(living(bus));
}

const launching: Work = async (owner) => {
  await owner.takeOver();
  await owner.launch(1);
};

test("two masters that launch under a cap of one, in every order of their steps: never two slaves, always one", async () => {
  const works = masters.map((master) => ({ master, work: launching }));
  const count = await everyInterleaving(() => owners(1, works, { atEnd: (bus) => expect(living(bus)).toBe(1) }));
  expect(count).toBeGreaterThan(100);
}, 60_000);

/** One slave lives, and its line says so; its owner is gone. */
async function leftBehind(bus: MemoryBus): Promise<void> {
  const owner = new Owner("gone", "a", { bus, turn: async () => undefined, cap: 1 });
  await owner.takeOver();
  await owner.launch(1);
}

/** `everyInterleaving` begins each run anew, and a store can't be filled at once: so it is copied. */
async function filled(): Promise<(bus: MemoryBus) => void> {
  const before = memoryBus();
  await leftBehind(before);
  return (bus) => {
    for (const of of ["ledger", "sharedCaps"] as const)
      for (const [key, { value }] of before[of].entries) void bus[of].create(key, value as never);
  };
}

test("a master that ends its slave and wants the next, and one that waits: never two slaves, and the place is not lost", async () => {
  const weakened = await filled();
  const works = [
    {
      master: "a",
      work: inOrder(
        (owner) => owner.takeOver(),
        (owner) => owner.endOne(),
      ),
    },
    {
      master: "b",
      work: inOrder(
        (owner) => owner.takeOver(),
        (owner) => owner.launch(1),
        (owner) => owner.launch(1),
      ),
    },
  ];
  const count = await everyInterleaving(() => owners(1, works, { weakened, atEnd: expectNoLeak }));
  expect(count).toBeGreaterThan(100);
}, 60_000);

test("an owner that is overtaken while it launches or ends a slave, in every order: the line is never below the ledger", async () => {
  const weakened = await filled();
  const works = [
    {
      master: "a",
      work: inOrder(
        (owner) => owner.takeOver(),
        (owner) => owner.endOne(),
        (owner) => owner.launch(1),
      ),
    },
    {
      master: "a",
      work: inOrder(
        (owner) => owner.takeOver(),
        (owner) => owner.settle(),
        (owner) => owner.launch(1),
      ),
    },
  ];
  const count = await everyInterleaving(() => owners(1, works, { weakened, atEnd: expectNoLeak }));
  process.stdout.write(`${count} orders of two owners' steps under one cap\n`);
  expect(count).toBeGreaterThan(100);
}, 60_000);

test("the control: where lines are not raised before the ledgers, an order is found that passes the cap", async () => {
  const careless: Work = async (owner) => {
    await owner.takeOver();
    await owner.keeper.grant([launch]);
    await owner.settle();
  };
  const works = masters.map((master) => ({ master, work: careless }));
  await expect(everyInterleaving(() => owners(1, works))).rejects.toThrow("steps of the processes");
});

test("the control: where the record takes every write, an order is found that passes the cap", async () => {
  const weakened = ({ sharedCaps }: MemoryBus): void => {
    const { update, create } = sharedCaps;
    sharedCaps.update = async (entry, value) =>
      update({ ...entry, revision: (await sharedCaps.get(entry.key))?.revision ?? 0 }, value);
    sharedCaps.create = async (key, value) => {
      const there = await sharedCaps.get(key);
      return there === undefined ? create(key, value) : update(there, value);
    };
  };
  const works = masters.map((master) => ({ master, work: launching }));
  await expect(everyInterleaving(() => owners(1, works, { weakened }))).rejects.toThrow("steps of the processes");
});
