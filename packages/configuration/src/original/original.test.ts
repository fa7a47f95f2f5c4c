import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@kubestack/contracts";
import { requestsOf } from "@kubestack/templates";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { readConfiguration } from "../load.ts";
import { isJenkins } from "../master.ts";
import { modernFormOf } from "./convert.ts";
import { printOriginal } from "./print.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-original-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

let files = 0;
async function written(content: unknown): Promise<string> {
  files += 1;
  const file = join(dir, `config-${files}.yaml`);
  await writeFile(file, typeof content === "string" ? content : stringify(content), { mode: 0o600 });
  return file;
}
const load = async (content: unknown, environment = {}) =>
  readConfiguration({ file: await written(content), environment });

const jenkins = { external_url: "https://ci.example.org/", internal_url: "http://10.0.0.5:8080/", user: "robot" };
const whole = {
  "demand-listeners": [
    { name: "zuul", type: "gearman", host: "zuul.example.org", port: 4731 },
    { name: "queue", type: "jenkins_queue" },
  ],
  "destroy-listeners": [{ name: "zmq", type: "zmq", host: "10.0.0.5", port: 8889 }],
  jenkins: { ...jenkins, pass: "hunter2" },
  kubernetes: { url: "https://10.0.0.1:6443", api_key: "cluster-hunter2" },
  labels: [
    { name: "python", image: "registry.example.org/python:1", cpu: 0.5, memory: "512Mi" },
    { name: "plain", image: "registry.example.org/plain:1" },
  ],
};

/** The whole file with one key another, or without it. */
const but = (changed: object) => ({ ...whole, ...changed });

async function messageOf(content: unknown): Promise<string> {
  const told = await load(content).then(
    () => "",
    (error: unknown) => {
      if (!hasCode(error, "invalid-config")) throw error;
      return error.message;
    },
  );
  expect(told).not.toContain("hunter2");
  return told;
}

/** Each fault as `path = value: sentence`. */
async function faultsOf(content: unknown): Promise<string[]> {
  const [, ...lines] = (await messageOf(content)).split("\n");
  return lines.flatMap((line, at) => (at % 2 === 0 ? [`${line.trim()}: ${lines[at + 1]?.trim()}`] : []));
}

describe("a file of the original", () => {
  test("is one master, a template for each label, and the cluster, in today's form", async () => {
    const file = await written(whole);
    const { form, isOriginal, warnings } = await readConfiguration({ file, environment: {} });
    expect({ isOriginal, warnings }).toEqual({ isOriginal: true, warnings: [] });
    expect(form).toEqual({
      kubernetes: { namespace: "default", url: "https://10.0.0.1:6443", token: `file:${file}#kubernetes.api_key` },
      masters: [
        {
          name: "default",
          url: "https://ci.example.org/",
          publicUrl: "https://ci.example.org/",
          agentUrl: "http://10.0.0.5:8080/",
          user: "robot",
          password: `file:${file}#jenkins.pass`,
          demand: [{ type: "gearman", host: "zuul.example.org", port: 4731 }, { type: "jenkins-queue" }],
          completion: [{ type: "zmq", host: "10.0.0.5", port: 8889 }, { type: "jenkins-computers" }],
        },
      ],
      templates: [
        { name: "python", labels: ["python"], image: "registry.example.org/python:1", cpu: 0.5, memory: "512Mi" },
        { name: "plain", labels: ["plain"], image: "registry.example.org/plain:1" },
      ],
    });
  });

  test("is a configuration with today's defaults; what is kept of its master holds no secret", async () => {
    const { configuration, entries } = await load(whole);
    const { masters, templates, kubernetes, nats, install } = configuration;
    expect([install, nats.servers, kubernetes.namespace]).toEqual([undefined, undefined, "default"]);
    expect(masters.filter(isJenkins).map(({ type, attach, user }) => [type, attach, user])).toEqual([
      ["jenkins", "inbound", "robot"],
    ]);
    expect(templates.map((template) => [...Object.values(requestsOf(template)), template.builds])).toEqual([
      ["0.5", "512Mi", 1],
      ["500m", "1Gi", 1],
    ]);
    expect([...entries.keys()]).toEqual(["default"]);
    expect(JSON.stringify([...entries])).not.toContain("hunter2");
  });

  test("takes the environment as any other does", async () => {
    const { configuration } = await load(whole, { KUBESTACK_NAMESPACE: "ci", KUBESTACK_INSTALL: "prod" });
    expect([configuration.kubernetes.namespace, configuration.install]).toEqual(["ci", "prod"]);
  });

  test("that everybody may read says so", async () => {
    const file = await written(whole);
    await chmod(file, 0o644);
    const { warnings } = await readConfiguration({ file, environment: {} });
    expect(warnings).toEqual([
      expect.stringContaining(`${file} holds passwords and everybody on this machine may read`),
    ]);
  });

  test("may be printed in today's form, which says the same", async () => {
    const file = await written(whole);
    const read = await readConfiguration({ file, environment: {} });
    const printed = printOriginal(read.form, file);
    expect(printed).not.toContain("hunter2");
    const again = await load(printed);
    expect(again.configuration).toEqual(read.configuration);
    expect(again.entries).toEqual(read.entries);
    expect([again.isOriginal, again.form]).toEqual([false, parse(printed)]);
  });
});

