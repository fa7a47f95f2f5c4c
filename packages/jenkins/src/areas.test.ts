import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { agentLaunchOf } from "./agent-launch.ts";
import { connectMaster, type Master } from "./connect.ts";
import { type FakeJenkins, json, page, startFakeJenkins } from "./fake-jenkins.fixture.ts";

let fake: FakeJenkins;
let master: Master;
let pausesMs: number[];

beforeEach(async () => {
  fake = await startFakeJenkins();
  pausesMs = [];
  const auth = { kind: "token", read: async () => "sesame" } as const;
  const pause = async (ms: number) => void pausesMs.push(ms);
  master = connectMaster({ name: "backend", url: fake.url, user: "kubestack", auth, pause });
});

afterEach(async () => {
  master.close();
  await fake.close();
});

const node = { marked: false, connected: true, labels: ["go"] };

test("probe tells version, session and port", async () => {
  expect(await master.probe()).toEqual({
    flavour: "jenkins",
    version: "2.541.3",
    session: "start-1",
    quietingDown: false,
    slaveAgentPort: 50000,
    rootUrls: ["https://ci.example.org/"],
  });
});

describe("computers", () => {
  test("are read with what they run", async () => {
    fake.override = (_, response) =>
      json(response, {
        computer: [
          {
            displayName: "busy",
            idle: false,
            offline: true,
            temporarilyOffline: true,
            numExecutors: 3,
            assignedLabels: [{ name: "go" }, {}],
            executors: [
              { currentExecutable: { url: "http://ci/job/a/1/", number: 1 } },
              { currentExecutable: {} },
              { currentExecutable: null },
            ],
          },
          {
            displayName: "old",
            idle: false,
            offline: true,
            temporarilyOffline: false,
            numExecutors: 1,
            executors: [{}],
          },
          { displayName: "broken", idle: "yes" },
          { idle: true, offline: false, temporarilyOffline: false, numExecutors: 0 },
        ],
      });
    const fleet = await master.readComputers();
    expect(fleet.computers).toEqual([
      {
        name: "busy",
        online: false,
        markedOffline: true,
        idle: false,
        executors: 3,
        labels: ["go"],
        builds: [
          { url: "http://ci/job/a/1/", number: 1 },
          { url: "", number: null },
        ],
      },
      { name: "old", online: false, markedOffline: false, idle: false, executors: 1, labels: null, builds: [] },
    ]);
    expect(fleet).toMatchObject({ skipped: 2, skippedBecause: expect.stringContaining("idle") });
  });

  test("one that is not there is null", async () => {
    expect(await master.readComputer("nobody")).toBeNull();
  });
});

describe("queue", () => {
  test("is read item by item, malformed ones apart", async () => {
    const task = {
      _class: "hudson.model.FreeStyleProject",
      name: "api",
      url: "https://ci.example.org/job/shop/job/my%20api/",
    };
    fake.queue = {
      items: [
        {
          id: 7,
          buildable: true,
          stuck: true,
          why: "x".repeat(9_000),
          inQueueSince: 5,
          buildableStartMilliseconds: 6,
          task: { ...task, labelExpression: "go" },
        },
        { id: 8, pending: true, buildable: true, task: { ...task, labelExpression: null } },
        {
          id: 9,
          blocked: true,
          why: null,
          task: { name: "part of shop #3", url: "https://ci.example.org/job/shop/3/" },
        },
        { id: 10, task: {} },
        { id: "11" },
        { id: 12, why: 5 },
        "item",
        { task },
      ],
      discoverableItems: [{}, {}],
    };
    const reading = await master.readQueue();
    expect(reading).toMatchObject({
      hidden: 2,
      session: "start-1",
      skipped: 3,
      skippedBecause: expect.stringContaining("why"),
    });
    expect(reading.items.map((item) => [item.id, item.job.name, item.labelExpression])).toEqual([
      ["7", "shop/my api", "go"],
      ["8", "shop/my api", null],
      ["9", "shop", undefined],
      ["10", "", undefined],
      ["11", "", undefined],
    ]);
    expect(reading.items[0]).toMatchObject({
      buildable: true,
      pending: false,
      stuck: true,
      inQueueSince: 5,
      buildableSince: 6,
    });
    expect(reading.items[0]?.why).toHaveLength(4096);
    expect(reading.items[1]).toMatchObject({ pending: true, taskClass: "hudson.model.FreeStyleProject" });
  });

  test("a pipeline block's address is relative to the master, and its job is known all the same", async () => {
    fake.queue = { items: [{ id: 1, buildable: true, task: { name: "part of p #1", url: "job/shop/job/p/1/" } }] };
    const [item] = (await master.readQueue()).items;
    expect(item?.job.name).toBe("shop/p");
    expect(item?.job.url).toMatch(/^http:\/\/.*\/job\/shop\/job\/p\/1\/$/);
  });

  test("without a list of items is no empty queue", async () => {
    fake.queue = { _class: "hudson.model.Queue" };
    await expect(master.readQueue()).rejects.toMatchObject({ code: "not-a-master" });
  });

  test.each([
    [
      { cancelled: false, executable: { number: 3, url: "https://ci/job/a/3/" } },
      { kind: "build", number: 3, url: "https://ci/job/a/3/" },
    ],
    [{ cancelled: true }, { kind: "cancelled" }],
    [{ why: "waits" }, { kind: "waiting" }],
  ])("an item is followed: %j", async (item, fate) => {
    fake.override = (seen, response) => seen.path === "queue/item/7/api/json" && json(response, item);
    expect(await master.readQueueItem("7")).toEqual(fate);
    expect(await master.readQueueItem("8")).toBeNull();
  });
});

