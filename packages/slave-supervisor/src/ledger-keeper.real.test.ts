import { type Bus, connectBus } from "@kubestack/bus";
import { hasCode, KubestackError, keys } from "@kubestack/contracts";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LedgerKeeper } from "./ledger-keeper.ts";

let server: NatsServer;
let one: Bus;
let two: Bus;

beforeAll(async () => {
  server = await startNatsServer();
  const connected = (): Promise<Bus> => connectBus({ servers: [server.url], name: "slave-supervisor" });
  [one, two] = await Promise.all([connected(), connected()]);
});
afterAll(async () => {
  await Promise.all([one?.close(), two?.close()]);
  await server?.stop();
});

const launch = (nonce: string) => ({
  nonce,
  template: "python",
  labels: ["python"],
  item: null,
  at: 1,
  reason: "for a test",
});
const stale = (error: unknown): boolean => hasCode(error, "stale-revision");

describe("a ledger", () => {
  test("is made by the first owner, and each takeover raises its term and keeps what lives", async () => {
    const first = await LedgerKeeper.takeOver(one, "m");
    expect(first.ledger).toMatchObject({ master: "m", owner: one.process, term: 1, next: 1, live: [] });
    await first.grant([launch("a"), launch("b")]);
    const second = await LedgerKeeper.takeOver(two, "m");
    expect(second.ledger).toMatchObject({ owner: two.process, term: 2, next: 3, epoch: first.ledger.epoch });
    expect(second.ledger.live.map(({ number, nonce }) => `${number}${nonce}`)).toEqual(["1a", "2b"]);
    expect((await LedgerKeeper.takeOver(one, "m")).ledger.term).toBe(3);
  });

  test("refuses whoever was its owner before: neither a grant nor a release of a paused one counts", async () => {
    const paused = await LedgerKeeper.takeOver(one, "paused");
    await paused.grant([launch("a")]);
    const owner = await LedgerKeeper.takeOver(two, "paused");
    await expect(paused.grant([launch("late")])).rejects.toSatisfy(stale);
    await expect(paused.release(new Set([`${paused.ledger.epoch}/1`]))).rejects.toSatisfy(stale);
    expect((await owner.grant([launch("b")])).map(({ number }) => number)).toEqual([2]);
    const kept = await two.ledger.get(keys.ledger("paused"));
    expect(kept?.value.live.map(({ nonce }) => nonce)).toEqual(["a", "b"]);
  });

  test("is taken over by exactly one after the other, however many try at once", async () => {
    const keepers = await Promise.all(
      Array.from({ length: 10 }, (_, at) => LedgerKeeper.takeOver(at % 2 === 0 ? one : two, "crowd")),
    );
    expect(keepers.map(({ ledger }) => ledger.term).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    const grants = await Promise.allSettled(keepers.map((keeper) => keeper.grant([launch("x")])));
    expect(grants.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("lets go of a number once; doing it again writes nothing, and the number stays burnt", async () => {
    const keeper = await LedgerKeeper.takeOver(one, "release");
    await keeper.grant([launch("a"), launch("b")]);
    await keeper.release(new Set([`${keeper.ledger.epoch}/1`]));
    const revision = (await one.ledger.get(keys.ledger("release")))?.revision;
    await keeper.release(new Set([`${keeper.ledger.epoch}/1`]));
    expect((await one.ledger.get(keys.ledger("release")))?.revision).toBe(revision);
    expect((await keeper.grant([launch("c")])).map(({ number }) => number)).toEqual([3]);
  });

  test("last taken over in another store, or behind what it gave, goes on under another epoch (H37)", async () => {
    const before = await LedgerKeeper.takeOver(one, "other", { store: "s1" });
    await before.grant([launch("a")]);
    const { epoch } = before.ledger;
    const same = await LedgerKeeper.takeOver(two, "other", { store: "s1", isBehind: ({ next }) => next > 2 });
    expect(same.ledger).toMatchObject({ epoch, next: 2, store: "s1" });
    const other = await LedgerKeeper.takeOver(two, "other", { store: "s2" });
    expect(other.ledger).toMatchObject({ next: 1, store: "s2", epochs: [epoch] });
    expect(other.names({ epoch, number: 1 })).toBe(true);
    const behind = await LedgerKeeper.takeOver(one, "other", { store: "s2", isBehind: () => true });
    expect(new Set([epoch, other.ledger.epoch, behind.ledger.epoch]).size).toBe(3);
    await behind.rebuild([{ ...launch("f"), number: 7, epoch: "abcd" }], false);
    expect(behind.ledger.live.map(({ nonce }) => nonce)).toEqual(["a", "f"]);
    expect([behind.names({ epoch: "abcd", number: 7 }), behind.names({ epoch: "abcd", number: 1 })]).toEqual([
      true,
      false,
    ]);
    await behind.rebuild([], true);
    expect(behind.ledger).toMatchObject({ next: 1, version: 2 });
    expect(behind.ledger.epochs).toHaveLength(4);
  });

  test("of a newer release is left alone", async () => {
    const ledger = { version: 3, master: "newer", owner: "x", term: 7, epoch: "abcd", next: 1, live: [] };
    await one.ledger.create(keys.ledger("newer"), ledger);
    await expect(LedgerKeeper.takeOver(one, "newer")).rejects.toThrow("newer release");
    expect((await one.ledger.get(keys.ledger("newer")))?.value.term).toBe(7);
  });

  test("of another master, which has no place here, is an error and not taken", async () => {
    const ledger = { version: 1, master: "other", owner: "x", term: 7, epoch: "abcd", next: 1, live: [] };
    await one.ledger.create(keys.ledger("mine"), ledger);
    await expect(LedgerKeeper.takeOver(one, "mine")).rejects.toBeInstanceOf(KubestackError);
  });
});
