import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfiguration } from "@kubestack/configuration";
import { KubestackError, type QueueItem } from "@kubestack/contracts";
import { shortfall } from "@kubestack/demand";
import { countByLabel, jobsWithoutLabel, RegisteredLabels, wantedBuilds, withWorkersLabels } from "@kubestack/gearman";
import { connectMaster, type Master } from "@kubestack/jenkins";
import { parseSlaveName, slaveName } from "@kubestack/slave";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { Site, type SiteOptions, serviceNames } from "./simulation/site.ts";

/**
 * What was wrong with the original KubeStack, fault by fault, and that it can't happen here. Where a story is needed, the
 * services live through it as they are, in virtual time.
 */
const sites: Site[] = [];
afterEach(() => {
  for (const site of sites.splice(0)) site.end();
});

const templates = ["python", "java"].map((name) => ({ name, labels: [name] }));
const usual = (of: Partial<SiteOptions> = {}): SiteOptions => ({ seed: 1, templates, anchors: "off", ...of });

async function begun<S extends Site>(site: S): Promise<S> {
  sites.push(site);
  await site.start();
  return site;
}

/** Has a label wanted by a build that lasts so long, in milliseconds. */
function build({ jenkins: { core } }: Site, label: string, durationMs = 5_000): void {
  core.createJob({ name: label, label, durationMs });
  core.build(label);
}

const minutes = (count: number): number => count * 60_000;
const nothingWaits = ({ jenkins: { core } }: Site): boolean =>
  core.items().length === 0 && core.works().every(({ endedAtMs }) => endedAtMs !== null);
const isOver = (site: Site) => (): boolean => site.time.now > 10_000 && nothingWaits(site) && site.isEmpty;
const running = ({ jenkins: { core } }: Site) =>
  core.works().filter(({ startedAtMs, endedAtMs }) => startedAtMs !== null && endedAtMs === null);
const outcomes = (site: Site) => site.records.map(({ template, life }) => `${template} ${life.outcome}`).toSorted();

describe("counting what is wanted", () => {
  const waiting = (id: number, label: string): QueueItem => ({
    id: String(id),
    job: label,
    url: `queue/item/${id}/`,
    wants: { kind: "expression", expression: label },
    labelOrigin: "why",
    waitingSince: id,
    why: "",
  });
  const launchable = (name: string) => ({
    name,
    labels: [name],
    unlabelled: false,
    room: { slaves: 100, cap: "100/100 slaves" },
  });

  test("one count of all pods was subtracted from the demand of every label", () => {
    const supply = Array.from({ length: 50 }, (_, at) => ({
      name: `s${at}`,
      labels: ["python"],
      stage: "online" as const,
      template: "python",
      unlabelled: false,
    }));
    const items = [waiting(1, "java"), waiting(2, "java")];
    const { launches } = shortfall({
      items,
      supply,
      templates: ["python", "java"].map(launchable),
      allowance: 1000,
    });
    expect(launches.map(({ template }) => template)).toEqual(["java", "java"]);
  });

  test("only items that were stuck counted, of which there is none while one agent of the label is online", async () => {
    const site = await begun(new Site(usual()));
    const { core } = site.jenkins;
    core.createNode({ name: "old-agent", labels: "python" });
    core.connect("old-agent");
    core.createJob({ name: "long", label: "python", durationMs: minutes(30) });
    core.build("long");
    site.time.in(5_000, () => build(site, "python"));
    expect(await site.time.run(minutes(2), () => outcomes(site).includes("python served"))).toBe(true);
    expect(running(site).map(({ job, node }) => [job, node])).toEqual([["long", "old-agent"]]);
  });

  /** What waits by label, from lines of `status` and what each worker registered. */
  function wanted(lines: readonly [name: string, total: number][], workers: readonly string[]) {
    const told = lines.flatMap(([name, total]) => wantedBuilds({ name, total, running: 0, workers: 1 }) ?? []);
    const labels = new RegisteredLabels(jobsWithoutLabel(told));
    for (const functions of workers) labels.saw({ clientId: "w", functions });
    return Object.fromEntries(countByLabel(withWorkersLabels(told, labels), "waiting"));
  }

  test("a Gearman function without a label raised an error, and all demand was lost with it", () => {
    const lines: [string, number][] = [
      ["build:unit", 3],
      ["build:docs:java", 2],
    ];
    expect(wanted(lines, [])).toEqual({ null: 3, java: 2 });
  });

  test("the first worker's label was the first letter of one", () => {
    expect(wanted([["build:unit", 3]], ["build:unit:python", "build:unit:java"])).toEqual({ python: 3 });
  });

  test("a source that failed had those after it not asked at all", async () => {
    class OneSilent extends Site {
      override connectTo(name: string): Master {
        if (name !== "m") return super.connectTo(name);
        const send = () => Promise.reject(new KubestackError("master-unavailable", "Master m does not answer."));
        const auth = { kind: "token", read: async () => "t" } as const;
        const pause = (ms: number) => this.time.passed(ms);
        return connectMaster({ name, url: "http://silent.invalid/", user: "u", auth, pause, send });
      }
    }
    const site = await begun(new OneSilent(usual({ masters: ["m", "other"] })));
    const core = site.masters.get("other")?.core;
    core?.createJob({ name: "a", label: "python", durationMs: 5_000 });
    core?.build("a");
    expect(await site.time.run(minutes(2), () => outcomes(site).includes("python served"))).toBe(true);
    expect(site.records.map(({ name }) => name)).toEqual([expect.stringMatching(/^ks-other-/)]);
  });
});

