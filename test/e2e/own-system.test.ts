import { execFile } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectSubmitter } from "@kubestack/gearman";
import { freePort, type Gearmand, startGearmand } from "@kubestack/real-parts";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type Services, Site } from "./site.fixture.ts";

const workerProgram = fileURLToPath(new URL("gearman-worker.fixture.ts", import.meta.url));
const commandLine = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const patience = { timeout: 60_000, interval: 100 };

let site: Site;
let services: Services;
let client: NatsConnection;
let gearmand: Gearmand;
let hooks: string;
/** What a forge signs its deliveries with. */
const secret = "hush";
let workedAt: string;

/** What a script would send with the nats CLI: bare JSON, the whole of what waits. */
function send(...items: object[]): void {
  client.publish("kubestack.external.demand.nightly", JSON.stringify({ items }));
}

async function ks(...args: string[]): Promise<string> {
  const env = { USER: "ann", HOME: site.world.folder, KUBESTACK_NATS: site.nats.url };
  return (await promisify(execFile)(process.execPath, [commandLine, ...args], { env })).stdout;
}

/** What the pods did, line by line. */
async function worked(): Promise<string[]> {
  const text = await readFile(workedAt, "utf8").catch(() => "");
  return text.split("\n").filter(Boolean).toSorted();
}

beforeAll(async () => {
  [site, gearmand] = await Promise.all([Site.start(), startGearmand()]);
  workedAt = join(site.world.folder, "worked");
  hooks = `127.0.0.1:${await freePort()}`;
  const secretFile = join(site.world.folder, "forge-secret");
  await writeFile(secretFile, secret);
  const config = await site.configure("own", (settings) => {
    const [python] = settings.templates;
    const script = `echo "$KUBESTACK_ITEM for $KUBESTACK_LABELS" >> ${workedAt}; case $KUBESTACK_ITEM in bad*) exit 7;; slow*) sleep 8;; esac`;
    const worker = {
      ...python,
      name: "worker",
      labels: ["worker", "linux"],
      masters: ["nightly", "forge"],
      command: ["sh", "-c", script],
    };
    const command = [process.execPath, workerProgram];
    const gear = (label: string) => ({ ...python, name: `gear-${label}`, labels: [label], masters: ["zuul"], command });
    const { host, port } = gearmand;
    return {
      ...settings,
      listen: { hooks },
      masters: [
        ...settings.masters,
        { name: "nightly", type: "external" },
        { name: "forge", type: "external", demand: [{ type: "webhook", secret: `file:${secretFile}` }] },
        { name: "zuul", type: "gearman", demand: [{ type: "gearman", host, port, interval: "500ms" }] },
      ],
      templates: [python, worker, gear("trusty"), gear("xenial")],
    };
  });
  services = await site.runEach(config);
  client = await connect({ servers: site.nats.url });
  for (const master of ["nightly", "zuul", "forge"])
    await services.supervisor.says(new RegExp(`"master":"${master}".*took the master over`));
});

afterAll(async () => {
  await client?.close();
  await gearmand?.stop();
  await site?.stop();
});

test("a system of one's own that says what waits gets a pod for each thing, by two lines of configuration and one message", async () => {
  expect(await ks("status")).toMatch(/nightly +\S+/);
  send({ id: "job-1", label: "worker && linux", job: "nightly report" }, { id: "job-2", label: "worker" });
  await vi.waitFor(async () => expect(await worked()).toHaveLength(2), patience);
  send();
  expect(await worked()).toEqual(["job-1 for worker linux", "job-2 for worker linux"]);
  await vi.waitFor(async () => {
    const records = (await site.records()).filter(({ master }) => master === "nightly");
    expect(records.map(({ state, life }) => [state, life.outcome])).toEqual([
      ["deleted", "served"],
      ["deleted", "served"],
    ]);
  }, patience);
  await site.untilNothingIsLeft();
});

