import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus } from "@kubestack/bus";
import { channels, keys, subjects } from "@kubestack/contracts";
import { demand, item, keptMaster, slave } from "@kubestack/explain/testing";
import { createMeter, Readiness } from "@kubestack/metrics";
import { startNatsServer, type TemporaryFolder, temporaryFolder } from "@kubestack/real-parts";
import { listeningLog, manualTiming } from "@kubestack/runtime/testing";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { startApi } from "./service.ts";

const rights = fileURLToPath(new URL("../../../deploy/nats-api.conf", import.meta.url));

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder("nats-rights");
});
afterAll(() => folder?.remove());

/** What the other services left in NATS. */
async function fill(): Promise<void> {
  const nats = await startNatsServer({ dir: folder.path });
  const bus = await connectBus({ servers: [nats.url], name: "world" });
  const { op: _, ...record } = slave("ks-backend-1", "busy");
  await bus.slaves.create(keys.slave("backend", record.name), record);
  const { op: __, ...kept } = keptMaster("backend");
  await bus.masters.create(keys.master("backend"), kept);
  await bus.leases.create(keys.lease("slave-supervisor", "backend"), { holder: "kubestackd-1" });
  await bus.publish(channels.demand, subjects.demand("backend"), demand("backend", [item("412")]));
  await bus.close();
  await nats.stop();
}

test("what deploy/nats-api.conf lets a user do is all that the service needs, and not to write", async () => {
  await fill();
  const users = `users: [{ user: api, password: x, permissions: { ${await readFile(rights, "utf8")}\n } }]`;
  const nats = await startNatsServer({ dir: folder.path, config: `authorization { ${users} }\nno_auth_user: api` });
  onTestFinished(() => nats.stop());
  const bus = await connectBus({ servers: [nats.url], name: "api", makesStores: false });
  onTestFinished(() => bus.close());
  const timing = manualTiming();
  const api = await startApi({
    ...{ bus, version: "1.2.3", listen: "127.0.0.1:0", log: listeningLog([]), timing },
    ...{ meter: createMeter(), readiness: new Readiness() },
  });
  onTestFinished(() => api.stop());
  for (const [what, kind] of [
    ["ks-backend-1", "slave"],
    ["412", "item"],
    ["backend", "master"],
  ]) {
    const answer = await fetch(`${await api.listening}/api/v1/explain?what=${what}`);
    expect(await answer.json()).toMatchObject({ kind });
    await timing.advance(1000);
  }
  expect(await refusals()).toEqual([]);

  const { op: _, ...record } = slave("ks-backend-2", "busy");
  await expect(bus.slaves.create(keys.slave("backend", record.name), record)).rejects.toThrow();
  await vi.waitFor(async () =>
    expect((await refusals()).join("\n")).toMatch(/Publish.*\$KV\.kubestack_slaves\.backend\.ks-backend-2/),
  );

  async function refusals(): Promise<string[]> {
    const lines = (await readFile(join(folder.path, "nats-server.log"), "utf8")).split("\n");
    return lines.filter((line) => /violation/i.test(line));
  }
});
