import { commands } from "@kubestack/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { until } from "../bed.fixture.ts";
import { fileOf, granted, Site, type TestFile, type TestProcess } from "./site.fixture.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

let site: Site;
const running: TestProcess[] = [];

beforeAll(async () => {
  site = await Site.start(["team-a", "team-b"]);
});
afterAll(async () => {
  await site?.stop();
});
afterEach(async () => {
  site.wants({});
  for (const process of running.splice(0).reverse()) await process.stop();
  await site.removePods();
  for (const { key, revision } of await site.bus.templates.list()) await site.bus.templates.remove(key, revision);
  for (const { key, revision } of await site.bus.slaves.list()) await site.bus.slaves.remove(key, revision);
  for (const { key, revision } of await site.bus.ledger.list()) await site.bus.ledger.remove(key, revision);
});

async function started(file: TestFile): Promise<TestProcess> {
  const process = await site.process(file);
  running.push(process);
  return process;
}

const apply = (...templates: Record<string, unknown>[]) =>
  site.bus.request(commands.applyTemplates, { templates, by: "ann", dryRun: false });
const told = () => site.bus.request(commands.templates, {});
const base = { name: "base", env: { A: "1" } };

describe("templates that are applied", () => {
  test("are launched from without a new start, by whichever process owns the master, and stand on the file's", async () => {
    const file = fileOf([base]);
    await started(file);
    await started(file);
    await until(async () => expect((await told()).templates.map(({ name }) => name)).toEqual(["base"]));
    site.wants({ a1: "rust" });
    const rust = { name: "rust", labels: ["rust"], inheritFrom: ["base"], image: "rust:1" };
    expect(await apply(rust)).toEqual({ templates: [{ name: "rust", change: "created" }] });
    await until(async () => expect(await site.pods()).toEqual({ a1: "rust rust:1" }));
    expect(await apply(rust)).toEqual({ templates: [{ name: "rust", change: "unchanged" }] });
    expect(await apply({ ...rust, image: "rust:2" })).toEqual({ templates: [{ name: "rust", change: "changed" }] });
    await until(async () =>
      expect((await told()).templates).toMatchObject([
        { name: "base", from: "file", image: null },
        { name: "rust", from: "applied", image: "rust:2", applied: { by: "ann", at: expect.any(Number) } },
      ]),
    );
    site.wants({ a1: "rust", a2: "rust" });
    await until(async () => expect(await site.pods()).toEqual({ a1: "rust rust:1", a2: "rust rust:2" }));
  });

  test("are all kept or none of them, and a trial keeps none", async () => {
    await started(fileOf([base]));
    const sound = { name: "go", labels: ["go"], image: "go:1" };
    const wrong = {
      name: "root",
      labels: ["root"],
      image: "r:1",
      pod: { spec: { hostNetwork: true } },
      memory: "lots",
    };
    await expect(apply(sound, wrong)).rejects.toThrow(
      /^Nothing is applied: 1 fault\n {2}template root \(the applied templates, memory = lots\) is no quantity/,
    );
    await expect(apply(sound, { ...wrong, memory: "1Gi", allow: ["hostNamespaces"] })).rejects.toThrow(
      /may not have hostNamespaces, which the pod's spec.hostNetwork needs; .* granted by templateSources.applied.allow/,
    );
    const trial = { templates: [sound], by: "ann", dryRun: true };
    expect(await site.bus.request(commands.applyTemplates, trial)).toEqual({
      templates: [{ name: "go", change: "created" }],
    });
    expect((await site.bus.templates.list()).length).toBe(0);
    await expect(apply({ ...sound, name: "base" })).rejects.toThrow(/the configuration file, which stays in force/);
  });

  test("stay while another one stands on them; the file's and ConfigMaps' are removed where they are", async () => {
    await site.putConfigMap("team-a", "ci", { "t.yaml": "- { name: own, labels: [own], image: 'own:1' }" });
    await started(fileOf([base], { configMaps: [granted("team-a")] }));
    await apply({ name: "parent", image: "p:1" }, { name: "child", labels: ["c"], inheritFrom: ["parent"] });
    const remove = (name: string) => site.bus.request(commands.deleteTemplate, { name, by: "ann" });
    await expect(remove("parent")).rejects.toThrow("Template parent stays: child stands on it");
    await expect(remove("base")).rejects.toThrow("Template base is of the configuration file: remove it there.");
    await until(() =>
      expect(remove("team-a/own")).rejects.toThrow("is of ConfigMap team-a/ci, key t.yaml: remove it there"),
    );
    await expect(remove("other")).rejects.toThrow("No template that was applied is called 'other'");
    expect(await remove("child")).toEqual({ name: "child" });
    expect(await remove("parent")).toEqual({ name: "parent" });
    await site.deleteConfigMap("team-a", "ci");
  });

  test("applied by two at once are each kept", async () => {
    await started(fileOf([base]));
    await started(fileOf([base]));
    const names = Array.from({ length: 12 }, (_, at) => `t${at}`);
    await Promise.all(names.map((name) => apply({ name, labels: [name], image: "i" })));
    await until(async () => {
      const all = await site.bus.requestAll(commands.templates, {});
      expect(all.map(({ templates }) => templates.length)).toEqual([13, 13]);
    });
  });

  test("outlive the loss of NATS's store, as far as a process knows them", async () => {
    await started(fileOf([base]));
    await apply({ name: "kept", labels: ["kept"], image: "kept:1" });
    await until(async () => expect((await told()).templates).toHaveLength(2));
    await site.loseTemplates();
    await until(async () => expect((await site.bus.templates.list()).map(({ value }) => value.name)).toEqual(["kept"]));
    site.wants({ k1: "kept" });
    await until(async () => expect(await site.pods()).toEqual({ k1: "kept kept:1" }));
  });
});

