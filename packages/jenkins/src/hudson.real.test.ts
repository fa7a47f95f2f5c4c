import { readFile, writeFile } from "node:fs/promises";
import type { Computer } from "@kubestack/contracts";
import { type Hudson, type RunningProcess, startHudson, startHudsonAgent } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { connectMaster, type Master } from "./connect.ts";
import type { NodeSpec } from "./nodes.ts";
import type { QueueEntry } from "./queue.ts";
import { readWhy } from "./why.ts";

let hudson: Hudson;
let master: Master;

beforeAll(async () => {
  hudson = await startHudson();
  master = connectAs(hudson.password);
});

afterAll(async () => {
  master?.close();
  await hudson?.stop();
});

function connectAs(password: string): Master {
  const auth = { kind: "password", read: async () => password } as const;
  return connectMaster({ name: "backend", url: hudson.url, user: hudson.user, auth });
}

function nodeSpec(name: string, label: string): NodeSpec {
  const remoteFs = `${hudson.dir}/agent-${name}`;
  return { name, description: "made by a test", labels: [label, "linux"], executors: 1, remoteFs, mode: "EXCLUSIVE" };
}

async function itemOf(job: string): Promise<QueueEntry> {
  const look = async () => {
    const item = (await master.readQueue()).items.find((one) => one.job.name === job && one.buildable);
    return item ?? expect.fail(`${job} is not in the queue yet`);
  };
  // The master looks at its queue again every five seconds, if nothing makes it look sooner.
  return vi.waitFor(look, { timeout: 15_000 });
}

test("tells who it is, and that it is quieting down", async () => {
  const calm = await master.probe();
  expect(calm).toMatchObject({ flavour: "hudson", version: "3.3.2", session: null, quietingDown: false });
  expect(calm.slaveAgentPort).toBeGreaterThan(0);
  await hudson.admin.call("quietDown", { method: "POST" });
  expect((await master.probe()).quietingDown).toBe(true);
  await hudson.admin.call("cancelQuietDown", { method: "POST" });
  expect((await master.probe()).quietingDown).toBe(false);
});

test("refuses a wrong password in every area, and never with an empty answer", async () => {
  const stranger = connectAs("wrong");
  const calls = [
    stranger.probe(),
    stranger.readQueue(),
    stranger.readComputers(),
    stranger.createNode(nodeSpec("no", "no")),
    stranger.agentSecret("no"),
  ];
  for (const settled of await Promise.allSettled(calls)) {
    expect(settled).toMatchObject({ status: "rejected", reason: { code: "credential-refused" } });
    expect(String((settled as PromiseRejectedResult).reason.message)).toContain(hudson.user);
  }
  stranger.close();
});

test("reads a rotated password again, though this master answers strangers with 403", async () => {
  const passwords = ["old one"];
  const read = async () => passwords.pop() ?? hudson.password;
  const rotated = connectMaster({ name: "b", url: hudson.url, user: hudson.user, auth: { kind: "password", read } });
  expect((await rotated.readComputers()).skipped).toBe(0);
  expect(passwords).toEqual([]);
  rotated.close();
});

test("shows a waiting item, whose label is found in every form that the job is kept in", async () => {
  await hudson.admin.createJob({ name: "py", label: "python && linux", script: "true" });
  await hudson.admin.createJob({ name: "any job", script: "true" });
  await hudson.admin.build("py");
  const item = await itemOf("py");
  expect(item).toMatchObject({
    buildable: true,
    pending: false,
    blocked: false,
    why: "Waiting for next available executor",
  });
  expect(item.inQueueSince).toBeGreaterThan(1_600_000_000_000);
  expect(item.labelExpression).toBeUndefined();
  const expected = { kind: "expression", expression: "python && linux" };
  expect(await master.readJobLabel(item.job.url)).toEqual(expected);
  await hudson.admin.call("job/py/submitDescription?description=saved", { method: "POST" });
  expect((await hudson.admin.call("job/py/config.xml")).body).toContain("appointed-node-property");
  expect(await master.readJobLabel(item.job.url)).toEqual(expected);
  expect(await master.readJobLabel(`${hudson.url}job/any%20job/`)).toEqual({ kind: "any" });
  const kid = "<project><cascadingProjectName>py</cascadingProjectName></project>";
  await hudson.admin.call("createItem?name=kid", { method: "POST", body: kid, contentType: "application/xml" });
  await hudson.admin.call("job/kid/submitDescription?description=saved", { method: "POST" });
  expect(await master.readJobLabel(`${hudson.url}job/kid/`)).toEqual(expected);
  expect(await master.readJobLabel(`${hudson.url}job/nobody/`)).toMatchObject({ kind: "unknown" });
  expect(await master.readQueueItem(item.id)).toBeNull();
});

test("makes, marks, brings back and deletes a node, each once", async () => {
  const spec = nodeSpec("ks-a", "go");
  await master.createNode(spec);
  await expect(master.createNode(spec)).rejects.toMatchObject({ code: "already-exists" });
  await expect(master.createNode({ ...spec, name: "a/b" })).rejects.toMatchObject({
    code: "master-refused",
    message: expect.stringContaining("unsafe character"),
  });
  const fresh: Computer = {
    name: "ks-a",
    online: false,
    markedOffline: false,
    idle: true,
    executors: 1,
    labels: null,
    builds: [],
  };
  expect(await master.readComputer("ks-a")).toEqual(fresh);
  expect((await master.readComputers()).computers).toContainEqual(fresh);
  expect(await master.markOffline("ks-a", "goes")).toEqual({ found: fresh, session: null, changed: true });
  const marked = { ...fresh, markedOffline: true };
  expect(await master.markOffline("ks-a", "goes")).toEqual({ found: marked, session: null, changed: false });
  expect(await master.bringOnline("ks-a")).toEqual({ found: marked, session: null, changed: true });
  expect(await master.readComputer("ks-a")).toEqual(fresh);
  expect(await master.deleteNode("ks-a")).toBe("deleted");
  expect(await master.deleteNode("ks-a")).toBe("gone");
  expect(await master.readComputer("ks-a")).toBeNull();
  expect(await master.markOffline("ks-a", "goes")).toEqual({ found: null, session: null, changed: false });
});

