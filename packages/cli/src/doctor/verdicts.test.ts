import type { NatsReport } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import type { Probe } from "@kubestack/jenkins";
import { neededRights, retentionRights, serviceRights } from "@kubestack/kubernetes";
import { describe, expect, test } from "vitest";
import { widthOf } from "../text/width.ts";
import { type ClusterReport, clusterFindings, rightsFor } from "./check-cluster.ts";
import { checkConfig, configFindings } from "./check-config.ts";
import { labelFindings } from "./check-labels.ts";
import { masterFindings, unreachable } from "./check-master.ts";
import { natsFindings } from "./check-nats.ts";
import { overlapFindings, servedLabels } from "./check-overlap.ts";
import { trialFindings } from "./check-rights.ts";
import { configurationWith, masterConfig, told } from "./doctor.fixture.ts";
import { countsOf, type Finding, findingsOf } from "./finding.ts";
import { guarded } from "./guarded.ts";
import { linesOf } from "./lines.ts";

/** Those that are not ok, with what to do. */
const troubles = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level !== "ok").map(({ level, sentence, fix }) => [level, sentence, ...fix]);

describe("the configuration", () => {
  test("that is sound", () => {
    expect(told(configFindings("c.yaml", configurationWith()))).toEqual([
      "ok config c.yaml: 1 master, 1 template, no fault",
    ]);
  });

  test("that launches nothing for a template or master says so", () => {
    const idle = { name: "idle", image: "i" };
    const other = { name: "go", labels: ["go"], image: "i", masters: ["other"] };
    const masters = ["backend", "other"].map((name) => ({ name, url: `http://${name}/`, token: "env:T" }));
    const found = troubles(
      configFindings("c", configurationWith({}, { masters, templates: [{ ...idle, masters: ["other"] }, other] })),
    );
    expect(found.map(([level, sentence]) => `${level} ${sentence}`)).toEqual([
      "WARN template idle has no labels: nothing is launched from it",
      "WARN master backend is served by no template: nothing is launched for it",
    ]);
  });

  test("with faults tells each as something to do", async () => {
    const error = new KubestackError("invalid-config", "c.yaml has 2 faults:\n  a: must be b\n  c: must be d");
    const { configuration, findings } = await checkConfig("c.yaml", () => Promise.reject(error));
    expect(configuration).toBeUndefined();
    expect(troubles(findings)).toEqual([["FAIL", "c.yaml has 2 faults", "a: must be b", "c: must be d"]]);
  });

  test("with an example in a fault says where that is shown", async () => {
    const error = new KubestackError(
      "invalid-config",
      "c.yaml: 1 fault\n  (file)\n      mixes\n        masters:\n          - m",
    );
    const { findings } = await checkConfig("c.yaml", () => Promise.reject(error));
    const shown = "kubestackcmd config check c.yaml shows it line by line";
    expect(troubles(findings)).toEqual([["FAIL", "c.yaml: 1 fault", "(file)", "mixes", shown]]);
  });

  test("with warnings tells them", async () => {
    const warnings = ["the roof leaks"];
    const read = {
      configuration: configurationWith(),
      entries: new Map(),
      form: {},
      templates: [],
      isOriginal: true,
      warnings,
    };
    const { findings } = await checkConfig("c.yaml", async () => read);
    expect(troubles(findings)).toEqual([["WARN", "the roof leaks"]]);
  });
});

