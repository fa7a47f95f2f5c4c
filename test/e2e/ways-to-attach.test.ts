import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agentProgram, type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Site } from "./site.fixture.ts";

/** Two masters of today, whose agents come each by another way; both name a TCP port at which nobody listens. */
const ways = [
  { name: "sockets", entry: { transport: "websocket" }, jenkins: { agentPort: 50_000 } },
  { name: "swarm", entry: { attach: "swarm", transport: "websocket" }, jenkins: { agentPort: 50_000, hasSwarm: true } },
];
const freestyle = 8;
const pipelines = 4;

let site: Site;
const masters = new Map<string, JenkinsSimulator>();

beforeAll(async () => {
  site = await Site.start();
  for (const [at, { name, jenkins }] of ways.entries())
    masters.set(name, await startJenkinsSimulator({ seed: 11 + at, context: "/ci", ...jenkins }));
  const entries = await Promise.all(
    ways.map(async ({ name, entry }) => {
      const jenkins = of(name);
      const tokenFile = join(site.world.folder, `${name}-token`);
      await writeFile(tokenFile, jenkins.token);
      const demand = [{ type: "jenkins-queue", interval: "500ms" }];
      return {
        name,
        url: jenkins.url,
        agentUrl: jenkins.url,
        user: jenkins.user,
        token: `file:${tokenFile}`,
        demand,
        ...entry,
      };
    }),
  );
  const config = await site.configure("ways", (settings) => {
    const [template] = settings.templates;
    const command = [process.execPath, agentProgram];
    const maven = { ...template, name: "maven", labels: ["maven"], command, workDir: "/home/jenkins/agent" };
    return { ...settings, masters: entries, templates: [maven] };
  });
  const daemon = site.run(config);
  for (const { name } of ways) await daemon.says(new RegExp(`"master":"${name}".*took the master over`));
});

afterAll(async () => {
  await site?.stop();
  for (const jenkins of masters.values()) await jenkins.stop();
});

function of(name: string): JenkinsSimulator {
  const jenkins = masters.get(name);
  if (jenkins === undefined) throw new RangeError(`There is no master ${name}.`);
  return jenkins;
}

test("a dozen builds run through each way at once: all succeed, each launch is accounted for, and nothing is left", async () => {
  for (const { core } of masters.values()) {
    core.createJob({ name: "quick", label: "maven", durationMs: [700, 1500], parameters: { N: "0" } });
    core.createJob({ name: "flow", kind: "pipeline", blocks: [{ label: "maven", durationMs: 1000 }] });
    for (let number = 1; number <= freestyle; number += 1) core.build("quick", { parameters: { N: String(number) } });
    for (let number = 1; number <= pipelines; number += 1) core.build("flow", { parameters: { N: String(number) } });
  }
  const patience = { timeout: 90_000, interval: 100 };
  await vi.waitFor(() => {
    for (const { core } of masters.values()) {
      const ended = core.works().filter(({ endedAtMs }) => endedAtMs !== null);
      expect(ended.map(({ result }) => result)).toEqual(Array.from({ length: freestyle + pipelines }, () => "SUCCESS"));
    }
  }, patience);
  await vi.waitFor(async () => {
    const { nodes: _hudsons, ...present } = await site.present();
    expect(present).toEqual({ pods: [], secrets: [], processes: [], alive: [], ledger: [] });
    for (const { core } of masters.values())
      expect([...core.state.nodes.keys()].filter((name) => !name.startsWith("ks-anchor-"))).toEqual([]);
  }, patience);
  const records = await site.records();
  for (const [name, { core, log }] of masters) {
    const slaves = records.filter(({ master }) => master === name);
    const used = new Set(core.works().map(({ node }) => node));
    const count = (outcome: string) => slaves.filter(({ life }) => life.outcome === outcome).length;
    expect({ name, killed: core.killed(), served: count("served"), failed: count("failed") }).toEqual({
      name,
      killed: [],
      served: used.size,
      failed: 0,
    });
    expect(count("withdrawn")).toBe(slaves.length - used.size);
    const asked = (request: string) => log.filter((one) => one === request).length;
    expect(asked("GET wsagents/")).toBeGreaterThanOrEqual(used.size);
    // The anchors alone are made by the form where the Swarm plugin makes the nodes.
    const isSwarm = name === "swarm";
    expect(asked("POST plugin/swarm/createSlave")).toBe(isSwarm ? slaves.length : 0);
    expect(asked("POST computer/doCreateItem")).toBe(isSwarm ? 2 : 2 + slaves.length);
  }
});