describe("a restart", () => {
  async function restarted(): Promise<{ site: Site; before: string[] }> {
    const site = await begun(new Site(usual()));
    for (const label of ["python", "java"]) build(site, label, minutes(3));
    expect(await site.time.run(minutes(2), () => running(site).length === 2)).toBe(true);
    const before = [...site.cluster.pods.keys()].toSorted();
    for (const name of serviceNames) site.kill(name);
    await site.start();
    return { site, before };
  }

  test("forgot how many pods there were, and launched all of them once more", async () => {
    const { site } = await restarted();
    expect(await site.time.run(minutes(10), isOver(site))).toBe(true);
    expect(outcomes(site)).toEqual(["java served", "python served"]);
  });

  test("began by deleting all of its own pods, with the builds on them", async () => {
    const { site, before } = await restarted();
    await site.time.run(minutes(1), () => running(site).length < 2);
    expect([...site.cluster.pods.keys()].toSorted()).toEqual(before);
    expect(await site.time.run(minutes(10), isOver(site))).toBe(true);
    expect(site.jenkins.core.killed()).toEqual([]);
  });
});

describe("taking slaves away", () => {
  test("a node was deleted whose name held the pod's as a part", async () => {
    const site = await begun(new Site(usual()));
    const { core } = site.jenkins;
    build(site, "python", 20_000);
    expect(await site.time.run(minutes(2), () => running(site).length === 1)).toBe(true);
    const [slave] = site.records;
    const others = [`${slave?.name}-2`, `old-${slave?.name}`, `${slave?.name}0`.slice(1)];
    for (const name of others) core.createNode({ name, labels: "backup" });
    await site.time.run(minutes(5), () => site.records.every(({ state }) => state === "deleted"));
    expect(outcomes(site)).toEqual(["python served"]);
    await site.time.run(minutes(5), () => false);
    expect([...core.state.nodes.keys()].filter((name) => name.includes("ks-m") || name.includes("s-m-"))).toEqual(
      others,
    );
  });

  test("a node's name became a pod's by splitting it at each '-' and leaving out the last part", () => {
    for (const master of ["backend", "team-a-backend", "a-b-c-", "Team A/backend"]) {
      const named = { epoch: "0ab1", number: 70_000 };
      const name = slaveName({ master, ...named });
      // Pod, node and record have one name: nothing is put behind it, and nothing is taken off.
      expect(parseSlaveName(master, name)).toEqual(named);
      expect(parseSlaveName(master, `${name}-3fa9c1`)).toBeUndefined();
      expect(parseSlaveName(master, name.slice(0, name.lastIndexOf("-")))).toBeUndefined();
    }
  });

  test("a delete that failed left the lock held, and nothing was done ever after", async () => {
    class NoDeletes extends Site {
      refuses = true;
      constructor(options: SiteOptions) {
        super(options);
        const connect = this.cluster.connect.bind(this.cluster);
        this.cluster.connect = () => {
          const cluster = connect();
          const refused = () => Promise.reject(new KubestackError("cluster-unavailable", "The cluster is busy."));
          return { ...cluster, deletePod: (...of) => (this.refuses ? refused() : cluster.deletePod(...of)) };
        };
      }
    }
    const site = await begun(new NoDeletes(usual()));
    build(site, "python");
    site.time.in(30_000, () => build(site, "java"));
    const hasBuilt = (): boolean => site.time.now > 31_000 && nothingWaits(site);
    expect(await site.time.run(minutes(2), hasBuilt)).toBe(true);
    expect(site.cluster.pods.size).toBe(2);
    site.refuses = false;
    expect(await site.time.run(minutes(10), isOver(site))).toBe(true);
    expect(outcomes(site)).toEqual(["java served", "python served"]);
  });

  test("a message of the ZMQ publisher that was lost left its pod for ever", async () => {
    // Nobody publishes anything here, and of what the services tell each other most is lost as well.
    const outcomesOf = async (seed: number): Promise<string[]> => {
      const site = await begun(new Site(usual({ seed })));
      site.nats.faults = { lost: 0.9, doubled: 0, delayed: 0 };
      build(site, "python");
      expect(await site.time.run(minutes(10), isOver(site))).toBe(true);
      return outcomes(site);
    };
    const all: string[] = [];
    for (let seed = 1; seed <= 10; seed += 1) all.push(...(await outcomesOf(seed)));
    // A build so short may begin and end while all news of it is lost: then its slave goes as one that nobody needs.
    expect(all.length).toBe(10);
    expect(new Set(all)).toEqual(new Set(["python served", "python withdrawn"]));
    expect(all.filter((one) => one === "python served").length).toBeGreaterThan(5);
  });
});

