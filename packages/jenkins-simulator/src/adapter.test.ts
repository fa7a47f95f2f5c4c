import { connectMaster, type Master, readWhy } from "@kubestack/jenkins";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type JenkinsSimulator, startJenkinsSimulator } from "./simulator.ts";

let simulator: JenkinsSimulator;
let master: Master;

beforeEach(async () => {
  simulator = await startJenkinsSimulator({ time: "manual", context: "/ci", rootUrl: "https://ci.example.org/ci/" });
  master = connectAs(simulator.user, simulator.token, "token");
});
afterEach(async () => {
  master.close();
  await simulator.stop();
});

function connectAs(user: string, secret: string, kind: "token" | "password"): Master {
  return connectMaster({ name: "simulated", url: simulator.url, user, auth: { kind, read: async () => secret } });
}

const node = (name: string, labels: readonly string[]) =>
  ({ name, description: "", labels, executors: 1, remoteFs: "/w", mode: "EXCLUSIVE" }) as const;

describe("what today's Jenkins shows, read through the adapter", () => {
  test("a pipeline's label comes out only while two nodes carry it", async () => {
    simulator.core.createJob({ name: "p", kind: "pipeline", blocks: [{ label: "go && linux" }] });
    simulator.core.build("p");
    const said = async () => readWhy((await master.readQueue()).items[0]?.why ?? "");
    expect(await said()).toEqual({ kind: "executor" });
    await master.createNode(node("anchor-1", ["go", "linux"]));
    expect(await said()).toEqual({ kind: "node-offline", node: "anchor-1" });
    await master.createNode(node("anchor-2", ["go", "linux"]));
    expect(await said()).toEqual({ kind: "label-offline", label: "go&&linux" });
    const [item] = (await master.readQueue()).items;
    expect(item).toMatchObject({ stuck: true, taskClass: expect.stringContaining("PlaceholderTask") });
    expect(item).not.toHaveProperty("labelExpression");
  });

  test("a freestyle job's label is in its item, and links lead back though they name another address", async () => {
    simulator.core.createJob({ name: "team/api", label: "go" });
    simulator.core.build("team/api");
    const [item] = (await master.readQueue()).items;
    expect(item).toMatchObject({ labelExpression: "go", job: { name: "team/api" } });
    expect(await master.readJobLabel(item?.job.url ?? "")).toEqual({ kind: "expression", expression: "go" });
    await master.createNode(node("n1", ["go"]));
    simulator.core.connect("n1");
    expect(await master.readQueueItem(item?.id ?? "")).toEqual({
      kind: "build",
      number: 1,
      url: "https://ci.example.org/ci/job/team/job/api/1/",
    });
    const computer = await master.readComputer("n1");
    expect(await master.readBuild(computer?.builds[0]?.url ?? "")).toMatchObject({ job: "team/api", builtOn: "n1" });
  });

  test("labels that need quotes reach the node as they were", async () => {
    await master.createNode(node("n1", ["docker:20", "two words"]));
    expect(simulator.core.node("n1").labels).toEqual(["docker:20", "two words"]);
    expect((await master.readComputer("n1"))?.labels).toEqual(["docker:20", "two words", "n1"]);
  });

  test("our nodes ask to be kept when configuration as code drops what it does not name; a person's are dropped", async () => {
    await master.createNode(node("n1", ["go"]));
    simulator.core.createNode({ name: "by-hand" });
    simulator.core.reloadConfiguration([]);
    expect((await master.readComputers()).computers.map(({ name }) => name)).toEqual(["Built-In Node", "n1"]);
  });

  test("a restart is a new session, unavailable meanwhile; crumbs of a password are fetched again after it", async () => {
    const byPassword = connectAs(simulator.user, simulator.password, "password");
    await byPassword.createNode(node("n1", ["go"]));
    const { session } = await master.readQueue();
    simulator.core.restart({ downMs: 1000 });
    await expect(master.readQueue()).rejects.toMatchObject({
      code: "master-unavailable",
      message: expect.stringContaining("starting"),
    });
    simulator.core.advance(1000);
    expect((await master.readQueue()).session).not.toBe(session);
    expect(await byPassword.markOffline("n1", "goes")).toMatchObject({ changed: true });
    byPassword.close();
  });

  test("the port of agents by TCP is told as it is told to them, and so is that there is none", async () => {
    expect([await master.agentPort(), (await master.probe()).slaveAgentPort]).toEqual([null, -1]);
    const other = await startJenkinsSimulator({ time: "manual", agentPort: 50_000 });
    const auth = { kind: "token", read: async () => other.token } as const;
    const asked = connectMaster({ name: "other", url: other.url, user: other.user, auth });
    expect([await asked.agentPort(), (await asked.probe()).slaveAgentPort]).toEqual([50_000, 50_000]);
    asked.close();
    await other.stop();
  });

  test("a node says by which way its agent comes", async () => {
    await master.createNode({ ...node("n1", ["go"]), webSocket: true });
    await master.createNode(node("n2", ["go"]));
    expect((await master.agentSecret("n1")).options).toContain("-webSocket");
    expect((await master.agentSecret("n2")).options).not.toContain("-webSocket");
  });

  test("the agent's page holds the secret that a simulated agent presents", async () => {
    await master.createNode(node("n1", ["go"]));
    expect(await master.agentSecret("n1")).toMatchObject({ secret: simulator.secretOf("n1"), launch: "agent-jar" });
  });
});

describe("what goes wrong, named by the adapter", () => {
  test("an answer that is lost leaves the node deleted", async () => {
    await master.createNode(node("n1", ["go"]));
    simulator.faults.add({ on: /doDelete/, times: 1, fault: { kind: "lost-answer" } });
    await expect(master.deleteNode("n1")).rejects.toMatchObject({ code: "master-unavailable" });
    expect(await master.deleteNode("n1")).toBe("gone");
  });

  test.each([
    [{ kind: "status", status: 500 }, "master-unavailable"],
    [{ kind: "status", status: 429 }, "throttled"],
    [{ kind: "half" }, "master-unavailable"],
    [{ kind: "drop" }, "master-unavailable"],
    [{ kind: "html" }, "not-a-master"],
    [{ kind: "refuse-credentials" }, "credential-refused"],
  ] as const)("%o is %s, never an empty queue", async (fault, code) => {
    simulator.faults.add({ on: /queue/, fault });
    await expect(master.readQueue()).rejects.toMatchObject({ code });
    simulator.faults.clear();
    expect((await master.readQueue()).items).toEqual([]);
  });

  test("a right that is missing is named", async () => {
    const permissions = ["Overall/Read", "Job/Read"] as const;
    simulator.users.set("alice", { name: "alice", password: "pw", tokens: ["alices"], permissions });
    const alice = connectAs("alice", "alices", "token");
    await expect(alice.createNode(node("n1", ["go"]))).rejects.toMatchObject({
      code: "credential-refused",
      message: expect.stringContaining("hudson.model.Computer.Create"),
    });
    alice.close();
  });
});
