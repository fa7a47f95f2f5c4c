import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Bus, connectBus } from "@kubestack/bus";
import { type Completion, channels, commands, type Demand, subjects } from "@kubestack/contracts";
import { type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
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
import { afterAll, beforeAll, expect, test, vi } from "vitest";

const program = fileURLToPath(new URL("../bin/kubestackd.js", import.meta.url));
const page = fileURLToPath(new URL("../../../docs/webhooks.md", import.meta.url));
const secret = "a secret of the test";
const slave = "ks-m-abcd1";
const patient = { timeout: 20_000, interval: 20 };

let folder: TemporaryFolder;
let nats: NatsServer;
let jenkins: JenkinsSimulator;
let bus: Bus;
const daemons: RunningProcess[] = [];
let hooks: string;
const log = () => readFile(join(folder.path, "log-1"), "utf8");

/** Starts a process of these services. Resolves with where it takes webhooks. */
async function run(...services: string[]): Promise<string> {
  const logFile = join(folder.path, `log-${daemons.length + 1}`);
  const taken = async () => /webhooks are taken at (http:\S+)\/hooks\//.exec(await readFile(logFile, "utf8"))?.[1];
  const daemon = await startProcess({
    name: "kubestackd",
    command: process.execPath,
    args: [program, "--config", join(folder.path, "config.yaml"), ...services],
    logFile,
    cwd: folder.path,
    env: { ...partsEnvironment().bare, MASTER_TOKEN: jenkins.token },
    isReady: async () => (await taken()) !== undefined,
  });
  daemons.push(daemon);
  return (await taken()) ?? "";
}

/** One process of both collectors: `backend` is known by webhooks alone, and `m` is a Jenkins that is read every five minutes. */
beforeAll(async () => {
  folder = await temporaryFolder("webhooks");
  [nats, jenkins] = await Promise.all([startNatsServer(), startJenkinsSimulator()]);
  bus = await connectBus({ servers: [nats.url], name: "test" });
  jenkins.core.createNode({ name: slave, labels: "maven" });
  jenkins.core.connect(slave);
  jenkins.core.createJob({ name: "team/lib", label: "maven", durationMs: null });
  const secretFile = join(folder.path, "secret");
  await writeFile(secretFile, `${secret}\n`);
  const nowhere = `http://127.0.0.1:${await freePort()}`;
  const configuration = {
    install: "test",
    nats: { servers: [nats.url] },
    kubernetes: { namespace: "ci", url: nowhere, token: "env:MASTER_TOKEN" },
    listen: { hooks: "127.0.0.1:0" },
    masters: [
      {
        name: "backend",
        type: "external",
        demand: [{ type: "webhook", secret: `file:${secretFile}`, interval: "250ms" }],
      },
      {
        name: "m",
        url: jenkins.url,
        agentUrl: "http://master.example.org/",
        user: jenkins.user,
        token: "env:MASTER_TOKEN",
        demand: [{ type: "jenkins-queue", interval: "5m" }],
        completion: [{ type: "notification", secret: `file:${secretFile}` }],
      },
    ],
    templates: [{ name: "maven", labels: ["maven", "linux"], image: "maven:3" }],
  };
  await writeFile(join(folder.path, "config.yaml"), JSON.stringify(configuration));
  hooks = await run("demand-collector", "completion-collector");
});

afterAll(async () => {
  for (const daemon of daemons) await daemon.stop();
  await bus?.close();
  await jenkins?.stop();
  await nats?.stop();
  await folder?.remove();
});

test("the example of the page is taken as it stands, and its job waits", async () => {
  const rounds: Demand[] = [];
  const end = bus.subscribe(channels.demand, subjects.demand("backend"), ({ data }) => rounds.push(data));
  const [, example = ""] = /```sh\n([\s\S]*?)```/.exec(await readFile(page, "utf8")) ?? [];
  const { stdout } = await promisify(execFile)("sh", ["-euc", example], {
    env: { ...partsEnvironment().bare, HOOKS: hooks, SECRET_FILE: join(folder.path, "secret") },
  });
  expect(JSON.parse(stdout)).toEqual({ message: "Job nightly-217 is waiting." });
  await vi.waitFor(() => {
    expect(rounds.at(-1)?.sources[0]).toMatchObject({
      name: "webhook",
      state: "ok",
      items: [{ id: "nightly-217", wants: { kind: "expression", expression: "maven && linux" } }],
    });
  }, patient);
  end();
});

test("what the page says of its own form is taken", async () => {
  const [, example = ""] = /```json\n([\s\S]*?)```/.exec(await readFile(page, "utf8")) ?? [];
  const answer = await fetch(`${hooks}/hooks/demand/backend`, {
    method: "POST",
    body: example,
    headers: { "content-type": "application/json", "x-gitlab-token": secret },
  });
  expect(await answer.json()).toEqual({ message: "Job nightly-217 is waiting." });
});

/** As the Notification plugin sends it. */
async function notify(
  phase: string,
  number: number,
  { password = secret, at = hooks }: { password?: string; at?: string } = {},
): Promise<number> {
  const answer = await fetch(`${at}/hooks/completion/m`, {
    method: "POST",
    body: JSON.stringify({
      name: "lib",
      url: "job/team/job/lib/",
      build: { full_url: `https://ci.example.org/job/team/job/lib/${number}/`, number, queue_id: 1, phase },
    }),
    headers: {
      "content-type": "application/json;charset=UTF-8",
      authorization: `Basic ${Buffer.from(`kubestack:${password}`).toString("base64")}`,
    },
  });
  return answer.status;
}

test("a build's end is known long before the next round, from what the Notification plugin tells and the master shows", async () => {
  const facts: Completion[] = [];
  const end = bus.subscribe(channels.completion, subjects.completionsOf("m"), ({ data }) => facts.push(data));
  const told = (phase: Completion["phase"]) =>
    vi.waitFor(() => expect(facts.map((fact) => fact.phase)).toContain(phase), patient);
  // The collector reads the master once at its start; builds come after.
  await vi.waitFor(async () => {
    expect(await bus.readLast(channels.demand, subjects.demand("m"))).toBeDefined();
  }, patient);
  jenkins.core.build("team/lib");
  expect(await notify("STARTED", 1, { password: "a wrong one" })).toBe(401);
  expect(await notify("STARTED", 1)).toBe(202);
  await told("started");
  jenkins.core.markOffline(slave);
  jenkins.core.finishBuild("team/lib");
  expect(await notify("FINALIZED", 1)).toBe(202);
  await told("finished");
  expect(facts.find(({ phase }) => phase === "finished")).toMatchObject({ listener: "jenkins-computers", node: slave });
  const { masters } = await bus.request(commands.completionStatus, {});
  expect(masters.find(({ master }) => master === "m")?.detail).toMatch(
    /^listens; 2 notifications heard; webhooks are taken at http:\/\/127\.0\.0\.1:\d+\/hooks\/$/,
  );
  end();
});

test("a notification that comes to the process that does not hold the lease is passed on", async () => {
  const facts: Completion[] = [];
  const end = bus.subscribe(channels.completion, subjects.completionsOf("m"), ({ data }) => facts.push(data));
  const second = await run("completion-collector");
  const detailIn = (state: "ok" | "waiting") =>
    vi.waitFor(async () => {
      const processes = await bus.requestAll(commands.completionStatus, {});
      const found = processes.flatMap(
        ({ masters }) => masters.find((one) => one.master === "m" && one.state === state) ?? [],
      );
      expect(processes).toHaveLength(2);
      expect(found).toHaveLength(1);
      return found[0]?.detail ?? "";
    }, patient);
  const idle = await detailIn("waiting");
  const at = [hooks, second].find((url) => idle.includes(url)) ?? "";
  const phases = () => facts.filter(({ build }) => build.number === 2).map(({ phase }) => phase);
  jenkins.core.bringOnline(slave);
  jenkins.core.build("team/lib");
  await bus.request(commands.freshRound, { master: "m" }, { master: "m" });
  await vi.waitFor(() => expect(phases()).toContain("started"), patient);
  jenkins.core.markOffline(slave);
  jenkins.core.finishBuild("team/lib");
  expect(await notify("FINALIZED", 2, { at })).toBe(202);
  await vi.waitFor(() => expect(phases()).toContain("finished"), patient);
  expect(await detailIn("waiting")).toContain(at);
  end();
});

test("the log tells of what was taken and refused, and never a secret", async () => {
  const text = await log();
  expect(text).toContain("a delivery is refused");
  expect(text).not.toContain(secret);
  expect(text).not.toContain("a wrong one");
});