describe("what the original's file says", () => {
  const places = { password: "file:P", token: "file:T" };
  const computers = { type: "jenkins-computers" };
  test.each<[string, object, object]>([
    [
      "a Gearman server alone: the agents are read all the same",
      { "demand-listeners": [{ type: "gearman", host: "g" }] },
      { demand: [{ type: "gearman", host: "g" }, computers] },
    ],
    ["no demand listener: the queue, as anywhere", { "demand-listeners": [] }, {}],
    ["nothing of listeners", { "demand-listeners": null, "destroy-listeners": undefined }, {}],
    [
      "a port in quotation marks",
      { "destroy-listeners": [{ type: "zmq", host: "h", port: "8888" }] },
      { completion: [{ type: "zmq", host: "h", port: 8888 }, computers] },
    ],
    [
      "the address of the first releases",
      { jenkins: { url: "http://ci/", user: "u" } },
      { url: "http://ci/", publicUrl: "http://ci/", user: "u" },
    ],
  ])("of the master: %s", (_, file, master) => {
    expect(modernFormOf(file as never, places).masters).toEqual([{ name: "default", password: "file:P", ...master }]);
  });

  test.each<[string, object, object]>([
    ["no limits", { cpu: 0, memory: null }, {}],
    ["limits in words", { cpu: "1500m", memory: "2Gi" }, { cpu: "1500m", memory: "2Gi" }],
    ["limits in numbers", { cpu: 2, memory: 536870912 }, { cpu: 2, memory: 536870912 }],
    ["an image of its own", { image: "own" }, { image: "own" }],
  ])("of a label: %s", (_, label, template) => {
    const { templates } = modernFormOf({ image: "usual", labels: [{ name: "a", ...label }] }, places);
    expect(templates).toEqual([{ name: "a", labels: ["a"], image: "usual", ...template }]);
  });
});

