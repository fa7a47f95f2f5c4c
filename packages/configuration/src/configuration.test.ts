import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@kubestack/contracts";
import { requestsOf, templateConfigSchema } from "@kubestack/templates";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { type LoadOptions, loadConfiguration } from "./load.ts";
import { isJenkins } from "./master.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-configuration-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

let files = 0;
async function load(content: unknown, more: Partial<LoadOptions> = {}) {
  files += 1;
  const file = join(dir, `config-${files}.yaml`);
  await writeFile(file, typeof content === "string" ? content : stringify(content));
  return loadConfiguration({ file, environment: {}, ...more });
}

const master = { name: "m", url: "http://ci.example.org/", token: "file:/t" };
const template = { name: "python", labels: ["python"], image: "python:3" };
const valid = { kubernetes: { namespace: "ci" }, masters: [master], templates: [template] };

/** Each fault as `path = value: sentence`. */
async function faultsOf(content: unknown): Promise<string[]> {
  try {
    await load(content);
  } catch (error) {
    if (!hasCode(error, "invalid-config")) throw error;
    const lines = error.message.split("\n").slice(1);
    return lines.flatMap((line, at) => (at % 2 === 0 ? [`${line.trim()}: ${lines[at + 1]?.trim()}`] : []));
  }
  return [];
}

const withMaster = (...changed: object[]) => ({ ...valid, masters: changed.map((one) => ({ ...master, ...one })) });
const withTemplate = (...changed: object[]) => ({
  ...valid,
  templates: changed.map((one) => ({ ...template, ...one })),
});
const unknownKey = "is not a known key; correct its spelling or remove it (docs/configuration.md lists the keys)";

