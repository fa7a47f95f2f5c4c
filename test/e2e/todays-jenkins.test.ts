import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { channels, subjects } from "@kubestack/contracts";
import { agentProgram, type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { agentsNamespace } from "@kubestack/sandbox";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Service, Site } from "./site.fixture.ts";

interface Pod {
  readonly spec: { readonly containers: readonly { readonly resources: unknown }[] };
}

let site: Site;
let jenkins: JenkinsSimulator;
let daemon: Service;

beforeAll(async () => {
  jenkins = await startJenkinsSimulator({ seed: 7, context: "/ci" });
  site = await Site.start();
  const tokenFile = join(site.world.folder, "simulated-token");
  await writeFile(tokenFile, jenkins.token);
  const config = await site.configure("today", (settings) => {
    const [template] = settings.templates;
    const simulated = { ...template, command: [process.execPath, agentProgram], workDir: "/home/jenkins/agent" };
    return {
      ...settings,
      masters: [
        {
          name: "today",
          url: jenkins.url,
          agentUrl: jenkins.url,
          user: jenkins.user,
          token: `file:${tokenFile}`,
          demand: [{ type: "jenkins-queue", interval: "500ms" }],
        },
      ],
      templates: [
        {
          ...simulated,
          name: "maven",
          labels: ["maven", "linux"],
          overrides: { cpu: { max: 2 }, memory: { max: "2Gi" } },
        },
        { ...simulated, name: "docker", labels: ["docker", "linux"] },
        { ...simulated, name: "any", labels: ["anything"], unlabelled: true },
      ],
    };
  });
  daemon = site.run(config);
  await daemon.says(/took the master over/);
});

afterAll(async () => {
  await site?.stop();
  await jenkins?.stop();
});

const works = () => jenkins.core.works().filter(({ startedAtMs }) => startedAtMs !== null);

async function allEnd(count: number): Promise<void> {
  await vi.waitFor(() => expect(works().filter(({ endedAtMs }) => endedAtMs !== null)).toHaveLength(count), {
    timeout: 90_000,
    interval: 100,
  });
}

async function onlyAnchorsAreLeft(): Promise<void> {
  await vi.waitFor(
    async () => {
      const { pods, secrets, processes, alive, ledger } = await site.present();
      expect({ pods, secrets, processes, alive, ledger }).toEqual({
        pods: [],
        secrets: [],
        processes: [],
        alive: [],
        ledger: [],
      });
      const nodes = [...jenkins.core.state.nodes.keys()];
      expect(nodes.filter((name) => !name.startsWith("ks-anchor-"))).toEqual([]);
      expect(nodes.filter((name) => name.startsWith("ks-anchor-"))).toHaveLength(2);
    },
    { timeout: 120_000, interval: 100 },
  );
}

test("a pipeline block's label is found although the master had no node: by the anchors", async () => {
  jenkins.core.createJob({
    name: "shop/deploy",
    kind: "pipeline",
    blocks: [{ label: "docker && linux", durationMs: 1500 }],
  });
  jenkins.core.build("shop/deploy");
  await allEnd(1);
  expect(works()).toMatchObject([{ job: "shop/deploy", result: "SUCCESS", endedBy: "itself" }]);
  await onlyAnchorsAreLeft();
  expect((await site.records()).map(({ template, life }) => [template, life.outcome])).toEqual([["docker", "served"]]);
});

test("label expressions, folders and builds without a label get the first template that serves them", async () => {
  const before = (await site.records()).length;
  jenkins.core.createJob({ name: "team/lib", label: "maven || docker", durationMs: 1200 });
  jenkins.core.createJob({ name: "anywhere", durationMs: 1200 });
  jenkins.core.createJob({ name: "windows", label: "windows", durationMs: 1200 });
  for (const job of ["team/lib", "anywhere", "windows"]) jenkins.core.build(job);
  await allEnd(3);
  await onlyAnchorsAreLeft();
  const launched = (await site.records()).slice(before).map(({ template }) => template);
  expect(launched.toSorted()).toEqual(["any", "maven"]);
  const plan = await site.bus.readLast(channels.plan, subjects.plan("today"));
  expect(plan?.data.waiting).toMatchObject([{ job: "windows", code: "not-ours" }]);
});