describe("NATS", () => {
  const all = ["demand-collector", "completion-collector", "slave-supervisor"];
  const report: NatsReport = {
    version: "2.12.1",
    server: "kubestack at 127.0.0.1:4222",
    offsetMs: 210,
    missing: [],
    unreadable: [],
    services: all.map((name) => ({ name, version: "0.1.0" })),
  };
  test("that is well", () => {
    expect(told(natsFindings(report))).toEqual([
      "ok nats nats-server 2.12.1 with JetStream (kubestack at 127.0.0.1:4222), clock +0.2s",
      "ok nats running: demand-collector 0.1.0, completion-collector 0.1.0, slave-supervisor 0.1.0",
    ]);
  });
  test.each<[string, Partial<NatsReport>, string]>([
    ["a clock 3 s behind", { offsetMs: -3000 }, "WARN NATS's clock is 3.0s behind this machine's"],
    ["nothing runs", { services: [] }, "WARN no service of KubeStack runs"],
    ["one does not run", { services: report.services.slice(0, 2) }, "WARN not running: slave-supervisor"],
    [
      "two releases",
      { services: [...report.services, { name: all[0] ?? "", version: "0.2.0" }] },
      "WARN services of 2 releases run",
    ],
    ["no right", { unreadable: ["DEMAND (denied)"] }, "FAIL this user can't look at DEMAND (denied)"],
  ])("%s", (_, change, expected) => {
    expect(troubles(natsFindings({ ...report, ...change })).map(([level, sentence]) => `${level} ${sentence}`)).toEqual(
      [expected],
    );
  });
  test("who decides on node pools must run where there are any", () => {
    const absent = (hasNodePools: boolean) => troubles(natsFindings(report, { hasNodePools }));
    expect(absent(false)).toEqual([]);
    expect(absent(true)).toEqual([
      ["WARN", "not running: capacity-autoscaler", "start it: kubestackd capacity-autoscaler"],
    ]);
  });
  test("a store that is still empty is no trouble", () => {
    expect(troubles(natsFindings({ ...report, missing: ["DEMAND"], offsetMs: null }))).toEqual([]);
  });
});