describe("a job's label", () => {
  const config = "<project><assignedNode>go</assignedNode><canRoam>false</canRoam></project>";

  test("is found under the master's own address, whatever address its links have", async () => {
    fake.configXml.set("job/a/config.xml", config);
    const expected = { kind: "expression", expression: "go" };
    expect(await master.readJobLabel("https://ci.example.org/job/a/")).toEqual(expected);
    expect(await master.readJobLabel(`${fake.url}/job/a`)).toEqual(expected);
    expect(fake.seen.every((seen) => !seen.path.startsWith("outside"))).toBe(true);
  });

  test.each([
    "https://ci.example.org.evil.example/job/a/",
    "https://elsewhere.example/job/a/",
    "https://u:p@ci.example.org/job/a/",
    "https://ci.example.org/",
    "file:///etc/passwd",
    "job/a",
    "",
  ])("is not looked for at %j", async (url) => {
    await expect(master.readJobLabel(url)).rejects.toMatchObject({ code: "master-refused" });
    expect(fake.seen.filter((seen) => seen.path.includes("config.xml"))).toEqual([]);
  });

  test("climbs no further than the master's own root", async () => {
    await master.readJobLabel(`${fake.url}/job/../job/b/`);
    await expect(master.readJobLabel(`${fake.url}/../secret/`)).rejects.toMatchObject({ code: "master-refused" });
    expect(fake.seen.map((seen) => seen.path)).not.toContain("outside:/secret/config.xml");
  });

  test("follows inheritance, but not in a circle", async () => {
    const child = (of: string) =>
      `<project><project-properties/><cascadingProjectName>${of}</cascadingProjectName></project>`;
    fake.configXml
      .set("job/a/config.xml", config)
      .set("job/kid/config.xml", child("a"))
      .set("job/c/config.xml", child("c"));
    expect(await master.readJobLabel(`${fake.url}/job/kid/`)).toEqual({ kind: "expression", expression: "go" });
    expect(await master.readJobLabel(`${fake.url}/job/c/`)).toMatchObject({ kind: "unknown" });
  });

  test("without the right to read it is unknown, an outage is an error", async () => {
    fake.override = (_, response) => page(response, 403, "kubestack is missing the Job/ExtendedRead permission");
    expect(await master.readJobLabel(`${fake.url}/job/a/`)).toMatchObject({
      kind: "unknown",
      because: expect.stringContaining("Extended Read"),
    });
    fake.override = (_, response) => page(response, 502, "bad gateway");
    await expect(master.readJobLabel(`${fake.url}/job/a/`)).rejects.toMatchObject({ code: "master-unavailable" });
  });
});