describe("a wrong file", () => {
  test.each<[string, unknown, string[]]>([
    [
      "names a listener of an unknown type",
      withMaster({ demand: [{ type: "zmq" }], completion: [{ type: "carrier-pigeon" }] }),
      [
        "masters[0].demand[0].type = zmq: must be a listener of a known type (jenkins-queue, jenkins-computers, gearman, external, webhook); correct its type",
        "masters[0].completion[0].type = carrier-pigeon: must be a listener of a known type (jenkins-computers, zmq, notification, external); correct its type",
      ],
    ],
    [
      "names two listeners of one kind",
      withMaster({ demand: [{ type: "jenkins-queue" }, { type: "jenkins-queue" }] }),
      [
        'masters[0].demand = [{"type":"jenkins-queue"},{"type":"jenkins-queue"}]: names a type twice; leave one entry of each type',
      ],
    ],
    [
      "names one completion listener twice, and a publisher that is no host",
      withMaster(
        { completion: [{ type: "jenkins-computers" }, { type: "jenkins-computers" }] },
        { name: "other", url: "https://other.example.org/", completion: [{ type: "zmq", host: "tcp://ci:8888" }] },
      ),
      [
        'masters[0].completion = [{"type":"jenkins-computers"},{"type":"jenkins-computers"}]: names a type twice; leave one entry of each type',
        "masters[1].completion[0].host = tcp://ci:8888: must be a host's name or address, without a port; correct it",
      ],
    ],
    [
      "has a loopback address and none for pods",
      withMaster({ url: "http://127.0.0.1:8080/" }),
      [
        "masters[0].agentUrl: must be named where url is a loopback address, since a pod would reach itself there; give the address by which pods reach the master, its service for example",
      ],
    ],
    [
      "keeps slaves idle where nobody shows which are, also by what a parent says",
      {
        ...valid,
        masters: [
          master,
          { name: "own", type: "external" },
          { ...master, name: "self", url: "http://b/", attach: "self" },
        ],
        templates: [
          { name: "base", warm: [{ minIdle: 1 }], masters: ["own", "self"] },
          { ...template, inheritFrom: ["base"] },
          { ...template, name: "everywhere", warm: [{ minIdle: 1 }] },
          { ...template, name: "none", inheritFrom: ["base"], warm: null },
        ],
      },
      [
        expect.stringMatching(
          /^templates\[1\]\.warm.*: can keep no slave idle: no master that it serves \(own, self\) shows/,
        ),
      ] as unknown as string[],
    ],
    [
      "lets another pod follow a lost one where the node goes with its agent, also by what a parent says",
      {
        ...valid,
        masters: [
          master,
          { ...master, name: "swarm", url: "http://a/", attach: "swarm" },
          { ...master, name: "self", url: "http://b/", attach: "self" },
        ],
        templates: [
          { name: "base", relaunch: 1, volumes: [{ claim: { name: "ws", mountPath: "/home/jenkins/agent" } }] },
          { ...template, inheritFrom: ["base"] },
          { ...template, name: "inbound", inheritFrom: ["base"], masters: [master.name] },
          { ...template, name: "none", inheritFrom: ["base"], relaunch: 0 },
        ],
      },
      [
        "templates[1].relaunch: needs masters whose attach is inbound, since only their nodes outlive an agent (swarm: swarm, self: self); leave relaunch out, or keep the template to others by its masters",
      ],
    ],
    [
      "gives both token and password",
      withMaster({ password: "env:P" }),
      ["masters[0].password: only one of token and password may be given; keep token and remove password"],
    ],
    [
      "gives neither token nor password",
      withMaster({ token: undefined }),
      [
        "masters[0].token: one of token and password is needed; give token (an API token, made on the user's page of the master) or password",
      ],
    ],
    [
      "holds a secret itself, which is not shown",
      withMaster({ token: "hunter2" }),
      [expect.stringMatching(/^masters\[0\]\.token: must (?!.*hunter2)/) as unknown as string],
    ],
    [
      "has unknown keys",
      {
        ...withMaster({ tokn: "file:/t" }),
        nodePool: [],
        templates: [{ ...template, lable: "x" }],
        limits: { max: 1 },
        nats: { url: "x" },
      },
      [
        `nats.url: ${unknownKey}`,
        `limits.max: ${unknownKey}`,
        `masters[0].tokn: ${unknownKey}`,
        `templates[0].lable: ${unknownKey}`,
        `nodePool: ${unknownKey}`,
      ],
    ],
    [
      "has an unknown key of the cluster",
      { ...valid, kubernetes: { namespace: "ci", api_key: "hunter2" } },
      [
        'kubernetes.api_key: has the unknown key "api_key"; known are namespace, kubeconfig, context, url, token and tls',
      ],
    ],
    [
      "names two masters and two templates alike",
      {
        ...valid,
        masters: [master, { ...master, url: "http://other.example.org/" }],
        templates: [template, template],
      },
      [
        "masters[1].name = m: is the same as entry 0's; give each its own",
        "templates[1].name = python: is the same as entry 0's; give each its own",
      ],
    ],
    [
      "has one master twice, its address written in two ways",
      withMaster({}, { name: "n", url: "HTTP://CI.example.org:80" }),
      ["masters[1].url = HTTP://CI.example.org:80: is the same as entry 0's; give each its own"],
    ],
    [
      "has a template for a master that is not there",
      withTemplate({ masters: ["m", "n"] }),
      ["templates[0].masters[1] = n: names no master of this file (m); correct it"],
    ],
    [
      "has wrong durations and quantities",
      {
        ...withMaster({ demand: [{ type: "jenkins-queue", interval: "100ms" }] }),
        templates: [
          { ...template, idleTimeout: "5", maxAge: 3, timeouts: { pull: "never" }, memory: "4GB", cpu: "-1" },
        ],
      },
      [
        "masters[0].demand[0].interval = 100ms: must be from 250ms to 5m; correct it",
        "templates[0].cpu = -1: is no quantity; write it as 500m, 2 or 4Gi",
        "templates[0].memory = 4GB: is no quantity; write it as 500m, 2 or 4Gi",
        "templates[0].maxAge = 3: must be a duration; write it as 30s, 5m or 2h",
        "templates[0].idleTimeout = 5: is no duration; write it as 30s, 5m or 2h",
        "templates[0].timeouts.pull = never: is no duration; write it as 30s, 5m or 2h",
      ],
    ],
    [
      "lacks everything",
      {},
      [
        "kubernetes: is missing; give it (its keys are namespace, kubeconfig, context, url, token and tls)",
        "masters: must be a list of masters; name at least one",
        "templates: must be a list of templates; name at least one",
      ],
    ],
    [
      "names no master and no template",
      { ...valid, masters: [], templates: [] },
      ["masters = []: must name at least one master", "templates = []: must name at least one template"],
    ],
    [
      "has entries that are no entries",
      { ...valid, masters: ["m"], templates: [null] },
      [
        "masters[0] = m: must be keys and values; correct it",
        "templates[0] = null: must be keys and values; correct it",
      ],
    ],
    [
      "has a user and password in an address, which are not shown",
      {
        ...withMaster({ url: "http://me:hunter2@ci.example.org/" }),
        nats: { servers: ["nats://me:hunter2@bus:4222"] },
      },
      [
        "nats.servers[0] = nats://(hidden)@bus:4222: must not hold a user or password; give credentials: file:PATH",
        "masters[0].url = http://(hidden)@ci.example.org/: must not hold a user or password; write it as https://HOST[:PORT][/CONTEXT]/",
      ],
    ],
    [
      "listens at no address, at something that is not served, or where strangers would be answered",
      { ...valid, listen: { metrics: "9464", api: "0.0.0.0:8650", dashboard: "127.0.0.1:8652" } },
      [
        "listen.metrics = 9464: must be HOST:PORT, such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464, or off; correct it",
        "listen.api = 0.0.0.0:8650: must be on loopback: nobody is asked yet who he is; listen at 127.0.0.1:8650, and reach it by kubectl port-forward, an SSH tunnel or a proxy that asks",
        `listen.dashboard: ${unknownKey}`,
      ],
    ],
    [
      "has a volume and a Service that are wrong in a template that is launched",
      {
        ...valid,
        templates: [
          { ...template, volumes: [{ ephemeral: { mountPath: "he", x: 1 } }, {}], services: [{ name: "Db", port: 1 }] },
        ],
      },
      [
        "templates[0].volumes[0].ephemeral.mountPath = he: must be an absolute path without colons, such as /cache; correct it",
        `templates[0].volumes[0].ephemeral.x: ${unknownKey}`,
        "templates[0].volumes[1] = {}: must say exactly one of ephemeral, perBuild, claim, emptyDir, configMap, secret, nfs, hostPath; correct it",
        "templates[0].services[0].name = Db: must be 1 to 15 of a-z, 0-9 and -, and begin with a letter; correct it",
        'templates[0].volumes = [{"ephemeral":{"mountPath":"he","x":1}},{}]: says no size of ephemeral he; add it',
      ],
    ],
    [
      "has wrong defaults",
      { ...valid, defaults: { master: { usr: "x" }, templates: {} } },
      [`masters[0].usr: ${unknownKey}`, `defaults.templates: ${unknownKey}`],
    ],
    [
      "has defaults that are none",
      { ...valid, defaults: [1] },
      ["defaults = [1]: must be keys and values; correct it"],
    ],
    [
      "has defaults for masters that are none",
      { ...valid, defaults: { master: "x", template: 1 } },
      [
        "defaults.master = x: must be keys and values; correct it",
        "defaults.template = 1: must be keys and values; correct it",
      ],
    ],
    [
      "names a master's type twice, and not alike",
      withMaster({ type: "jenkins", kind: "gearman" }),
      [`masters[0].kind: ${unknownKey}`],
    ],
    [
      "names an unknown type of master",
      withMaster({ kind: "bamboo" }),
      ["masters[0].type = bamboo: must be jenkins, gearman or external; correct it"],
    ],
    [
      "has agents that come by WebSocket, and a tunnel",
      withMaster({ transport: "websocket", agentTunnel: "agents:50000" }),
      [
        "masters[0].agentTunnel = agents:50000: has no effect where transport is websocket, whose agents come to agentUrl; remove one of the two",
      ],
    ],
    [
      "names an unknown transport",
      withMaster({ transport: "udp" }),
      ["masters[0].transport = udp: must be auto, tcp or websocket; correct it"],
    ],
    [
      "has a master of another system with what only a Jenkins has",
      { ...valid, masters: [{ name: "own", type: "external", url: "http://own/", attach: "inbound" }] },
      [
        "masters[0].attach = inbound: must be self, since slaves of other systems attach by themselves; correct it",
        `masters[0].url: ${unknownKey}`,
      ],
    ],
    [
      "has a master of another system whose demand is to be read from a Jenkins",
      { ...valid, masters: [{ name: "own", type: "external", demand: [{ type: "jenkins-queue" }] }] },
      [
        "masters[0].demand[0].type = jenkins-queue: reads a Jenkins, and this master is none; name another listener, or make the master's type jenkins",
      ],
    ],
    [
      "does not say where gearmand is",
      { ...valid, masters: [{ name: "zuul", type: "gearman" }] },
      [
        "masters[0].demand: must name a listener of type gearman, which says where gearmand is; add {type: gearman, host: HOST}",
      ],
    ],
    [
      "has faults within keys and between keys, all told at once",
      {
        kubernetes: { namespace: "ci", token: "file:/t" },
        masters: [{ ...master, maxSlaves: "many", password: "env:P" }, master],
        templates: [
          { ...template, masters: ["nobody"] },
          { ...template, image: 5 },
        ],
      },
      [
        "kubernetes.token: goes with url only; add url, or leave it out, as a kubeconfig has its own",
        "masters[0].maxSlaves = many: must be a number; correct it",
        "masters[0].password: only one of token and password may be given; keep token and remove password",
        "masters[1].name = m: is the same as entry 0's; give each its own",
        "masters[1].url = http://ci.example.org/: is the same as entry 0's; give each its own",
        "templates[1].image = 5: must be an image, such as registry.example.org/ci/maven:3.9",
        "templates[1].name = python: is the same as entry 0's; give each its own",
        "templates[0].masters[0] = nobody: names no master of this file (m); correct it",
      ],
    ],
    [
      "grants what it can't",
      {
        ...valid,
        templateSources: {
          applied: { allow: ["everything"], masters: ["n"] },
          configMaps: [
            { namespace: "Team", masters: ["*"] },
            { namespace: "a", masters: ["m"], objects: ["registry"] },
            { namespace: "a", masters: ["m"], labels: [] },
          ],
        },
      },
      [
        "templateSources.applied.allow[0] = everything: must be one of capabilities, hostNamespaces, hostPath, hostPorts, privilegeEscalation, privileged, procMount, root, seccomp, serviceAccount, sysctls, volumes, windowsHostProcess; correct it",
        "templateSources.configMaps[0].namespace = Team: is no name of a namespace; correct it",
        "templateSources.configMaps[1].objects[0] = registry: must be KIND/NAME, such as Secret/registry or Secret/team-a-*; correct it",
        "templateSources.configMaps[2].labels = []: must have at least 1 entry; correct it",
        "templateSources.configMaps[2].namespace = a: is the same as entry 1's; give each its own",
        "templateSources.applied.masters[0] = n: names no master of this file (m); correct it",
      ],
    ],
  ])("that %s says exactly so", async (_, content, faults) => {
    expect(await faultsOf(content)).toEqual(faults);
  });

  test("that is not there says how to name one", async () => {
    const missing = loadConfiguration({ file: join(dir, "none.yaml"), environment: {} });
    await expect(missing).rejects.toThrow(/none\.yaml: 1 fault\n.*\n.*name it with --config FILE/);
  });
});