describe("the cluster", () => {
  const report: ClusterReport = {
    version: "v1.36.3",
    server: "https://10.0.0.1:6443",
    namespace: "ci",
    account: "system:serviceaccount:kubestack:slave-supervisor",
    rights: neededRights,
    missing: [],
    teams: [],
    teamsLack: [],
    hasNamespace: true,
    quotas: [],
  };
  test("that is well", () => {
    expect(told(clusterFindings(report))).toEqual([
      "ok cluster Kubernetes v1.36.3 at https://10.0.0.1:6443, namespace ci, as system:serviceaccount:kubestack:slave-supervisor",
      "ok cluster rights in ci: pods {create,get,list,watch,delete} pods/log {get} secrets {create,get,list,delete} leases.coordination.k8s.io {create,get,update} (asked, not guessed)",
    ]);
  });
  test("is asked for rights on Services only where a template has any", () => {
    const services = [{ name: "db", port: 5432, targetPort: 5432, protocol: "TCP", headless: true }];
    expect(rightsFor([{}, { services: [] }])).toEqual(neededRights);
    expect(rightsFor([{}, { services }])).toEqual([...neededRights, ...serviceRights]);
    const found = clusterFindings({ ...report, rights: rightsFor([{ services }]) });
    expect(told(found).at(-1)).toContain("services {create,get,list,delete}");
  });
  test("is asked for the right to stop pods only where a template keeps any", () => {
    expect(rightsFor([{ retain: "never" }])).toEqual(neededRights);
    expect(rightsFor([{}, { retain: "onFailure" }])).toEqual([...neededRights, ...retentionRights]);
    const found = clusterFindings({ ...report, rights: rightsFor([{ retain: "always" }]) });
    expect(told(found).at(-1)).toContain("pods {create,get,list,watch,delete,patch}");
  });
  test.each<[string, Partial<ClusterReport>, string[]]>([
    [
      "rights missing",
      {
        account: undefined,
        missing: neededRights.filter(
          ({ verb, resource }) => ["delete", "update"].includes(verb) || resource === "pods/log",
        ),
      },
      [
        'FAIL this account may not delete pods in namespace ci > add to its Role: - {apiGroups: [""], resources: [pods], verbs: [delete]}',
        'FAIL this account may not get pods/log in namespace ci > add to its Role: - {apiGroups: [""], resources: [pods/log], verbs: [get]}',
        'FAIL this account may not delete secrets in namespace ci > add to its Role: - {apiGroups: [""], resources: [secrets], verbs: [delete]}',
        "FAIL this account may not update leases.coordination.k8s.io in namespace ci > add to its Role: - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [update]}",
      ],
    ],
    [
      "no right to see the namespace",
      { account: "a", hasNamespace: "refused" },
      [
        'FAIL a may not get namespace ci > add to its Role: - {apiGroups: [""], resources: [namespaces], resourceNames: [ci], verbs: [get]}',
      ],
    ],
    [
      "no right to see a team's ConfigMaps",
      {
        account: "a",
        teams: [
          { namespace: "team-a", missing: [] },
          { namespace: "team-b", missing: [{ verb: "watch", resource: "configmaps" }] },
        ],
      },
      [
        'FAIL a may not watch configmaps in namespace team-b, whose ConfigMaps may bring templates > give it a Role there: - {apiGroups: [""], resources: [configmaps], verbs: [watch]}   (as deploy/rbac-templates.yaml does for team-a)',
      ],
    ],
    [
      "rights that only a team's template may need",
      { account: "a", teamsLack: [...serviceRights.slice(0, 2), ...retentionRights] },
      [
        `WARN a may not create, get services in namespace ci: a team's template with services: or retain: may need it > add to its Role: - {apiGroups: [""], resources: [services], verbs: [create, get]}`,
        `WARN a may not patch pods in namespace ci: a team's template with services: or retain: may need it > add to its Role: - {apiGroups: [""], resources: [pods], verbs: [patch]}`,
      ],
    ],
    [
      "no namespace",
      { hasNamespace: false },
      ["FAIL there is no namespace ci > kubectl create namespace ci, or correct kubernetes.namespace"],
    ],
    [
      "a quota that is used up, and one that is not",
      {
        quotas: [
          { resource: "pods", used: "400", hard: "400" },
          { resource: "limits.memory", used: "4Gi", hard: "1Ti" },
        ],
      },
      ["WARN quota pods: 400 of 400 used: no further slave fits > raise the ResourceQuota, or lower maxSlaves"],
    ],
  ])("%s", (_, change, expected) => {
    const found = troubles(clusterFindings({ ...report, ...change }));
    expect(
      found.map(([level, sentence, fix = ""]) => `${level} ${sentence} > ${fix.replace(/ {3}\(or.*/, "")}`),
    ).toEqual(expected);
  });
});

const probe: Probe = {
  flavour: "jenkins",
  version: "2.541.3",
  session: "s",
  quietingDown: false,
  slaveAgentPort: 50_000,
  rootUrls: [],
};