test("builds that ask for a size get slaves of it, pipelines at once, too; what is not allowed is told", async () => {
  const before = new Set((await site.records()).map(({ name }) => name));
  const builds = works().length;
  const label = "maven && cpu=250m && memory=600Mi";
  for (const name of ["sized/one", "sized/two"])
    jenkins.core.createJob({ name, kind: "pipeline", blocks: [{ label, durationMs: 6000 }] });
  jenkins.core.createJob({ name: "sized/large", label: "maven && cpu=16", durationMs: 1000 });
  const started = async (...jobs: string[]) => {
    for (const name of jobs) jenkins.core.build(name);
    return vi.waitFor(
      () => {
        const [work] = works()
          .slice(builds)
          .filter(({ job }) => job === jobs[0]);
        expect(work).toBeDefined();
        return work?.node ?? "";
      },
      { timeout: 60_000, interval: 100 },
    );
  };
  // The second one waits while there is one node of its size: without anchors of that size it would be shown to wait for it.
  const nodes = [await started("sized/one", "sized/large"), await started("sized/two")];
  expect(works().filter(({ endedAtMs }) => endedAtMs === null)).toHaveLength(2);
  for (const node of nodes) {
    expect([...jenkins.core.node(node).atoms].toSorted()).toEqual(
      [node, "cpu=250m", "linux", "maven", "memory=600Mi"].toSorted(),
    );
    const pod = (await site.world.cluster.json(`/api/v1/namespaces/${agentsNamespace}/pods/${node}`)) as Pod;
    expect(pod.spec.containers[0]?.resources).toMatchObject({
      requests: { cpu: "250m", memory: "600Mi" },
      limits: { memory: "600Mi" },
    });
  }
  const plan = await site.bus.readLast(channels.plan, subjects.plan("today"));
  expect(plan?.data.waiting).toContainEqual(
    expect.objectContaining({
      job: "sized/large",
      code: "size",
      reason: "template maven allows cpu up to 2; asked: 16",
    }),
  );
  await allEnd(builds + 2);
  await onlyAnchorsAreLeft();
  const records = (await site.records()).filter(({ name }) => !before.has(name));
  expect(records.map(({ size, life }) => [size, life.outcome])).toEqual(
    Array(2).fill([{ cpu: "250m", memory: "600Mi" }, "served"]),
  );
});

test("a burst of short builds: each launch is accounted for, builds that shared a slave are counted, and none is killed", async () => {
  const before = new Set((await site.records()).map(({ name }) => name));
  const builds = works().length;
  jenkins.core.createJob({ name: "quick", label: "maven", durationMs: [800, 1600], parameters: { N: "0" } });
  for (let number = 1; number <= 20; number += 1) jenkins.core.build("quick", { parameters: { N: String(number) } });
  await allEnd(builds + 20);
  await onlyAnchorsAreLeft();

  const outcomes = (await site.records()).filter(({ name }) => !before.has(name)).map(({ life }) => life.outcome);
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length;
  const nodes = works()
    .slice(builds)
    .map(({ node }) => node);
  const shared = nodes.length - new Set(nodes).size;
  // A build that shared a slave leaves the one that was launched for it over: launched, and withdrawn.
  expect({ launched: outcomes.length, served: count("served"), failed: count("failed") }).toEqual({
    launched: 20,
    served: 20 - shared,
    failed: 0,
  });
  expect(count("withdrawn")).toBe(shared);
  expect(jenkins.core.killed()).toEqual([]);
});

test("it told no port for agents, so all of them came by WebSocket", () => {
  expect(jenkins.log.filter((request) => request === "GET wsagents/").length).toBeGreaterThanOrEqual(
    works().length / 2,
  );
  expect(jenkins.log).not.toContain("GET simulator/agent");
});