describe("secrets", () => {
  test("the user's password stood on the command line of every pod", async () => {
    const site = await begun(new Site(usual()));
    build(site, "python", 20_000);
    expect(await site.time.run(minutes(2), () => running(site).length === 1)).toBe(true);
    const pods = JSON.stringify([...site.cluster.pods.values()]);
    expect(pods).toContain("ks-m-");
    // The agent's own secret is in a Secret of Kubernetes, mounted as a file.
    const agents = [...site.cluster.secrets.values()].map(
      (secret) => (secret as { stringData?: { secret?: string } }).stringData?.secret,
    );
    expect(agents).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    for (const secret of [site.jenkins.token, ...agents]) expect(pods).not.toContain(secret);
  });

  test("passwords of the original's file get neither into what is kept nor into what is told", async () => {
    const dir = await mkdtemp(join(tmpdir(), "kubestack-faults-"));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    const file = join(dir, "config.yaml");
    const jenkins = { external_url: "https://ci.example.org/", user: "u", pass: "hunter2" };
    const kubernetes = { url: "https://10.0.0.1/", api_key: "hunter2" };
    await writeFile(file, JSON.stringify({ jenkins, kubernetes, labels: [{ name: "python", image: "i" }] }));
    const { entries, ...read } = await readConfiguration({ file, environment: {} });
    expect(JSON.stringify([read, ...entries])).not.toContain("hunter2");
    await writeFile(file, JSON.stringify({ jenkins, kubernetes, labels: [] }));
    await expect(readConfiguration({ file, environment: {} })).rejects.toThrow(/^(?!.*hunter2)/s);
  });
});
