import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Bus, connectBus } from "@kubestack/bus";
import { channels, type SlaveRecord, subjects } from "@kubestack/contracts";
import {
  agentProgram,
  type EventPublisher,
  type JenkinsSimulator,
  startEventPublisher,
  startJenkinsSimulator,
} from "@kubestack/jenkins-simulator";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { stringify } from "yaml";
import { type Service, Site } from "./site.fixture.ts";

const commandLine = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));
const image = "registry.example.org/python:1";
const patience = { timeout: 60_000, interval: 100 };

let site: Site;
let jenkins: JenkinsSimulator;
let publisher: EventPublisher;
let daemon: Service;
/** To the nats-server that the process starts for itself, as such a file names none. */
let bus: Bus;
let file: string;
let apiKey: string;
let environment: Readonly<Record<string, string>>;

beforeAll(async () => {
  jenkins = await startJenkinsSimulator({ seed: 3, context: "/ci" });
  publisher = await startEventPublisher({ core: jenkins.core, url: jenkins.url });
  site = await Site.start({ images: { [image]: { entrypoint: [process.execPath, agentProgram] } } });
  const { cluster } = site.world.parts;
  apiKey = (await readFile(cluster.tokenFile, "utf8")).trim();
  file = join(site.world.folder, "original.yaml");
  await written(["python"]);
  environment = {
    XDG_STATE_HOME: join(site.world.folder, "state"),
    KUBESTACK_NATS_SERVER: site.world.parts.nats.binary,
    KUBESTACK_NAMESPACE: "ci-agents",
    NODE_EXTRA_CA_CERTS: cluster.caFile,
  };
  daemon = site.runWith(environment, file);
  await daemon.says(/"master":"default".*took the master over/);
  const address = await readFile(join(site.world.folder, "state/kubestack/nats/address"), "utf8");
  bus = await connectBus({ servers: [address.trim()], name: "end-to-end" });
});

afterAll(async () => {
  await bus?.close();
  await daemon?.end("SIGTERM");
  await site?.stop();
  await publisher?.stop();
  await jenkins?.stop();
});

/** Writes a file in the original's form, as its users have it in /etc/kubestack/config.yaml, with these labels. */
async function written(labels: readonly string[]): Promise<void> {
  const { url, user, password: pass } = jenkins;
  const original = {
    "demand-listeners": [{ name: "queue", type: "jenkins_queue" }],
    "destroy-listeners": [{ name: "events", type: "zmq", host: "127.0.0.1", port: publisher.port }],
    jenkins: { external_url: url, internal_url: url, user, pass },
    kubernetes: { url: site.world.parts.cluster.url, api_key: apiKey },
    labels: labels.map((name) => ({ name, image, cpu: 0.1, memory: "128Mi" })),
  };
  await writeFile(file, stringify(original), { mode: 0o600 });
}

async function ends(job: string, label: string): Promise<void> {
  jenkins.core.createJob({ name: job, label, durationMs: 1_500 });
  jenkins.core.build(job);
  await vi.waitFor(() => {
    expect(jenkins.core.works().find((work) => work.job === job)).toMatchObject({ result: "SUCCESS" });
  }, patience);
}

async function records(): Promise<SlaveRecord[]> {
  return (await bus.slaves.list()).map(({ value }) => value);
}

async function ks(...args: string[]): Promise<string> {
  const env = { ...environment, HOME: site.world.folder, PATH: process.env.PATH };
  return (await promisify(execFile)(process.execPath, [commandLine, ...args], { env })).stdout;
}

async function nothingIsLeft(): Promise<void> {
  await vi.waitFor(async () => {
    const { pods, secrets, processes } = await site.present();
    const ledger = (await bus.ledger.list()).flatMap(({ value }) => value.live);
    expect({ pods, secrets, processes, ledger }).toEqual({ pods: [], secrets: [], processes: [], ledger: [] });
    expect([...jenkins.core.state.nodes.keys()].filter((name) => !name.startsWith("ks-anchor-"))).toEqual([]);
  }, patience);
}

test("the original's file, as it stands, launches a pod: the build runs on it, and nothing is left", async () => {
  await publisher.subscribed;
  await ends("unit", "python");
  await nothingIsLeft();
  const [slave, ...others] = await records();
  expect(others).toEqual([]);
  expect(slave).toMatchObject({
    master: "default",
    template: "python",
    labels: ["python"],
    life: { outcome: "served" },
  });
  expect(jenkins.core.works()).toMatchObject([{ job: "unit", node: slave?.name, endedBy: "itself" }]);
  const requests = await site.requests();
  const asked = (verb: string, resource: string) =>
    requests.filter((one) => one.verb === verb && one.resource === resource).map(({ name }) => name);
  expect([asked("create", "pods"), asked("create", "secrets")]).toEqual([[slave?.name], [slave?.name]]);
});

test("a label that is added to it is served without a new start, and one that is not there by nothing", async () => {
  await written(["python", "java"]);
  await daemon.says(/the changed configuration is taken up: templates added: java/);
  jenkins.core.createJob({ name: "odd", label: "mainframe" });
  jenkins.core.build("odd");
  await ends("compile", "java");
  await nothingIsLeft();
  expect((await records()).map(({ template }) => template).toSorted()).toEqual(["java", "python"]);
  const plan = await bus.readLast(channels.plan, subjects.plan("default"));
  expect(plan?.data.waiting).toMatchObject([{ job: "odd", code: "not-ours" }]);
});

test("a template is looked at before it launches anything: as it runs, and changed", async () => {
  const args = ["templates", "render", "python", "--diff", "--config", file] as const;
  const same = "python is as it runs for master default: nothing changes.\n";
  expect(await ks(...args)).toBe(same);
  const changed = join(site.world.folder, "changed.yaml");
  await writeFile(changed, (await readFile(file, "utf8")).replace("memory: 128Mi", "memory: 192Mi"), { mode: 0o600 });
  const [code, out] = await ks(...args.slice(0, -1), changed).then(
    (text) => [0, text],
    (error: { code: number; stdout: string }) => [error.code, error.stdout],
  );
  expect(code).toBe(1);
  const lines = String(out).split("\n");
  expect(lines.filter((line) => /^[-+] /.test(line)).map((line) => line.replace(/^(.) +/, "$1 "))).toEqual([
    ...["- memory: 128Mi", "+ memory: 192Mi", "- memory: 128Mi", "+ memory: 192Mi"],
  ]);
  expect((await ks("templates", "--config", file)).split("\n")[1]).toMatch(/^python +python +registry/);
});

test("`status` and `config check` know it, and its secrets are in nothing that is told or kept", async () => {
  const told = [await ks("config", "check", file), await ks("status", "--config", file)];
  expect(told[1]).toMatch(/^default +ok/m);
  const kept = JSON.stringify([await bus.masters.list(), await records(), await bus.ledger.list()]);
  for (const text of [...told, await daemon.log(), kept])
    for (const secret of [jenkins.password, apiKey]) expect(text.includes(secret)).toBe(false);
});