test("names the label, or the one node, in its words for an item", async () => {
  await hudson.admin.createJob({ name: "worded", label: "worded", script: "true" });
  await master.createNode(nodeSpec("ks-w1", "worded"));
  await hudson.admin.build("worded");
  const readings = async () => readWhy((await itemOf("worded")).why);
  expect(await readings()).toEqual({ kind: "node-offline", node: "ks-w1" });
  await master.createNode(nodeSpec("ks-w2", "worded"));
  await vi.waitFor(async () => expect(await readings()).toEqual({ kind: "label-offline", label: "worded" }), {
    timeout: 15_000,
  });
  for (const name of ["ks-w1", "ks-w2"]) await master.deleteNode(name);
});

test("gives a node's builds its variables, and keeps where its tools are", async () => {
  const env = { "PATH+OWN": "/opt/own bin", GREETING: 'a "quoted" & <marked> $word ä' };
  const tools = [{ type: "hudson.model.JDK$DescriptorImpl", name: "jdk 21", home: "/opt/jdk" }];
  await master.createNode({ ...nodeSpec("ks-p", "props"), properties: { env, tools } });
  const told = `${hudson.dir}/told`;
  const script = `printf '%s' "$GREETING" > ${told}; printf '%s' "$PATH" > ${told}-path`;
  await hudson.admin.createJob({ name: "props", label: "props", script });
  await hudson.admin.build("props");
  const agent = await startHudsonAgent({ hudson, node: "ks-p" });
  try {
    const build = `${hudson.url}job/props/1/`;
    await vi.waitFor(async () => expect(await master.readBuild(build)).toMatchObject({ result: "SUCCESS" }), {
      timeout: 20_000,
    });
    expect(await readFile(told, "utf8")).toBe(env.GREETING);
    expect(await readFile(`${told}-path`, "utf8")).toMatch(/^\/opt\/own bin:/);
  } finally {
    await agent.stop();
  }
  const kept = await readFile(`${hudson.dir}/home/config.xml`, "utf8");
  const [, its = ""] = /<slave>(?:(?!<slave>)[\s\S])*?<name>ks-p<([\s\S]*?)<\/slave>/.exec(kept) ?? [];
  expect(its).toContain("<string>PATH+OWN</string>");
  const [tool] = tools;
  const location = `<type>${tool?.type}</type> <name>${tool?.name}</name> <home>${tool?.home}</home>`;
  expect(its.replaceAll(/\s+/g, " ")).toContain(location);
  await master.deleteNode("ks-p");
});

test("gives an agent its secret, and shows what it runs until it has run", async () => {
  await master.createNode(nodeSpec("ks-b", "rust"));
  expect(await master.agentSecret("ks-b")).toMatchObject({
    secret: await hudson.admin.agentSecret("ks-b"),
    launch: "jnlp-main",
    agentJar: "jnlpJars/remoting.jar",
    readsSecretFile: false,
  });
  await expect(master.agentSecret("nobody")).rejects.toMatchObject({ code: "not-found" });
  const flag = `${hudson.dir}/go-on`;
  await hudson.admin.createJob({ name: "rust", label: "rust", script: `while [ ! -e ${flag} ]; do sleep 0.1; done` });
  await hudson.admin.build("rust");
  let agent: RunningProcess | undefined;
  try {
    agent = await startHudsonAgent({ hudson, node: "ks-b" });
    const busy = await vi.waitFor(
      async () => {
        const computer = await master.readComputer("ks-b");
        expect(computer?.builds).toHaveLength(1);
        return computer;
      },
      { timeout: 20_000 },
    );
    expect(busy).toMatchObject({ online: true, idle: false, builds: [{ number: 1 }] });
    const url = busy?.builds[0]?.url ?? "";
    const running = { job: "rust", number: 1, building: true, result: null, builtOn: "ks-b" };
    // In a build's first moments the node is not told yet.
    await vi.waitFor(async () => expect(await master.readBuild(url)).toMatchObject(running));
    // A mark on a busy node lets its build end.
    await master.markOffline("ks-b", "goes after its build");
    expect(await master.readComputer("ks-b")).toMatchObject({ online: false, markedOffline: true, idle: false });
    await writeFile(flag, "");
    await vi.waitFor(
      async () => expect(await master.readBuild(url)).toMatchObject({ building: false, result: "SUCCESS" }),
      { timeout: 20_000 },
    );
    await vi.waitFor(async () => expect(await master.readComputer("ks-b")).toMatchObject({ idle: true, builds: [] }));
    expect((await master.readBuild(url)).durationMs).toBeGreaterThan(0);
  } finally {
    await agent?.stop();
  }
  expect(await master.deleteNode("ks-b")).toBe("deleted");
});

test("is unavailable, not empty, while it is down, and the same client goes on afterwards", async () => {
  await master.createNode(nodeSpec("ks-c", "kept"));
  await hudson.stopServer();
  await expect(master.readQueue()).rejects.toMatchObject({ code: "master-unavailable" });
  await hudson.startServer();
  expect(await master.readComputer("ks-c")).toMatchObject({ name: "ks-c" });
  expect(await master.markOffline("ks-c", "after a restart")).toMatchObject({ changed: true });
  expect((await master.probe()).flavour).toBe("hudson");
});