test("beside a Jenkins, whose builds are served meanwhile; what fails is told, and what no template serves waits with its reason", async () => {
  send({ id: "bad-1", label: "worker", job: "breaks" }, { id: "odd-1", label: "mainframe", job: "odd" });
  await site.build("python", { N: "1", SECONDS_LONG: "1", CODE: "0" });
  await site.finished("python", 1);
  await vi.waitFor(async () => expect(await worked()).toContain("bad-1 for worker linux"), patience);
  expect(await ks("explain", "item:odd-1")).toMatch(/mainframe/);
  send();
  await vi.waitFor(async () => {
    const [bad] = (await site.records()).filter(({ item }) => item?.id === "bad-1");
    expect(bad).toMatchObject({ state: "deleted", life: { outcome: "failed" } });
    expect(await ks("explain", bad?.name ?? "")).toMatch(/code 7/);
  }, patience);
  await site.untilNothingIsLeft();
});

test("what runs is left alone when collector and supervisor are killed and started anew", async () => {
  send({ id: "slow-1", label: "worker" });
  await vi.waitFor(async () => expect(await worked()).toContain("slow-1 for worker linux"), patience);
  const config = join(site.world.folder, "own.yaml");
  for (const name of ["collector", "supervisor"] as const) await services[name].end("SIGKILL");
  services.collector = site.run(config, "demand-collector");
  services.supervisor = site.run(config, "slave-supervisor");
  await services.supervisor.says(/"master":"nightly".*took the master over/);
  send();
  await vi.waitFor(async () => {
    const records = (await site.records()).filter(({ item }) => item?.id === "slow-1");
    expect(records).toMatchObject([{ state: "deleted", life: { outcome: "served" } }]);
  }, patience);
  expect((await worked()).filter((line) => line.startsWith("slow-1"))).toHaveLength(1);
  await site.untilNothingIsLeft();
});

test("each job that waits at a Gearman server gets a worker in a pod of its own, which does it and is gone", async () => {
  const submitter = await connectSubmitter({ host: gearmand.host, port: gearmand.port });
  onTestFinished(async () => submitter.close());
  const names = [
    "build:unit:trusty",
    "build:unit:xenial",
    "build:docs:trusty",
    "build:unit:trusty",
    "build:lint:xenial",
  ];
  const jobs = await Promise.all(
    names.map((name, at) => submitter.watch({ function: name, unique: `job-${at}`, data: String(500 + 500 * at) })),
  );
  const results = await Promise.all(jobs.map(({ result }) => result));
  const done = results.map((result) => (result.state === "complete" ? result.data.toString() : result.state));
  await site.untilNothingIsLeft();
  const records = (await site.records()).filter(({ master }) => master === "zuul");
  expect(records.map(({ name }) => name).toSorted()).toEqual(done.toSorted());
  const told = records.map(({ state, template, life }) => [state, template, life.outcome]).toSorted();
  expect(told).toEqual([
    ...Array.from({ length: 3 }, () => ["deleted", "gear-trusty", "served"]),
    ...Array.from({ length: 2 }, () => ["deleted", "gear-xenial", "served"]),
  ]);
});

test("a job that a forge tells of by a signed webhook gets a pod, however often it is told; an unsigned one gets none", async () => {
  const deliver = async (action: string, sign = true): Promise<number> => {
    const job = {
      id: 4711,
      name: "unit",
      html_url: "https://forge.example.org/4711",
      labels: ["worker"],
      status: action,
    };
    const body = JSON.stringify({ action, workflow_job: job, repository: { full_name: "team/app" } });
    const signature = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
    const headers = { "Content-Type": "application/json", "X-GitHub-Event": "workflow_job" };
    const response = await fetch(`http://${hooks}/hooks/demand/forge`, {
      method: "POST",
      headers: sign ? { ...headers, "X-Hub-Signature-256": signature } : headers,
      body,
    });
    await response.body?.cancel();
    return response.status;
  };
  expect(await vi.waitFor(() => deliver("queued", false), patience)).toBe(401);
  expect(await Promise.all([deliver("queued"), deliver("queued"), deliver("queued")])).toEqual([200, 200, 200]);
  const ofForge = async () => (await site.records()).filter(({ master }) => master === "forge");
  await vi.waitFor(async () => expect(await ofForge()).toHaveLength(1), patience);
  expect(await deliver("in_progress")).toBe(200);
  expect(await deliver("completed")).toBe(200);
  await site.untilNothingIsLeft();
  expect(await ofForge()).toMatchObject([
    { state: "deleted", life: { outcome: "served" }, item: { source: "webhook" } },
  ]);
});
