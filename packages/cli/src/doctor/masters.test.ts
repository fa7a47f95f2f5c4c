import { connectExamination, connectMaster } from "@kubestack/jenkins";
import type { JenkinsSimulator, Permission } from "@kubestack/jenkins-simulator";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkLabels } from "./check-labels.ts";
import { type AskedMaster, checkMaster } from "./check-master.ts";
import { checkOverlap } from "./check-overlap.ts";
import { checkRights } from "./check-rights.ts";
import { checkSwarm } from "./check-swarm.ts";
import { jenkinsFor, masterConfig, needed, told } from "./doctor.fixture.ts";
import type { Finding } from "./finding.ts";

const staying = new AbortController().signal;

async function visit(
  permissions?: readonly Permission[],
  options?: Parameters<typeof jenkinsFor>[1],
  entry: Readonly<Record<string, unknown>> = {},
): Promise<{ jenkins: JenkinsSimulator; asked: AskedMaster }> {
  const jenkins = await jenkinsFor(permissions, options);
  const config = masterConfig({ url: jenkins.url, agentUrl: "http://jenkins:8080/", user: "ci-bot", ...entry });
  const settings = {
    name: config.name,
    url: config.url,
    user: config.user,
    auth: { kind: "token" as const, read: async () => "token" },
    timeouts: { connectMs: 1000, readMs: 1000 },
    pause: async () => undefined,
  };
  const asked = { config, master: connectMaster(settings), examination: connectExamination(settings) };
  onTestFinished(async () => {
    asked.master.close();
    asked.examination.close();
    await jenkins.stop();
  });
  return { jenkins, asked };
}

async function rights(asked: AskedMaster, change: { readOnly?: boolean; signal?: AbortSignal } = {}) {
  const probe = await asked.master.probe();
  return checkRights(asked, { probe, readOnly: false, suffix: "a1b2", signal: staying, ...change });
}