describe("nodes", () => {
  const spec = {
    name: "ks-1",
    description: "d",
    labels: ["go", "a b"],
    executors: 1,
    remoteFs: "/w",
    mode: "EXCLUSIVE",
  } as const;

  test("are created once", async () => {
    await master.createNode(spec);
    await expect(master.createNode(spec)).rejects.toMatchObject({ code: "already-exists", retry: "never" });
    const sent: unknown = JSON.parse(fake.seen[0]?.form.get("json") ?? "");
    expect(sent).toMatchObject({
      name: "ks-1",
      numExecutors: "1",
      labelString: 'go "a b"',
      mode: "EXCLUSIVE",
      launcher: { "stapler-class": "hudson.slaves.JNLPLauncher", $class: "hudson.slaves.JNLPLauncher" },
      retentionStrategy: {
        "stapler-class": "hudson.slaves.RetentionStrategy$Always",
        $class: "hudson.slaves.RetentionStrategy$Always",
      },
      nodeProperties: { "stapler-class-bag": "true" },
    });
    expect(sent).not.toHaveProperty("launcher.webSocket");
  });

  test.each(['a"b', "", "a\nb"])("are not created with the label %j", async (label) => {
    await expect(master.createNode({ ...spec, labels: [label] })).rejects.toMatchObject({ code: "master-refused" });
    expect(fake.seen).toEqual([]);
  });

  test("are deleted, or gone already", async () => {
    fake.nodes.set("ks-1", { ...node });
    expect(await master.deleteNode("ks-1")).toBe("deleted");
    expect(await master.deleteNode("ks-1")).toBe("gone");
  });

  test.each([false, true])("are marked and brought back, saying what was found (Hudson: %s)", async (isHudson) => {
    fake.isHudson = isHudson;
    fake.nodes.set("ks-1", { ...node });
    expect(await master.markOffline("ks-1", "why")).toMatchObject({
      found: { online: true, markedOffline: false },
      changed: true,
    });
    expect(fake.nodes.get("ks-1")?.marked).toBe(true);
    expect(await master.markOffline("ks-1", "again")).toMatchObject({ found: { markedOffline: true }, changed: false });
    expect(await master.bringOnline("ks-1")).toMatchObject({ found: { markedOffline: true }, changed: true });
    expect(await master.bringOnline("ks-1")).toMatchObject({ found: { markedOffline: false }, changed: false });
    expect(fake.nodes.get("ks-1")?.marked).toBe(false);
    const session = isHudson ? null : "start-1";
    expect(await master.markOffline("nobody", "")).toEqual({ found: null, session, changed: false });
  });

  test("are marked with what is left of their agent's connection closed, where they are there", async () => {
    fake.nodes.set("ks-1", { ...node });
    await master.markOffline("ks-1", "evicted", { disconnect: true });
    await master.markOffline("nobody", "evicted", { disconnect: true });
    const closed = fake.seen.filter(({ path }) => path.includes("doDisconnect"));
    expect(closed.map(({ path, form }) => [path, form.get("offlineMessage")])).toEqual([
      ["computer/ks-1/doDisconnect", "evicted"],
    ]);
    expect(fake.nodes.get("ks-1")?.marked).toBe(true);
  });

  test.each([false, true])("keep their mark while its message is told anew (Hudson: %s)", async (isHudson) => {
    fake.isHudson = isHudson;
    fake.nodes.set("ks-1", { ...node, marked: true });
    // Hudson has no request for it, and a toggle would let a build in.
    expect(await master.markOffline("ks-1", "held by ann", { retell: true })).toMatchObject({ changed: !isHudson });
    expect(fake.nodes.get("ks-1")?.marked).toBe(true);
    expect(fake.seen.filter(({ path }) => path === "computer/ks-1/toggleOffline")).toEqual([]);
    expect(fake.seen.some(({ form }) => form.get("offlineMessage") === "held by ann")).toBe(true);
  });

  test("are not gone because somebody before the master says that there is no such page: the fleet settles it", async () => {
    fake.nodes.set("ks-1", { ...node });
    let isAway = false;
    fake.override = (seen, response) => {
      if (!isAway && !seen.path.includes("computer/ks-1/api")) return false;
      response.writeHead(404).end("default backend");
      return true;
    };
    expect(await master.readNode("ks-1")).toMatchObject({ computer: { name: "ks-1" }, session: "start-1" });
    isAway = true;
    await expect(master.readNode("ks-1")).rejects.toMatchObject({ code: "not-found" });
    await expect(master.markOffline("ks-1", "")).rejects.toMatchObject({ code: "not-found" });
  });

  test("H7: a toggle that crossed another's is told, not taken for a mark", async () => {
    fake.isHudson = true;
    fake.nodes.set("ks-1", { ...node });
    fake.override = (seen) => {
      // Another owner marks the node just before our toggle arrives, which so brings it online again.
      const crossed = fake.nodes.get("ks-1");
      if (seen.path.endsWith("toggleOffline") && crossed !== undefined) crossed.marked = true;
      return false;
    };
    await expect(master.markOffline("ks-1", "why")).rejects.toMatchObject({ code: "master-refused", retry: "backoff" });
    expect(fake.seen.filter((seen) => seen.path.endsWith("toggleOffline"))).toHaveLength(1);
  });

  test("an answer lost after the toggle is settled by the next look", async () => {
    fake.isHudson = true;
    fake.nodes.set("ks-1", { ...node });
    fake.override = (seen, response) => {
      const toggled = fake.nodes.get("ks-1");
      if (!seen.path.endsWith("toggleOffline") || toggled === undefined) return false;
      toggled.marked = !toggled.marked;
      response.socket?.resetAndDestroy();
      return true;
    };
    await expect(master.markOffline("ks-1", "why")).rejects.toMatchObject({ code: "master-unavailable" });
    expect(await master.markOffline("ks-1", "why")).toMatchObject({ found: { markedOffline: true }, changed: false });
    expect(fake.nodes.get("ks-1")?.marked).toBe(true);
  });
});