describe("a valid file", () => {
  test("gives the whole configuration, with everything that it leaves out", async () => {
    expect(await load(valid)).toEqual({
      nats: {},
      kubernetes: { namespace: "ci" },
      listen: { metrics: "127.0.0.1:0", hooks: "127.0.0.1:8651", api: "127.0.0.1:8650" },
      limits: { countForeign: false, launchesPerMinute: 600, maxHold: 86_400_000, maxSlaves: 800 },
      masters: [
        {
          name: "m",
          type: "jenkins",
          url: "http://ci.example.org/",
          publicUrl: "http://ci.example.org/",
          agentUrl: "http://ci.example.org/",
          weight: 1,
          user: "kubestack",
          token: "file:/t",
          attach: "inbound",
          transport: "auto",
          anchors: "auto",
          nodeOpsPerSecond: "auto",
          podLabels: {},
          demand: [{ type: "jenkins-queue", interval: 2000 }],
          completion: [{ type: "jenkins-computers" }],
        },
      ],
      templates: [
        {
          name: "python",
          labels: ["python"],
          unlabelled: false,
          pod: templateConfigSchema.parse({ name: "python", image: "python:3" }).pod,
          agentContainer: "jnlp",
          workDir: "/home/jenkins/agent",
          nodeProperties: { env: {}, tools: [] },
          retain: "never",
          retainFor: 3_600_000,
          retainMax: 5,
          weight: 1,
          priority: 0,
          builds: 1,
          maxAge: 28_800_000,
          idleTimeout: 300_000,
          timeouts: { schedule: 600_000, pull: 600_000, start: 300_000, connect: 120_000 },
          masters: ["*"],
          inject: "auto",
        },
      ],
      templateEntries: [{ name: "python", labels: ["python"], unlabelled: false, image: "python:3" }],
      templateSources: {
        applied: { allow: [], objects: [], masters: ["*"], retainMax: 10, maxTemplates: 1000 },
        configMaps: [],
      },
      nodePools: [],
      capacity: {},
      log: { level: "info" },
    });
  });

  test("may grant namespaces' ConfigMaps templates; what stands under the file's stands under theirs, too", async () => {
    const { templateSources, templateDefaults } = await load({
      ...valid,
      defaults: { template: { memory: "2Gi" } },
      templateSources: { configMaps: [{ namespace: "team-a", masters: ["m"], objects: ["Secret/a-*"] }] },
    });
    expect(templateSources.configMaps).toEqual([
      { namespace: "team-a", masters: ["m"], objects: ["Secret/a-*"], allow: [], retainMax: 10, maxTemplates: 100 },
    ]);
    expect(templateDefaults).toEqual({ memory: "2Gi" });
  });

  test("is frozen", async () => {
    const configuration = await load(valid);
    expect(Object.isFrozen(configuration.masters[0]?.demand)).toBe(true);
  });

  test("may have a Gearman server for a master, with everything that it leaves out", async () => {
    const demand = [{ type: "gearman", host: "gearman.ci" }];
    const { masters } = await load({ ...valid, masters: [{ name: "zuul", type: "gearman", demand }] });
    expect(masters).toMatchObject([
      {
        type: "gearman",
        attach: "self",
        demand: [{ type: "gearman", host: "gearman.ci", port: 4730, interval: 2000 }],
      },
    ]);
  });

  test("may say kind for a master's type", async () => {
    const { masters } = await load(withMaster({ kind: "jenkins" }));
    expect(masters[0]).not.toHaveProperty("kind");
    expect(masters[0]?.type).toBe("jenkins");
    expect((await load(withMaster({ kind: "jenkins", type: "jenkins" }))).masters).toHaveLength(1);
  });

  test("has its defaults under every entry, merged one level down; what an entry says itself is stronger", async () => {
    const { masters, templates } = await load({
      ...valid,
      defaults: {
        master: { user: "robot", tls: { insecureSkipVerify: true }, token: "file:/default", podLabels: { a: "1" } },
        template: { cpu: 2, timeouts: { pull: "20m", connect: "1m" }, masters: ["m"] },
      },
      masters: [
        { name: "m", url: "http://one.example.org/" },
        { ...master, name: "n", user: "other", tls: { insecureSkipVerify: false }, podLabels: { b: "2" } },
        { name: "o", url: "http://two.example.org/", password: "env:P" },
      ],
      templates: [
        { ...template, timeouts: { connect: "3m" } },
        { ...template, name: "go", masters: ["n"], cpu: "1" },
      ],
    });
    expect(
      masters.filter(isJenkins).map(({ name, user, tls, token, password, podLabels }) => ({
        name,
        user,
        tls,
        token,
        password,
        podLabels,
      })),
    ).toEqual([
      { name: "m", user: "robot", tls: { insecureSkipVerify: true }, token: "file:/default", podLabels: { a: "1" } },
      { name: "n", user: "other", tls: { insecureSkipVerify: false }, token: "file:/t", podLabels: { a: "1", b: "2" } },
      { name: "o", user: "robot", tls: { insecureSkipVerify: true }, password: "env:P", podLabels: { a: "1" } },
    ]);
    expect(
      templates.map(({ timeouts, masters: of, ...template }) => [
        requestsOf(template).cpu,
        timeouts.pull,
        timeouts.connect,
        of,
      ]),
    ).toEqual([
      ["2", 1_200_000, 180_000, ["m"]],
      ["1", 1_200_000, 60_000, ["n"]],
    ]);
  });

  test("has templates that stand on others, and on the defaults", async () => {
    const { templates } = await load({
      ...valid,
      defaults: { template: { builds: 3, pod: { spec: { nodeSelector: { pool: "ci", disk: "ssd" } } } } },
      templates: [
        { name: "base", image: "a", builds: 2, pod: { spec: { nodeSelector: { pool: "gpu" } } } },
        { name: "t", labels: ["t"], inheritFrom: ["base"], pod: { spec: { nodeSelector: { zone: "x" } } } },
      ],
    });
    expect(templates[1]).toMatchObject({
      builds: 2,
      pod: {
        spec: { nodeSelector: { pool: "gpu", disk: "ssd", zone: "x" }, containers: [{ name: "jnlp", image: "a" }] },
      },
    });
  });

  test("may have masters of other systems, to which of the defaults only those apply that mean something there", async () => {
    const { masters } = await load({
      ...valid,
      defaults: { master: { user: "robot", attach: "inbound", token: "file:/t", podLabels: { a: "1" } } },
      masters: [
        { name: "own", type: "external" },
        { name: "other", type: "external", demand: [{ type: "external", maxAge: "1m" }], maxSlaves: 3 },
      ],
    });
    const common = {
      type: "external",
      attach: "self",
      anchors: "off",
      podLabels: { a: "1" },
      completion: [{ type: "external" }],
    };
    expect(masters).toMatchObject([
      { ...common, name: "own", demand: [{ type: "external", maxAge: 300_000, interval: 5_000 }] },
      { ...common, name: "other", demand: [{ type: "external", maxAge: 60_000, interval: 5_000 }], maxSlaves: 3 },
    ]);
  });

  test("may name several sources of demand for a Jenkins: the one that shows its computers is the first", async () => {
    const demandOf = async (...demand: object[]) =>
      (await load(withMaster({ demand }))).masters[0]?.demand.map(({ type }) => type);
    expect(await demandOf({ type: "external" }, { type: "jenkins-queue" })).toEqual(["jenkins-queue", "external"]);
    expect(await demandOf({ type: "external" })).toEqual(["jenkins-computers", "external"]);
  });

  test("is found by the environment, and its variables are stronger than the file", async () => {
    const file = join(dir, "named.yaml");
    await writeFile(file, stringify({ ...valid, install: "file", log: { level: "warn" } }));
    const environment = {
      KUBESTACK_CONFIG: file,
      KUBESTACK_INSTALL: "env",
      KUBESTACK_LOG_LEVEL: "debug",
      KUBESTACK_NAMESPACE: "elsewhere",
      KUBESTACK_NATS_SERVER: "/opt/nats-server",
    };
    expect(await loadConfiguration({ environment })).toMatchObject({
      install: "env",
      log: { level: "debug" },
      kubernetes: { namespace: "elsewhere" },
      nats: { binary: "/opt/nats-server" },
    });
    expect(await loadConfiguration({ environment, overrides: { install: "arg" } })).toMatchObject({ install: "arg" });
  });

  test("with a wrong variable says so as of the file", async () => {
    const wrong = load(valid, { environment: { KUBESTACK_LOG_LEVEL: "loud" } });
    await expect(wrong).rejects.toThrow(
      "log.level = loud\n      must be one of trace, debug, info, warn, error, silent; correct it",
    );
  });
});