describe("a wrong file of the original", () => {
  const unknown = (known: string) =>
    `is no key of the original's file (here: ${known}); correct its spelling or remove it`;
  test.each<[string, unknown, string[]]>([
    [
      "has unknown keys, whose values are not shown",
      but({
        watermark: 10,
        jenkins: { ...whole.jenkins, passwd: "hunter2" },
        "destroy-listeners": [{ type: "zmq", host: "h", topic: "x" }],
        labels: [{ name: "a", image: "i", ram: 1 }],
      }),
      [
        `watermark: ${unknown("demand-listeners, destroy-listeners, jenkins, labels, image, kubernetes")}`,
        `destroy-listeners[0].topic: ${unknown("name, type, host, port")}`,
        `jenkins.passwd: ${unknown("external_url, internal_url, url, user, pass")}`,
        `labels[0].ram: ${unknown("name, image, cpu, memory")}`,
      ],
    ],
    [
      "lacks what is needed",
      { jenkins: { internal_url: "http://10.0.0.5/" }, image: "i" },
      [
        "jenkins.external_url: is missing; give it",
        "jenkins.user: is missing; give it",
        "jenkins.pass: is missing; give it",
        "kubernetes: is missing; give it",
        "labels: is missing: slaves are launched for labels that are named here; list each label that builds ask for as {name: LABEL, image: IMAGE}",
      ],
    ],
    [
      "has values that are wrong: each is told where it stands there",
      but({
        "demand-listeners": [{ type: "jenkins_queue" }, { type: "gearman", port: 0 }, { type: "rabbit" }],
        jenkins: { ...jenkins, external_url: "ftp://ci", pass: ["hunter2"] },
        kubernetes: { url: "http://10.0.0.1:8080", api_key: "hunter2" },
        labels: [{ name: "a b", image: "i" }, { name: "c" }, "d"],
      }),
      [
        "demand-listeners[2].type = rabbit: must be a type of demand-listeners (jenkins_queue, gearman); correct or remove this listener",
        "jenkins.pass: must be a text; put it into quotation marks",
        "labels[2] = d: must be keys and values (name, image, cpu, memory); correct it",
        expect.stringMatching(/^kubernetes\.url = http:\/\/10\.0\.0\.1:8080: must be an https:\/\/ address/) as never,
        expect.stringMatching(/^jenkins\.external_url = ftp:\/\/ci: must be http or https/) as never,
        expect.stringMatching(/^demand-listeners\[1\]\.host: /) as never,
        expect.stringMatching(/^demand-listeners\[1\]\.port = 0: /) as never,
        expect.stringMatching(/^labels\[0\]\.name = a b: must hold no blanks/) as never,
        expect.stringMatching(/^labels\[0\]\.name = a b: must hold no blank, "/) as never,
        expect.stringMatching(/^labels\[1\]\.image: must be an image/) as never,
      ],
    ],
    [
      "has other things where its parts should be",
      { "demand-listeners": { type: "gearman" }, jenkins: "hunter2", kubernetes: ["hunter2"], labels: { a: "i" } },
      [
        'demand-listeners = {"type":"gearman"}: must be a list of listeners, each with its type (jenkins_queue, gearman); correct it',
        "jenkins: must be keys and values (external_url, internal_url, url, user, pass); correct it",
        "kubernetes: must be keys and values (url, api_key); correct it",
        'labels = {"a":"i"}: must be a list of labels, each with name and image; correct it',
      ],
    ],
    [
      "names one Gearman server after another",
      but({
        "demand-listeners": [
          { type: "gearman", host: "a" },
          { type: "gearman", host: "b" },
        ],
      }),
      [expect.stringMatching(/^demand-listeners = .*: names a type twice; leave one entry of each type$/) as never],
    ],
    [
      "has a label twice",
      but({ labels: [whole.labels[1], whole.labels[1]] }),
      ["labels[1].name = plain: is the same as entry 0's; give each its own"],
    ],
    [
      "reaches its Jenkins by a loopback address, and so would pods",
      but({ jenkins: { url: "http://127.0.0.1:8080/", user: "u", pass: "hunter2" } }),
      [expect.stringMatching(/^jenkins\.internal_url: must be named where url is a loopback address/) as never],
    ],
  ])("%s", async (_, content, faults) => {
    expect(await faultsOf(content)).toEqual(faults);
  });
});

describe("keys of both forms in one file", () => {
  test("are one error that prints all of it in ours, without its secrets", async () => {
    const ours = {
      log: { level: "warn" },
      masters: [{ name: "other", url: "http://u:hunter2@other/", token: "hunter2" }],
      templates: [{ name: "go", labels: ["go"], image: "go:1", env: { API_TOKEN: "hunter2" } }],
    };
    const told = await messageOf(but({ ...ours, kubernetes: { ...whole.kubernetes, namespace: "ci" } }));
    const [head, path, message, note, ...form] = told.split("\n");
    expect([head?.replace(/^.*: /, ""), path?.trim()]).toEqual(["1 fault", "(file)"]);
    expect(message?.trim()).toBe(
      "mixes keys of the original KubeStack (demand-listeners, destroy-listeners, jenkins, labels, kubernetes.api_key) with ours (log, masters, templates, kubernetes.namespace); write all of it in one form, best in ours",
    );
    expect(note).toContain(`# First write what stands at jenkins.pass into ${dir}/jenkins.pass, and what stands at`);
    const modern = parse(form.join("\n"));
    expect(Object.keys(modern).toSorted()).toEqual(["kubernetes", "log", "masters", "templates"]);
    expect(modern.kubernetes).toEqual({
      namespace: "ci",
      url: "https://10.0.0.1:6443",
      token: `file:${dir}/kubernetes.api_key`,
    });
    expect(modern.masters).toMatchObject([
      { name: "default", password: `file:${dir}/jenkins.pass` },
      { name: "other", url: "http://(hidden)@other/", token: "(hidden)" },
    ]);
    expect(modern.templates.map(({ name }: { name: string }) => name)).toEqual(["python", "plain", "go"]);
  });

  test("are none where one of ours has only the key that both have", async () => {
    expect(await faultsOf({ kubernetes: { namespace: "ci", api_key: "hunter2" } })).toContainEqual(
      expect.stringMatching(/^kubernetes\.api_key: has the unknown key/),
    );
  });
});