describe("an agent's secret", () => {
  test("is read with the way to start it", async () => {
    fake.nodes.set("ks-1", { ...node });
    expect(await master.agentSecret("ks-1")).toEqual({
      secret: "0123456789abcdef".repeat(4),
      options: ["-webSocket", "-url", "https://ci.example.org/"],
      launch: "agent-jar",
      agentJar: "jnlpJars/agent.jar",
      readsSecretFile: true,
      javaSince: 17,
    });
  });

  test("is waited for while the page of a new node is missing", async () => {
    fake.nodes.set("ks-1", { ...node });
    let misses = 4;
    fake.override = (seen, response) => seen.path.endsWith(".jnlp") && misses-- > 0 && page(response, 404, "");
    expect((await master.agentSecret("ks-1")).options).toContain("-webSocket");
    expect(pausesMs).toEqual([250, 750]);
  });

  test("is waited for no longer than five seconds, and not at all without a node", async () => {
    fake.nodes.set("ks-1", { ...node });
    fake.override = (seen, response) => seen.path.endsWith(".jnlp") && page(response, 404, "");
    await expect(master.agentSecret("ks-1")).rejects.toMatchObject({ code: "not-found" });
    expect(pausesMs).toEqual([250, 750, 1_500, 2_500]);
    await expect(master.agentSecret("nobody")).rejects.toMatchObject({ code: "not-found" });
    expect(pausesMs).toHaveLength(4);
  });

  test("is not taken from another page", async () => {
    fake.nodes.set("ks-1", { ...node });
    fake.override = (seen, response) => seen.path.endsWith(".jnlp") && page(response, 200, "welcome");
    await expect(master.agentSecret("ks-1")).rejects.toMatchObject({ code: "master-refused" });
  });

  test.each([
    ["hudson", "3.3.2", "jnlp-main", "jnlpJars/remoting.jar", null],
    ["jenkins", "1.651.3", "jnlp-main", "jnlpJars/slave.jar", null],
    ["jenkins", "2.53", "jnlp-main", "jnlpJars/slave.jar", null],
    ["jenkins", "2.54", "jnlp-main", "jnlpJars/slave.jar", 8],
    ["jenkins", "2.356", "jnlp-main", "jnlpJars/agent.jar", 8],
    ["jenkins", "2.357", "jnlp-main", "jnlpJars/agent.jar", 11],
    ["jenkins", "2.426.3", "jnlp-main", "jnlpJars/agent.jar", 11],
    ["jenkins", "2.430", "agent-jar", "jnlpJars/agent.jar", 11],
    ["jenkins", "2.462.3", "agent-jar", "jnlpJars/agent.jar", 11],
    ["jenkins", "2.463", "agent-jar", "jnlpJars/agent.jar", 17],
    ["jenkins", "2.541.3", "agent-jar", "jnlpJars/agent.jar", 17],
    ["jenkins", "2.545", "agent-jar", "jnlpJars/agent.jar", 21],
    ["jenkins", "2.579-SNAPSHOT (private)", "agent-jar", "jnlpJars/agent.jar", 21],
    ["jenkins", "3.0", "agent-jar", "jnlpJars/agent.jar", 21],
    ["jenkins", "a-branch", "agent-jar", "jnlpJars/agent.jar", 21],
  ] as const)("%s %s starts by %s", (flavour, version, launch, agentJar, javaSince) => {
    expect(agentLaunchOf({ flavour, version })).toMatchObject({ launch, agentJar, javaSince });
  });
});

test("a build is read at the address that an executor names", async () => {
  const bean = { number: 3, building: true, result: null, builtOn: "ks-1", timestamp: 5, duration: 0 };
  fake.override = (seen, response) => seen.path === "job/shop/job/api/3/api/json" && json(response, bean);
  expect(await master.readBuild("https://ci.example.org/job/shop/job/api/3/")).toEqual({
    job: "shop/api",
    number: 3,
    building: true,
    result: null,
    builtOn: "ks-1",
    timestamp: 5,
    durationMs: 0,
    session: null,
  });
  await expect(master.readBuild("https://ci.example.org/job/shop/4/")).rejects.toMatchObject({ code: "not-found" });
});
