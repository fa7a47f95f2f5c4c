import { channels, type SlaveRecord, subjects } from "@kubestack/contracts";
import { agentsNamespace } from "@kubestack/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Reasons } from "./true-reasons.fixture.ts";

const named = (name: string, more: object = {}) => ({
  name,
  labels: [name],
  image: `registry.example.org/${name}:1`,
  ...more,
});
const templates = [
  named("denied"),
  named("config"),
  named("huge", { cpu: "64" }),
  named("capped", { maxSlaves: 1 }),
  named("any"),
  named("quota"),
  named("lost"),
  named("evicted"),
];

let site: Reasons;

beforeAll(async () => {
  site = await Reasons.start(templates);
});
afterAll(async () => {
  await site?.stop();
});

const agent = (state: object, more: object = {}) => ({
  phase: "Pending",
  containerStatuses: [{ name: "jnlp", image: "i", imageID: "", ready: false, restartCount: 0, state, ...more }],
});
const waiting = (reason: string, message: string) => agent({ waiting: { reason, message } });
const onNode = ({ state, life }: SlaveRecord): boolean => state === "scheduled" && life.pod.node !== null;

describe("within five seconds explain says why a build waits", () => {
  test("an image that the registry does not give; half a minute later it is given up and its template held", async () => {
    const item = site.queue("denied");
    const { name } = await site.slave("denied", onNode);
    const answer =
      'failed to pull and unpack image "registry.example.org/denied:1": pull access denied, repository does not exist or may require authorization';
    await site.says(name, waiting("ErrImagePull", answer));
    await site.told(item, /waits for image: jnlp: ErrImagePull .*pull access denied/);
    await site.says(name, waiting("ImagePullBackOff", 'Back-off pulling image "registry.example.org/denied:1"'));
    const { life } = await site.slave("denied", ({ state }) => state === "draining" || state === "deleted", 45_000);
    expect(life).toMatchObject({ outcome: "failed", failure: { class: "image-denied" } });
    const why = life.trail.find(({ state }) => state === "draining")?.reason;
    expect(why).toMatch(/waiting does not mend that: .*pull access denied.*imagePullSecrets.* in namespace ci-agents/s);
    expect((life.trail.find(({ state }) => state === "draining")?.at ?? 0) - life.pod.waitsSince).toBeLessThan(40_000);
    await site.told(item, /template denied is held: a launch failed/);
  });

  test("a Secret that is missing", async () => {
    const item = site.queue("config");
    const { name } = await site.slave("config", onNode);
    await site.says(name, waiting("CreateContainerConfigError", 'secret "maven-settings" not found'));
    await site.told(item, /waits for .*CreateContainerConfigError secret "maven-settings" not found/);
  });

  test("no node, in the scheduler's words", async () => {
    const item = site.queue("huge");
    await site.slave("huge", ({ state }) => state === "scheduled");
    await site.told(item, /waits for node: 0\/1 nodes are available: 1 Insufficient cpu/);
  });

  test("a cap that is reached", async () => {
    site.queue("capped");
    await site.slave("capped", () => true);
    const item = site.queue("capped");
    await site.told(item, /template capped is at its cap: 1\/1 slaves/);
  });

  test("and a person, a program and HTTP are given one document", async () => {
    const question = site.queue("capped");
    await site.told(question, /template capped is at its cap/);
    const [printed, asked] = await Promise.all([site.printed(question), site.asked(question)]);
    const ageless = (answer: object) =>
      JSON.stringify({ ...answer, asOf: null }).replace(/\b\d+[dhms][\dhms]*\b/g, "a while");
    expect(ageless(printed)).toBe(ageless(asked));
  });

  test("a label that is not ours", async () => {
    await site.told(site.queue("windows"), /no template serves 'windows'/);
  });

  test("a label that its master hides", async () => {
    const item = site.queue("any", { master: "hidden", kind: "pipeline" });
    await site.told(item, /its label is not known/);
  });

  test("a master that is about to shut down", async () => {
    const item = site.queue("none", { master: "quiet" });
    site.master("quiet").core.quietDown();
    await site.told(item, /quiet is about to shut down/);
  });

  test("a master that is down", async () => {
    const item = site.queue("none", { master: "down" });
    await site.told(item, /no template serves 'none'/);
    await site.master("down").goDown();
    await site.told(item, /What waits at down is unknown since .*Master down refuses connections/);
  });
});

