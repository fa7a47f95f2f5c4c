import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connectBus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import {
  type NatsServer,
  partsEnvironment,
  type RunningProcess,
  startNatsServer,
  startProcess,
  type TemporaryFolder,
  temporaryFolder,
} from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const program = fileURLToPath(new URL("../bin/kubestackd.js", import.meta.url));

let folder: TemporaryFolder;
let nats: NatsServer;

beforeAll(async () => {
  folder = await temporaryFolder("api");
  nats = await startNatsServer();
  // Another service has run here: who answers people makes nothing.
  await (await connectBus({ servers: [nats.url], name: "test" })).close();
});
afterAll(async () => {
  await nats?.stop();
  await folder?.remove();
});

/** Starts services, and resolves with the process and with how its log is read. */
async function run(name: string, listen: object, ...services: string[]) {
  const [file, logFile] = [join(folder.path, `${name}.yaml`), join(folder.path, `${name}.log`)];
  const configuration = {
    ...{ install: "test", nats: { servers: [nats.url] }, listen },
    kubernetes: { namespace: "ci", url: "http://127.0.0.1:1", token: "env:CLUSTER_TOKEN" },
    masters: [
      {
        ...{ name: "m", url: "http://127.0.0.1:1/", agentUrl: "http://master.example.org/", token: "env:MASTER_TOKEN" },
      },
    ],
    templates: [{ name: "python", labels: ["python"], image: "python:3" }],
  };
  await writeFile(file, JSON.stringify(configuration));
  const log = () => readFile(logFile, "utf8");
  const running: RunningProcess = await startProcess({
    name: "kubestackd",
    command: process.execPath,
    args: [program, "--config", file, ...services],
    logFile,
    cwd: folder.path,
    env: { ...partsEnvironment().bare, CLUSTER_TOKEN: "hunter2", MASTER_TOKEN: "hunter2" },
    isReady: async () => (await log()).includes("kubestackd is ready"),
  });
  return { running, log };
}

const addressIn = (log: string) => /people are answered at (http:\S+)\/api\/v1\//.exec(log)?.[1];

test("a process of its own answers people over HTTP and NATS, with no master and no cluster, and ends when it is told to", async () => {
  const { running, log } = await run("alone", { api: "127.0.0.1:0" }, "api");
  try {
    await vi.waitFor(async () => expect(addressIn(await log())).toBeDefined());
    const url = addressIn(await log());
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      conditions: [
        { name: "nats", isReady: true, detail: "connected" },
        { name: "services", isReady: true, detail: "run" },
      ],
    });
    const answer = await fetch(`${url}/api/v1/explain?what=m`);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      { error: { code: "not-found", message: expect.stringContaining("Nothing is called 'm'") } },
    ]);
    const metrics = /metrics are at (http:\S+)\/metrics/.exec(await log())?.[1];
    expect(await (await fetch(`${metrics}/metrics`)).text()).toContain(
      'kubestack_api_request_duration_seconds_count{call="/api/v1/explain",code="404"} 1',
    );
    const bus = await connectBus({ servers: [nats.url], name: "test" });
    await expect(bus.request(commands.explain, { what: "m" })).rejects.toThrow("Nothing is called 'm'");
    await bus.close();
    // Who keeps a connection does not hold up the end.
    await (await fetch(`${url}/healthz`)).json();
  } finally {
    await running.stop();
  }
  expect(await log()).not.toMatch(/"level":(?:50|60)|hunter2|did not end/);
});

test("another process with the same address answers over NATS, and says why not over HTTP", async () => {
  const one = await run("one", { api: "127.0.0.1:0" }, "api");
  try {
    await vi.waitFor(async () => expect(addressIn(await one.log())).toBeDefined());
    const listen = { api: new URL(addressIn(await one.log()) ?? "").host };
    const two = await run("two", listen, "api", "demand-collector");
    try {
      const bus = await connectBus({ servers: [nats.url], name: "test" });
      await vi.waitFor(async () => {
        const { notes } = await bus.request(commands.collectorStatus, {});
        expect(notes?.join()).toContain(
          `listen.api: ${listen.api} can't be listened at: another program has that port`,
        );
      });
      await bus.close();
    } finally {
      await two.running.stop();
    }
  } finally {
    await one.running.stop();
  }
});
