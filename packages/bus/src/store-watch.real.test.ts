import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { channels, hasCode, keys, subjects } from "@kubestack/contracts";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { type Bus, connectBus } from "./bus.ts";
import { deleteStores } from "./delete-stores.ts";

let server: NatsServer;
let bus: Bus;

beforeEach(async () => {
  server = await startNatsServer();
  bus = await connectBus({ servers: [server.url], name: "one" });
});

afterEach(async () => {
  await bus.close();
  await server.stop();
});

const ledger = { version: 1, master: "m", owner: "a", term: 1, epoch: "0000", next: 1, live: [] };
const store = (): string => join(server.dir, "store");

/** Starts the server anew on what `change` makes of its store, and waits until the bus is there again. */
async function restarted(change: () => Promise<void>): Promise<void> {
  const back = new Promise<void>((resolve) => void bus.onReconnect(resolve));
  await server.stopServer();
  await change();
  await server.startServer();
  await back;
}

test("a store that was lost is made anew, and nobody takes what was read before for what is there", async () => {
  const duty = { service: "slave-supervisor", master: "m" } as const;
  const lease = bus.lease(duty, { retryMs: 50, renewMs: 200 });
  await lease.held;
  const made = await bus.ledger.create("m", ledger);
  const before = await bus.ledger.info();
  expect(before.lastRevision).toBe(made.revision);
  await restarted(() => rm(store(), { recursive: true }));
  expect(await bus.ledger.get("m")).toBeUndefined();
  const after = await bus.ledger.info();
  expect(after.madeAt).toBeGreaterThan(before.madeAt);
  expect(after.lastRevision).toBe(0);
  await expect(bus.ledger.update(made, { ...ledger, next: 2 })).rejects.toSatisfy((error) =>
    hasCode(error, "stale-revision"),
  );
  const plan = { master: "m", event: "reachable" as const, reason: "", at: 1 };
  expect(await bus.publish(channels.master, subjects.master("m", "reachable"), plan)).toBe(1);
  await expect
    .poll(async () => (await bus.leases.get(keys.lease(duty.service, duty.master)))?.value.holder)
    .toBe(bus.process);
  expect(lease.isHeld()).toBe(true);
  await lease.release();
});

test("a store that was put back is told by its last revision, and what was written since is refused", async () => {
  const first = await bus.ledger.create("m", ledger);
  await server.stopServer();
  const copy = join(server.dir, "copy");
  await cp(store(), copy, { recursive: true });
  await server.startServer();
  const second = await bus.ledger.update(first, { ...ledger, next: 2 });
  const before = await bus.ledger.info();
  await restarted(async () => {
    await rm(store(), { recursive: true });
    await cp(copy, store(), { recursive: true });
  });
  const after = await bus.ledger.info();
  expect([after.madeAt, after.lastRevision]).toEqual([before.madeAt, before.lastRevision - 1]);
  expect((await bus.ledger.get("m"))?.value).toEqual(first.value);
  await expect(bus.ledger.update(second, { ...ledger, next: 3 })).rejects.toSatisfy((error) =>
    hasCode(error, "stale-revision"),
  );
});

test("what was held from before a store was put back is not written over another value that has its revision by now", async () => {
  const first = await bus.ledger.create("m", ledger);
  await server.stopServer();
  const copy = join(server.dir, "copy");
  await cp(store(), copy, { recursive: true });
  await server.startServer();
  const held = await bus.ledger.update(first, { ...ledger, next: 2 });
  await restarted(async () => {
    await rm(store(), { recursive: true });
    await cp(copy, store(), { recursive: true });
  });
  const other = await connectBus({ servers: [server.url], name: "other" });
  onTestFinished(() => other.close());
  const found = await other.ledger.get("m");
  if (found === undefined) throw new RangeError("The ledger is not there.");
  const taken = await other.ledger.update(found, { ...found.value, owner: "other" });
  expect(taken.revision).toBe(held.revision);
  await expect(bus.ledger.update(held, { ...held.value, next: 3 })).rejects.toSatisfy((error) =>
    hasCode(error, "stale-revision"),
  );
  expect((await bus.ledger.get("m"))?.value).toEqual(taken.value);
});

test("what was held from before a break, and is there still, is written as ever", async () => {
  const held = await bus.ledger.create("m", ledger);
  await restarted(async () => undefined);
  const next = await bus.ledger.update(held, { ...held.value, next: 2 });
  expect((await bus.ledger.update(next, { ...next.value, next: 3 })).value.next).toBe(3);
});

test("streams that somebody deleted are made anew by who is asked to mend", async () => {
  await deleteStores(server.url);
  await expect(bus.ledger.info()).rejects.toSatisfy((error) => hasCode(error, "bus-unavailable"));
  await bus.mend();
  expect((await bus.ledger.create("m", ledger)).revision).toBe(1);
  await bus.mend();
  expect((await bus.ledger.get("m"))?.revision).toBe(1);
});
