import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readExposition } from "@kubestack/metrics/testing";
import {
  freePort,
  type NatsServer,
  partsEnvironment,
  type RunningProcess,
  startNatsServer,
  startProcess,
  type TemporaryFolder,
  temporaryFolder,
} from "@kubestack/real-parts";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { version } from "./version.ts";

const program = fileURLToPath(new URL("../bin/kubestackd.js", import.meta.url));

let folder: TemporaryFolder;
let nats: NatsServer;
let files = 0;
const started: RunningProcess[] = [];

beforeAll(async () => {
  folder = await temporaryFolder("self-report");
  nats = await startNatsServer();
});
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
});
afterAll(async () => {
  await nats?.stop();
  await folder?.remove();
});

/** Starts services whose master and cluster are not there. Resolves with where they tell of themselves. */
async function run(listen: object | undefined, ...services: string[]): Promise<string> {
  files += 1;
  const file = join(folder.path, `config-${files}.yaml`);
  const logFile = join(folder.path, `log-${files}`);
  const at = `http://127.0.0.1:${await freePort()}`;
  const configuration = {
    install: "test",
    nats: { servers: [nats.url] },
    kubernetes: { namespace: "ci", url: at, token: "env:CLUSTER_TOKEN" },
    listen,
    masters: [{ name: "m", url: `${at}/`, agentUrl: "http://master.example.org/", token: "env:MASTER_TOKEN" }],
    templates: [{ name: "python", labels: ["python"], image: "python:3" }],
  };
  await writeFile(file, JSON.stringify(configuration));
  const log = () => readFile(logFile, "utf8");
  const running = await startProcess({
    name: "kubestackd",
    command: process.execPath,
    args: [program, "--config", file, ...services],
    logFile,
    cwd: folder.path,
    env: { ...partsEnvironment().bare, CLUSTER_TOKEN: "hunter2", MASTER_TOKEN: "hunter2" },
    isReady: async () => (await log()).includes("kubestackd is ready"),
  });
  started.push(running);
  return /metrics are at (http:\S+)\/metrics/.exec(await log())?.[1] ?? "";
}

async function asked(url: string, path: string): Promise<[status: number, text: string]> {
  const answer = await fetch(`${url}${path}`);
  return [answer.status, await answer.text()];
}

async function until(check: () => Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 20_000, interval: 50 });
}

test("a collector is ready as soon as it seeks its leases, whatever becomes of its master; not while NATS is away", async () => {
  const url = await run(undefined, "demand-collector");
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await asked(url, "/readyz")).toEqual([200, "ok nats: connected\nok services: run\n"]);
  await until(async () => {
    const told = readExposition((await asked(url, "/metrics"))[1]);
    expect(told.sum("kubestack_lease_held", { service: "demand-collector", master: "m" })).toBe(1);
    expect(told.sum("kubestack_master_up", { master: "m" })).toBe(0);
    expect(told.sum("kubestack_rounds_total", { master: "m", state: "unknown" })).toBeGreaterThan(0);
    const failed = { master: "m", call: "readComputers", code: "master-unavailable" };
    expect(told.sum("kubestack_master_request_errors_total", failed)).toBeGreaterThan(0);
    expect(told.sum("kubestack_build_info", { version, services: "demand-collector" })).toBe(1);
    expect(told.sum("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
  });

  await nats.stopServer();
  await until(async () =>
    expect(await asked(url, "/readyz")).toEqual([503, "not ready nats: the connection is lost\nok services: run\n"]),
  );
  // Killing it would not bring NATS back.
  expect(await asked(url, "/healthz")).toEqual([200, "ok\n"]);
  expect(readExposition((await asked(url, "/metrics"))[1]).sum("kubestack_nats_connected")).toBe(0);

  await nats.startServer();
  await until(async () => expect((await asked(url, "/readyz"))[0]).toBe(200));
  const told = readExposition((await asked(url, "/metrics"))[1]);
  expect([told.sum("kubestack_nats_connected"), told.sum("kubestack_nats_reconnects_total")]).toEqual([1, 1]);
});

test("a supervisor is not ready until the cluster has answered, and says so; its counts begin at 0", async () => {
  const url = await run({ metrics: "127.0.0.1:0" }, "slave-supervisor");
  const [status, text] = await asked(url, "/readyz");
  expect([status, text]).toEqual([503, expect.stringMatching(/^not ready cluster: \S/m)]);
  expect(text).not.toContain("hunter2");
  expect(await asked(url, "/healthz")).toEqual([200, "ok\n"]);
  const told = readExposition((await asked(url, "/metrics"))[1]);
  for (const kind of ["pod", "item"])
    expect(told.sum("kubestack_duplicate_launches_total", { master: "m", kind })).toBe(0);
  for (const outcome of ["served", "failed", "withdrawn"])
    expect(told.sum("kubestack_launch_outcomes_total", { template: "python", outcome })).toBe(0);
  for (const name of ["watch_synced", "store_is_ours"])
    expect(told.sum(`kubestack_${name}`, { namespace: "ci" })).toBe(0);
});

test("off, it listens nowhere", async () => {
  expect(await run({ metrics: "off" }, "demand-collector")).toBe("");
});

test("a port that is taken ends it with one sentence: what, where, what to do", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = other.address() as { port: number };
    await expect(run({ metrics: `127.0.0.1:${port}` }, "demand-collector")).rejects.toThrow(
      `kubestackd: listen.metrics: 127.0.0.1:${port} can't be listened at: another program has that port; name another one, or port 0 for any that is free.`,
    );
  } finally {
    other.close();
  }
});
