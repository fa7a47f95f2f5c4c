import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type JenkinsSimulator, startJenkinsSimulator } from "../simulator.ts";
import { agentProgram } from "./agent-program.ts";

let master: JenkinsSimulator;
let folder: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "simulated-agent-"));
  master = await startJenkinsSimulator({ context: "/ci" });
  master.core.createNode({ name: "n1", labels: "go" });
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  await master.stop();
  await rm(folder, { recursive: true });
});

interface Agent {
  readonly child: ChildProcess;
  said(): string;
}

async function startAgent(more: Record<string, string> = {}, secret = master.secretOf("n1")): Promise<Agent> {
  const file = join(folder, "secret");
  await writeFile(file, `${secret}\n`);
  const env = {
    KUBESTACK_AGENT_URL: master.url,
    KUBESTACK_AGENT_NAME: "n1",
    KUBESTACK_AGENT_SECRET_FILE: file,
    ...more,
  };
  const child = spawn(process.execPath, [agentProgram], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text };
}

const isOnline = (name = "n1") => master.core.node(name).connectedAtMs !== null;
const online = () => master.until(() => isOnline());

test("is online while its process lives, and tells what it runs", async () => {
  master.core.createJob({ name: "j", label: "go", durationMs: 10 });
  master.core.build("j");
  const agent = await startAgent();
  await master.until((core) => core.works()[0]?.result === "SUCCESS");
  await vi.waitFor(() => expect(agent.said()).toMatch(/INFO: Connected\n(.*\n)*started j #1\nended j #1: SUCCESS/));
  agent.child.kill("SIGKILL");
  await master.until(() => !isOnline());
});

test("runs the script of a build, whose end is the build's, and ends it with its channel", async () => {
  const flag = join(folder, "flag");
  const waits = `while [ ! -e '${flag}' ]; do sleep 0.02; done; echo $$ > '${flag}'`;
  master.core.createJob({ name: "j", label: "go", durationMs: null, script: waits });
  master.core.createJob({ name: "fails", label: "go", durationMs: null, script: "exit 3" });
  master.core.build("j");
  const agent = await startAgent();
  await master.until((core) => core.works()[0]?.startedAtMs != null);
  expect(master.core.job("j").runs[0]?.endedAtMs).toBeNull();
  await writeFile(flag, "");
  await master.until((core) => core.works()[0]?.result === "SUCCESS");
  master.core.build("fails");
  await master.until((core) => core.works()[1]?.result === "FAILURE");
  const pidFile = join(folder, "pid");
  master.core.createJob({
    name: "stays",
    label: "go",
    durationMs: null,
    script: `echo $$ > '${pidFile}'; exec sleep 600`,
  });
  master.core.build("stays");
  const pid = await vi.waitFor(async () => {
    const number = Number(await readFile(pidFile, "utf8"));
    expect(number).toBeGreaterThan(0);
    return number;
  });
  agent.child.kill("SIGTERM");
  await master.until((core) => core.works()[2]?.endedBy === "agent-lost");
  // Gone, or dead and not yet reaped by whoever inherited it.
  await vi.waitFor(async () =>
    expect(await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z ")).toMatch(/\) [ZX] /),
  );
});

test("comes back after a restart of its master, unless it was told not to", async () => {
  const agent = await startAgent();
  await online();
  master.core.restart({ downMs: 50 });
  expect(isOnline()).toBe(false);
  await online();
  agent.child.kill("SIGTERM");
  await once(agent.child, "exit");
  expect(agent.child.exitCode).toBe(143);
  await master.until(() => !isOnline());
  const single = await startAgent({ KUBESTACK_AGENT_RECONNECT: "never" });
  await vi.waitFor(() => expect(single.said()).toContain("Connected"));
  master.dropConnections();
  await once(single.child, "exit");
  expect(single.child.exitCode).toBe(0);
});

test("is cut off by its master, with its node's build", async () => {
  master.core.createJob({ name: "j", label: "go", durationMs: null });
  master.core.build("j");
  const agent = await startAgent({ KUBESTACK_AGENT_RECONNECT: "never" });
  await master.until((core) => core.works()[0]?.startedAtMs !== null);
  master.core.deleteNode("n1");
  await once(agent.child, "exit");
  expect(master.core.killed()).toMatchObject([{ node: "n1", by: "node-deleted" }]);
});

test("a wrong secret, a second agent and a missing file are refused", async () => {
  const wrong = await startAgent({}, "wrong");
  await once(wrong.child, "exit");
  expect([wrong.child.exitCode, wrong.said()]).toEqual([14, expect.stringContaining("answered 403")]);
  master.core.connect("n1");
  const second = await startAgent({ KUBESTACK_AGENT_TRIES: "1" });
  await once(second.child, "exit");
  expect([second.child.exitCode, second.said()]).toEqual([14, expect.stringContaining("answered 409")]);
  const none = await startAgent({ KUBESTACK_AGENT_SECRET_FILE: join(folder, "none") });
  await once(none.child, "exit");
  expect(none.child.exitCode).toBe(11);
});

describe("by WebSocket", () => {
  const webSocket = { KUBESTACK_AGENT_WEBSOCKET: "true" };

  test("is online while its process lives, runs the script of a build, and comes back after a restart of its master", async () => {
    const script = `touch '${join(folder, "ran")}'`;
    master.core.createJob({ name: "j", label: "go", durationMs: null, script });
    master.core.build("j");
    const agent = await startAgent(webSocket);
    await master.until((core) => core.works()[0]?.result === "SUCCESS");
    await vi.waitFor(() => expect(agent.said()).toMatch(/INFO: Connected\n(.*\n)*started j #1\nended j #1: SUCCESS/));
    expect(await readFile(join(folder, "ran"), "utf8")).toBe("");
    expect(master.log).toContain("GET wsagents/");
    expect(master.log).not.toContain("GET simulator/agent");
    master.core.restart({ downMs: 50 });
    expect(isOnline()).toBe(false);
    await online();
    agent.child.kill("SIGKILL");
    await master.until(() => !isOnline());
  });

  test("a line of any length comes whole", async () => {
    const agent = await startAgent(webSocket);
    await online();
    for (const length of [100, 1_000, 100_000]) {
      const part = "x".repeat(length);
      master.core.createJob({ name: part, label: "go", durationMs: 0 });
      master.core.build(part);
      await vi.waitFor(() => expect(agent.said()).toContain(`started ${part} #1`));
    }
  });

  test("is cut off by its master, with its node's build", async () => {
    master.core.createJob({ name: "j", label: "go", durationMs: null });
    master.core.build("j");
    const agent = await startAgent({ ...webSocket, KUBESTACK_AGENT_RECONNECT: "never" });
    await master.until((core) => core.works()[0]?.startedAtMs != null);
    master.core.deleteNode("n1");
    await once(agent.child, "exit");
    expect([agent.child.exitCode, agent.said()]).toEqual([0, expect.stringContaining("connection was lost")]);
  });

  test("a wrong secret and a second agent are refused as a Jenkins does", async () => {
    const wrong = await startAgent(webSocket, "wrong");
    await once(wrong.child, "exit");
    expect([wrong.child.exitCode, wrong.said()]).toEqual([14, expect.stringContaining("answered 403")]);
    master.core.connect("n1");
    const second = await startAgent({ ...webSocket, KUBESTACK_AGENT_TRIES: "1" });
    await once(second.child, "exit");
    expect([second.child.exitCode, second.said()]).toEqual([14, expect.stringContaining("answered 400")]);
  });
});