const nodesOf = (jenkins: JenkinsSimulator) =>
  [...jenkins.log].filter((line) => line.startsWith("POST")).map((line) => line.replace(/^POST computer\//, ""));
const isGone = (jenkins: JenkinsSimulator) => {
  expect(() => jenkins.core.node("ks-doctor-a1b2")).toThrow();
};
const failed = (findings: readonly Finding[]) => told(findings.filter(({ level }) => level === "FAIL"));

describe("a Jenkins with the rights that the README asks for", () => {
  test("has nothing to mend, and the trial node is gone", async () => {
    const { jenkins, asked } = await visit();
    const { probe, findings } = await checkMaster(asked);
    expect(told(findings)).toEqual([
      expect.stringMatching(/^ok master backend: Jenkins 2\.579, clock [+-].*, answers in .*, TCP agents on 50000$/),
    ]);
    expect(told(await rights(asked))).toEqual([
      "ok rights backend: Overall/Read (computers and queue were read)",
      "ok rights backend: Job/Read (1 job or folder is seen)",
      "ok rights backend: Agent/{Connect,Create,Delete,Disconnect} (tried on a node that is gone again)",
    ]);
    isGone(jenkins);
    if (probe === undefined) expect.fail("it let us in");
    expect(told(await checkLabels(asked, probe))[0]).toBe(
      "ok labels backend: labels are told by the queue (labelExpression), a job's configuration, the sentence on why a build waits",
    );
  });

  test("--read-only changes nothing, and says so", async () => {
    const { jenkins, asked } = await visit();
    expect(told(await rights(asked, { readOnly: true })).at(-1)).toContain("were not tried (--read-only)");
    expect(nodesOf(jenkins)).toEqual([]);
  });

  test("whose clock is off is told", async () => {
    const { asked } = await visit(needed, { dateAheadMs: 60_000 });
    expect(told((await checkMaster(asked)).findings)[1]).toMatch(/^WARN master backend's clock is (59|60|61)s ahead/);
  });
});

describe("each right that is missing is named, and no node is left behind but where none may be deleted", () => {
  test.each<[Permission, string, boolean]>([
    ["Agent/Create", "Agent/Create is refused: no slave can be made", true],
    ["Agent/Connect", "Agent/Connect is refused: no mark can be taken away", true],
    ["Agent/Disconnect", "Agent/Disconnect is refused: no slave can be marked offline", true],
    ["Agent/Delete", "Agent/Delete is refused: no node can be removed", false],
  ])("%s", async (missing, sentence, gone) => {
    const { jenkins, asked } = await visit(needed.filter((one) => one !== missing));
    const findings = await rights(asked);
    expect(failed(findings)[0]).toContain(`FAIL rights backend: ${sentence}`);
    expect(findings.flatMap(({ fix }) => fix)).toContain(`give user ci-bot ${missing} on the master`);
    if (gone) isGone(jenkins);
    else expect(findings.flatMap(({ fix }) => fix)).toContain("delete node ks-doctor-a1b2 on the master by hand");
  });

  test("Job/Read: no job is seen", async () => {
    const { asked } = await visit(needed.filter((one) => !one.startsWith("Job/")));
    expect(told(await rights(asked))).toContain(
      "WARN rights backend: user ci-bot sees no job: there is none, or Job/Read is missing",
    );
  });

  test("Job/ExtendedRead: the configuration of a job is not read, which a Jenkins of today can do without", async () => {
    const { asked } = await visit(needed.filter((one) => one !== "Job/ExtendedRead"));
    const lines = told(await checkLabels(asked, await asked.master.probe()));
    expect(lines[1]).toMatch(/^ok labels backend: the configuration of a job can't be read, which only jobs need/);
  });

  test("Overall/Read: it does not let us in", async () => {
    const { asked } = await visit([]);
    const { probe, findings } = await checkMaster(asked);
    expect(probe).toBeUndefined();
    expect(findings[0]?.fix).toEqual(["give user ci-bot Overall/Read and Job/Read there"]);
  });
});

describe("the trial node goes whatever happens", () => {
  test("the answer to its creation was lost", async () => {
    const { jenkins, asked } = await visit();
    jenkins.faults.add({ on: /doCreateItem/, fault: { kind: "lost-answer" } });
    expect(failed(await rights(asked))[0]).toContain("Agent/Create could not be tried");
    isGone(jenkins);
  });

  test("the master breaks off while it is deleted", async () => {
    const { jenkins, asked } = await visit();
    jenkins.faults.add({ on: /doDelete/, times: 2, fault: { kind: "drop" } });
    expect(failed(await rights(asked))).toEqual([]);
    isGone(jenkins);
  });

  test("somebody has had enough in the middle", async () => {
    const { jenkins, asked } = await visit();
    const leaving = new AbortController();
    const stop = jenkins.core.subscribe((event) => {
      if (event.node === "ks-doctor-a1b2") leaving.abort();
    });
    onTestFinished(stop);
    const findings = await rights(asked, { signal: leaving.signal });
    expect(told(findings).at(-1)).toBe("WARN rights backend: interrupted: not every right was tried");
    expect(nodesOf(jenkins)).toEqual(["doCreateItem", "ks-doctor-a1b2/doDelete"]);
    isGone(jenkins);
  });

  test("one that an earlier doctor left is told", async () => {
    const { jenkins, asked } = await visit();
    jenkins.core.createNode({ name: "ks-doctor-old", labels: "" } as never);
    expect(told(await rights(asked))).toContain(
      "WARN rights backend: node ks-doctor-old was left by a doctor that was cut short",
    );
  });
});

test("a cloud that serves one of our labels is told", async () => {
  const clouds = [
    { name: "kubernetes", kind: "org.csanchez.jenkins.plugins.kubernetes.KubernetesCloud", labels: ["maven"] },
  ];
  const { asked } = await visit(needed, { clouds });
  const findings = await checkOverlap(asked, ["linux", "maven", "a b"], await asked.master.probe());
  expect(told(findings)).toEqual([
    "WARN overlap backend: label maven is also served by cloud 'kubernetes': two pods for each build, one from each",
  ]);
});

describe("the Swarm plugin", () => {
  const swarm = { attach: "swarm" };

  test.each([
    [true, "ok master backend has the Swarm plugin, which makes its nodes (attach: swarm)"],
    [false, "FAIL master backend has no Swarm plugin: no slave can be made (attach: swarm)"],
  ])("is there: %s, which whoever has Overall/Read is told", async (hasSwarm, line) => {
    const { jenkins, asked } = await visit(["Overall/Read"], { hasSwarm }, swarm);
    expect(told(await checkSwarm(asked))).toEqual([line]);
    expect(jenkins.log.filter((request) => request.startsWith("POST"))).toEqual([]);
  });

  test("is not asked about where it makes no nodes", async () => {
    const { jenkins, asked } = await visit();
    expect(await checkSwarm(asked)).toEqual([]);
    expect(jenkins.log).toEqual([]);
  });

  test("can't be known by whoever is not let in", async () => {
    const { asked } = await visit([], { hasSwarm: true }, swarm);
    await expect(checkSwarm(asked)).rejects.toMatchObject({ code: "credential-refused" });
  });
});