describe("slaves", () => {
  test("that live while their template changes or goes keep what they were launched with, and finish (H16)", async () => {
    await started(fileOf([base]));
    const old = { name: "py", labels: ["python"], image: "py:1", workDir: "/old" };
    await apply(old);
    site.wants({ h1: "python" });
    await until(async () => expect(await site.pods()).toEqual({ h1: "py py:1" }));
    const [first] = await site.records();
    await site.tellPod(first?.name ?? "", "ready");
    await until(async () => expect((await site.records())[0]?.state).toBe("online"));
    await apply({ ...old, labels: ["python3"], image: "py:2" });
    await until(async () => expect((await told()).templates[1]?.labels).toEqual(["python3"]));
    // The one that lives is still of the old label; nothing is launched for it a second time, and nothing for the old label.
    site.wants({ h1: "python", h2: "python", h3: "python3" });
    await until(async () => expect(await site.pods()).toEqual({ h1: "py py:1", h3: "py py:2" }));
    await site.bus.request(commands.deleteTemplate, { name: "py", by: "ann" });
    await until(async () => expect((await told()).templates).toHaveLength(1));
    site.wants({ h1: "python", h3: "python3", h4: "python3" });
    const records = await site.records();
    expect(records.map(({ labels, workDir }) => [labels, workDir])).toEqual(
      expect.arrayContaining([
        [["python"], "/old"],
        [["python3"], "/old"],
      ]),
    );
    for (const { name } of records) await site.tellPod(name, "ready");
    for (const { name } of records) await site.tellPod(name, "done");
    await until(async () =>
      expect((await site.records()).map(({ state, life }) => [state, life.outcome])).toEqual([
        ["deleted", "served"],
        ["deleted", "served"],
      ]),
    );
    // Nothing was launched for the item that came when the template had gone.
    expect((await site.records()).map(({ item }) => item?.id).sort()).toEqual(["h1", "h3"]);
  });
});