describe("a master", () => {
  const found = (change: Partial<Probe> = {}, offsetMs = 200, config = {}) =>
    masterFindings(masterConfig(config), { probe: { ...probe, ...change }, clock: { offsetMs, answerMs: 31 } });
  test("that is well", () => {
    expect(told(found())).toEqual([
      "ok master backend: Jenkins 2.541.3, clock +0.2s, answers in 31ms, TCP agents on 50000",
    ]);
  });
  test.each<[string, Partial<Probe>, number, string]>([
    ["a clock 60 s ahead", {}, 60_000, "WARN backend's clock is 60s ahead of this machine's"],
    ["is quieting down", { quietingDown: true }, 0, "WARN backend is about to shut down: nothing is launched for it"],
    [
      "no TCP agents, and too old for others",
      { slaveAgentPort: -1, version: "2.204.6" },
      0,
      "FAIL backend takes no agents by TCP: no slave can ever connect",
    ],
    [
      "a new port at each start",
      { slaveAgentPort: 0 },
      0,
      "WARN backend chooses the port of its TCP agents anew at each start",
    ],
    ["tells no port", { slaveAgentPort: null }, 0, "WARN backend does not tell the port of its TCP agents"],
  ])("%s", (_, change, offset, expected) => {
    expect(troubles(found(change, offset)).map(([level, sentence]) => `${level} ${sentence}`)).toEqual([expected]);
  });
  test.each<[object, Partial<Probe>, string]>([
    [{}, { slaveAgentPort: -1 }, "ok master backend takes no agents by TCP: they come by WebSocket, to agentUrl"],
    [
      { transport: "tcp" },
      { slaveAgentPort: -1 },
      "FAIL master backend takes no agents by TCP: no slave can ever connect",
    ],
    [
      { transport: "websocket" },
      { version: "2.204.6" },
      "FAIL master backend (2.204.6) takes no agents by WebSocket: no slave can ever connect",
    ],
  ])("with %j at %j", (config, change, expected) => {
    expect(told(found(change, 0, config))[1]).toBe(expected);
  });
  test("whose agents come by WebSocket, or by themselves, needs no port", () => {
    expect(troubles(found({ slaveAgentPort: -1 }, 0, { transport: "websocket" }))).toEqual([]);
    expect(troubles(found({ slaveAgentPort: -1 }, 0, { attach: "self" }))).toEqual([]);
  });
  test("whose tunnel is named needs no fixed port", () => {
    expect(troubles(found({ slaveAgentPort: 0 }, 0, { agentTunnel: "agents:50000" }))).toEqual([]);
  });

  test.each<[ConstructorParameters<typeof KubestackError>[0], string, string]>([
    [
      "credential-refused",
      "refused the token",
      "make a new API token for user kubestack on the master, and put it where masters[backend].token points",
    ],
    [
      "credential-refused",
      "refused; grant it hudson.model.Hudson.Read",
      "give user kubestack Overall/Read and Job/Read there",
    ],
    [
      "not-a-master",
      "a login page",
      "masters[backend].url is http://ci.example.org/: give the address of the master itself, with its context path",
    ],
    [
      "master-unavailable",
      "refuses connections",
      "see that the master runs, and that masters[backend].url reaches it from here: http://ci.example.org/",
    ],
    ["invalid-config", "no file", "see masters[backend].token, and tls where it is given"],
  ])("that does not let us in: %s (%s)", (code, sentence, fix) => {
    expect(troubles([unreachable(masterConfig(), new KubestackError(code, sentence))])).toEqual([
      ["FAIL", sentence, fix],
    ]);
  });
});

describe("rights at nodes", () => {
  const who = { name: "backend", user: "ci-bot", flavour: "jenkins" } as const;
  const refusal = new KubestackError("credential-refused", "no");
  const report = { node: "ks-doctor-1", stopped: false };
  test("all of them", () => {
    const done = ["create", "mark", "bring back", "secret", "delete"] as const;
    expect(told(trialFindings({ ...report, done, refused: new Map() }, who))).toEqual([
      "ok rights backend: Agent/{Connect,Create,Delete,Disconnect} (tried on a node that is gone again)",
    ]);
  });
  test("none can be made", () => {
    const found = trialFindings({ ...report, done: [], refused: new Map([["create", refusal]]) }, who);
    expect(troubles(found)).toEqual([
      [
        "FAIL",
        "backend: Agent/Create is refused: no slave can be made (no)",
        "give user ci-bot Agent/Create on the master",
      ],
      ["WARN", "backend: the other rights at nodes were not tried, for none could be made", "mend that first"],
    ]);
  });
  test("a node that can't be removed is named", () => {
    const found = trialFindings(
      { ...report, done: ["create"], refused: new Map([["delete", refusal]]) },
      { ...who, flavour: "hudson" },
    );
    expect(told(found)[0]).toBe("ok rights backend: Agent/{Create} (tried on a node that is still there)");
    expect(troubles(found)[0]?.slice(2)).toEqual([
      "give user ci-bot Agent/Delete on the master",
      "on Hudson the user has to be an administrator",
      "delete node ks-doctor-1 on the master by hand",
    ]);
  });
  test("interrupted", () => {
    expect(
      troubles(
        trialFindings({ ...report, stopped: true, done: ["create", "delete"], refused: new Map() }, who),
      )[0]?.[1],
    ).toContain("interrupted: not every right was tried");
  });
});