test("a master that takes no nodes is held itself, once it has refused one for half a minute", async () => {
  const { faults } = site.master("hidden");
  const mended = faults.add({
    on: /^POST computer\/doCreateItem/,
    fault: { kind: "status", status: 403, headers: { "x-required-permission": "Agent/Create" } },
  });
  const question = site.queue("any", { master: "hidden" });
  const { life } = await site.slave("any", ({ master, state }) => master === "hidden" && state === "draining", 60_000);
  expect(life).toMatchObject({ outcome: "failed", failure: { class: "master-refused" } });
  await site.told(question, /master hidden is held: a launch failed.*grant it Agent\/Create/);
  mended();
});

describe("a slave that is lost in the midst of its build", () => {
  /** A slave that runs a build, on a node whose kubelet is the test. */
  async function atWork(template: string): Promise<{ name: string; marks: string[] }> {
    const { core } = site.master();
    site.queue(template);
    const { name } = await site.slave(template, ({ life }) => life.secret.createdAt !== null && life.pod.node !== null);
    await site.says(name, {
      ...agent({ running: { startedAt: new Date().toISOString() } }, { imageID: "sha256:1" }),
      phase: "Running",
    });
    core.connect(name);
    await site.slave(template, ({ state, life }) => state === "busy" && life.markedAt !== null);
    const marks: string[] = [];
    core.subscribe(({ kind, node }) => {
      if (kind === "marked-offline" && node === name) marks.push(core.node(name).mark?.message ?? "");
    });
    return { name, marks };
  }

  test("by its limit of memory: its master is told so at once, and whoever asks", async () => {
    const { name, marks } = await atWork("lost");
    await site.says(name, {
      ...agent({ terminated: { exitCode: 137, reason: "OOMKilled" } }, { imageID: "sha256:1" }),
      phase: "Failed",
    });
    await site.told(["explain", name], /killed for want of memory: it reached its limit \(OOMKilled, code 137\)/);
    const { life } = await site.slave("lost", ({ state }) => state === "deleted");
    expect(life).toMatchObject({ outcome: "served", failure: { class: "out-of-memory" } });
    expect(marks).toEqual([expect.stringContaining("killed for want of memory")]);
    expect(site.master().core.state.nodes.has(name)).toBe(false);
  });

  test("by an eviction: the API server's own condition tells it", async () => {
    const { name, marks } = await atWork("evicted");
    await site.evict(name);
    await site.told(["explain", name], /the pod was evicted, as when its node is drained/);
    await site.remove(name);
    const { life } = await site.slave("evicted", ({ state }) => state === "deleted");
    expect(life).toMatchObject({ outcome: "served", failure: { class: "evicted" } });
    expect(marks).toEqual([expect.stringContaining("the pod was evicted")]);
  });
});

test("a quota that is used up holds the namespace and not the template; a pod that goes makes room sooner", async () => {
  const path = `/api/v1/namespaces/${agentsNamespace}/resourcequotas`;
  site.queue("quota");
  await site.slave("quota", onNode);
  await site.plane.json(path, { method: "POST", body: { metadata: { name: "few" }, spec: { hard: { pods: "1" } } } });
  await expect
    .poll(async () => ((await site.plane.json(`${path}/few`)) as { status?: { used?: object } }).status?.used, {
      timeout: 20_000,
    })
    .toBeDefined();
  const item = site.queue("any");
  await site.told(item, /namespace ci-agents is held: .*exceeded quota: few/);
  const { life } = await site.slave("any", ({ state }) => state === "deleted");
  expect(life).toMatchObject({ outcome: "failed", failure: { class: "quota-full" } });
  const plan = await site.bus.readLast(channels.plan, subjects.plan("main"));
  expect(plan?.data.holds).toContainEqual(expect.objectContaining({ what: "namespace", name: agentsNamespace }));
});