describe("ConfigMaps of a team's namespace", () => {
  const mine = (image: string, more = "") => ({
    "t.yaml": `- { name: mine, labels: [mine], image: '${image}'${more} }`,
  });

  test("bring templates, which come, change, break and go with them", async () => {
    await started(fileOf([base], { configMaps: [granted("team-a"), granted("team-b")] }));
    site.wants({ c1: "mine" });
    await site.putConfigMap("team-a", "ci", mine("mine:1"));
    await until(async () => expect(await site.pods()).toEqual({ c1: "team-a/mine mine:1" }));
    await site.putConfigMap("team-a", "ci", mine("mine:2"));
    await settledImage("mine:2", "d");
    // Broken: it alone is left out, and the other one of the team stays.
    await site.putConfigMap("team-a", "ci", {
      ...mine("x", ", memory: lots"),
      "u.yaml": "- { name: u, labels: [u], image: 'u:1' }",
      "v.yaml": "a: [",
    });
    await until(async () => {
      const { templates, faults } = await told();
      expect(templates.map(({ name }) => name)).toEqual(["base", "team-a/u"]);
      expect(faults.map(({ sentence }) => sentence)).toEqual([
        expect.stringMatching(/^ConfigMap team-a\/ci, key v.yaml: line 1, column \d+: .*; correct the YAML$/),
        expect.stringMatching(
          /^template team-a\/mine \(ConfigMap team-a\/ci, key t.yaml, \[0\].memory = lots\) is no quantity/,
        ),
      ]);
    });
    const status = await site.bus.request(commands.supervisorStatus, {});
    expect(status.notes).toEqual(expect.arrayContaining([expect.stringContaining("memory = lots")]));
    await site.deleteConfigMap("team-a", "ci");
    await until(async () => expect(await told()).toMatchObject({ templates: [{ name: "base" }], faults: [] }));
  });

  test("may have what is granted to their namespace, and nothing else; teams don't get in each other's way", async () => {
    const file = fileOf([base], {
      configMaps: [granted("team-a", { objects: ["Secret/team-a-*"], maxSlaves: 1 }), granted("team-b")],
    });
    await started(file);
    const secret = (name: string) => `, pod: { spec: { volumes: [{ name: s, secret: { secretName: ${name} } }] } }`;
    await site.putConfigMap("team-a", "ci", mine("a:1", secret("team-a-key")));
    await site.putConfigMap("team-b", "ci", mine("b:1", secret("team-a-key")));
    await until(async () => {
      const { templates, faults } = await told();
      expect(templates.map(({ name }) => name)).toEqual(["base", "team-a/mine"]);
      expect(faults).toEqual([
        expect.objectContaining({
          template: "team-b/mine",
          sentence: expect.stringContaining(
            "names Secret/team-a-key (spec.volumes.1.secret.secretName), which is not granted",
          ),
        }),
      ]);
    });
    site.wants({ g1: "mine", g2: "mine" });
    await until(async () => expect(await site.pods()).toEqual({ g1: "team-a/mine a:1" }));
    await site.putConfigMap("team-b", "ci", mine("b:1"));
    await until(async () => expect(await site.pods()).toEqual({ g1: "team-a/mine a:1", g2: "team-b/mine b:1" }));
    for (const team of ["team-a", "team-b"]) await site.deleteConfigMap(team, "ci");
  });

  test("stay in force while the API server is away, and what changed meanwhile is seen when it is back", async () => {
    await site.putConfigMap("team-a", "ci", mine("mine:1"));
    await started(fileOf([base], { configMaps: [granted("team-a")] }));
    await until(async () => expect((await told()).templates).toHaveLength(2));
    await site.plane.stopApiServer();
    expect((await told()).templates).toHaveLength(2);
    await site.plane.startApiServer();
    await site.putConfigMap("team-a", "ci", mine("mine:2"));
    await settledImage("mine:2", "w");
    await site.deleteConfigMap("team-a", "ci");
  });

  test("of a namespace that may not be read are told, with what to grant, and disturb nothing else", async () => {
    const cluster = await site.limited();
    const process = await site.process(fileOf([base], { configMaps: [granted("team-a")] }), cluster);
    running.push({
      ...process,
      stop: async () => {
        await process.stop();
        await cluster.close();
      },
    });
    await until(async () =>
      expect((await told()).faults.map(({ sentence }) => sentence)).toEqual([
        expect.stringMatching(
          /^the ConfigMaps of namespace team-a can't be read: .*give the slave-supervisor list and watch of configmaps there/,
        ),
      ]),
    );
    await apply({ name: "go", labels: ["go"], image: "go:1" });
    await until(async () => expect((await told()).templates).toHaveLength(2));
  });
});

/** What just changed has reached the supervisor: a build that comes is launched from it. */
async function settledImage(image: string, prefix: string): Promise<void> {
  let tries = 0;
  await until(async () => {
    tries += 1;
    site.wants({ [`${prefix}${tries}`]: "mine" });
    await until(async () => expect(Object.keys(await site.pods())).toContain(`${prefix}${tries}`));
    expect((await site.pods())[`${prefix}${tries}`]).toBe(`team-a/mine ${image}`);
  }, 40_000);
}