describe("labels", () => {
  const sight = { seen: 3, tellsLabel: true, readsConfig: true };
  const found = (change: Partial<Parameters<typeof labelFindings>[1]> = {}, config = {}) =>
    told(labelFindings(masterConfig(config), { probe, sight, anchors: 2, ...change }));
  test.each<[string, string[], string[]]>([
    [
      "a Jenkins that tells all",
      found(),
      [
        "ok labels backend: labels are told by the queue (labelExpression), a job's configuration, the sentence on why a build waits",
        "ok labels backend: its anchors are there: a pipeline's label is never hidden",
      ],
    ],
    [
      "an old Jenkins without Extended Read",
      found({
        probe: { ...probe, version: "1.480.3" },
        sight: { ...sight, tellsLabel: null, readsConfig: false },
      }).slice(1, 2),
      ["WARN labels backend: the configuration of a job can't be read: it is the only sure source on this master"],
    ],
    [
      "no anchors wanted",
      found({ anchors: 0 }, { anchors: "off" }).slice(1),
      [
        "WARN labels backend: anchors are off: a pipeline's label is hidden while the master has no node, or just one with it",
      ],
    ],
    [
      "no anchors yet",
      found({ anchors: 0 }).slice(1),
      ["ok labels backend: its anchors are not there yet; the slave-supervisor makes them when it begins"],
    ],
    ["Hudson needs none", found({ probe: { ...probe, flavour: "hudson" }, anchors: 0 }).slice(1), []],
  ])("%s", (_, lines, expected) => expect(lines).toEqual(expected));
});

test("labels that a cloud serves too are to be taken from one of the two", () => {
  const clouds = new Map([
    ["maven", ["kubernetes"]],
    ["linux", []],
  ]);
  expect(troubles(overlapFindings("backend", clouds, 0))).toEqual([
    [
      "WARN",
      "backend: label maven is also served by cloud 'kubernetes': two pods for each build, one from each",
      "take maven off the pod templates of 'kubernetes', or off the templates here",
    ],
  ]);
  expect(told(overlapFindings("backend", new Map([["linux", []]]), 3))).toEqual([
    "ok overlap backend: no cloud serves any of its 1 labels",
    "ok overlap backend: 3 more labels were not asked about",
  ]);
  expect(servedLabels(configurationWith(), "backend")).toEqual(["maven", "linux"]);
});

describe("a group of checks", () => {
  const idle = new AbortController().signal;
  test("that throws is a finding", async () => {
    const found = await guarded("nats", () => Promise.reject(new Error("broken")), { signal: idle });
    expect(told(found)).toEqual(["FAIL nats broken"]);
  });
  test("that never answers is one, too", async () => {
    const found = await guarded("nats", () => new Promise(() => undefined), { signal: idle, timeoutMs: 5 });
    expect(told(found)).toEqual(["FAIL nats gave no answer within 0.005 s"]);
  });
  test("is left when somebody has had enough", async () => {
    const leaving = new AbortController();
    const found = guarded("cluster", () => new Promise(() => undefined), { signal: leaving.signal });
    leaving.abort();
    expect(told(await found)).toEqual(["FAIL cluster not examined: it was interrupted"]);
  });
});

test("lines are folded, with the remedy below", () => {
  const finding = findingsOf("cluster").fail(`this account ${"may not do it ".repeat(8)}\u001b[2J`, "add a rule");
  const lines = linesOf(finding, { width: 60, colour: false });
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
  expect(lines[0]).toMatch(/^FAIL {2}cluster {2}this account may/);
  expect(lines.at(-1)).toBe("      fix      add a rule");
  expect(lines.join("")).not.toContain("\u001b");
  expect(countsOf([finding, findingsOf("nats").warn("w", "f"), findingsOf("nats").ok("fine")])).toBe(
    "1 failed, 1 warning",
  );
});
