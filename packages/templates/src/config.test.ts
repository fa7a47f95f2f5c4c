import { describe, expect, test } from "vitest";
import { betweenTemplates, launchFaults, templateConfigSchema, templateEntrySchema, templateOf } from "./config.ts";
import { podOfEntry } from "./pod-layers.ts";
import { template } from "./template.fixture.ts";

test("an entry that says little gets these values", () => {
  expect(template()).toEqual({
    name: "python",
    labels: [],
    unlabelled: false,
    pod: podOfEntry({ name: "python", image: "registry.example.org/python:3" }, []).pod,
    agentContainer: "jnlp",
    workDir: "/home/jenkins/agent",
    nodeProperties: { env: {}, tools: [] },
    retain: "never",
    retainFor: 3_600_000,
    retainMax: 5,
    weight: 1,
    priority: 0,
    builds: 1,
    maxAge: 8 * 3_600_000,
    idleTimeout: 300_000,
    timeouts: { schedule: 600_000, pull: 600_000, start: 300_000, connect: 120_000 },
    masters: ["*"],
    inject: "auto",
  });
});

test("a part of the timeouts leaves the others as they are", () => {
  expect(template({ timeouts: { connect: "30s" } }).timeouts).toEqual({
    schedule: 600_000,
    pull: 600_000,
    start: 300_000,
    connect: 30_000,
  });
});

test("what may be asked for by label has a least that is no slip of the pen", () => {
  expect(template({ overrides: { cpu: { max: 8 }, memory: { min: "1Gi", max: "32Gi" } } }).overrides).toEqual({
    cpu: { min: "10m", max: "8" },
    memory: { min: "1Gi", max: "32Gi" },
  });
  // Where it may not be asked for it is a label like any other.
  expect(template({ labels: ["memory=8Gi"], overrides: { cpu: { max: 8 } } }).labels).toEqual(["memory=8Gi"]);
});

test("the jobs that may use it are a parent's, too, until it names others; all of them are no limit", () => {
  const [base, heir, open] = ["base", "heir", "open"].map((name) => ({ name, image: "a" }));
  const entries = [
    { ...base, jobs: ["mobile/**"] },
    { ...heir, inheritFrom: ["base"] },
    { ...open, inheritFrom: ["base"], jobs: ["shop/api", "**"] },
  ].map((entry) => templateEntrySchema.parse(entry));
  expect(entries.map((entry) => templateOf(entry, entries).jobs)).toEqual([["mobile/**"], ["mobile/**"], undefined]);
});

describe("an entry that is wrong", () => {
  test.each<[Record<string, unknown>, string, string]>([
    [{ jobs: [] }, "jobs", "must name at least one job, or **; correct it"],
    [{ jobs: ["shop/"] }, "jobs.0", "must be a job's full name, such as shop/api, shop/* or shop/**; correct it"],
    [{ image: "two words" }, "image", "must hold no blanks; correct it"],
    [{ image: "" }, "image", "must not be empty; name an image"],
    [{ image: 3 }, "image", "must be an image, such as registry.example.org/ci/maven:3.9"],
    [{ inject: "yes" }, "inject", "must be one of auto, always, never; correct it"],
    [{ agentImage: "two words" }, "agentImage", "must hold no blanks; correct it"],
    [{ agentContainer: "Two Words" }, "agentContainer", "is no name of a container; correct it"],
    [{ pod: "spec" }, "pod", "must be a map with metadata and spec; correct it"],
    [
      { pod: { spec: { containers: [{}] } } },
      "pod.spec.containers.0",
      "says no name, by which its like are merged; add it",
    ],
    [
      { pod: { spec: { nodeName: "n" } } },
      "pod.spec.nodeName",
      "is KubeStack's to say: the scheduler finds the node; use nodeSelector or affinity; remove it",
    ],
    [
      { allow: ["everything"] },
      "allow.0",
      "must be one of capabilities, hostNamespaces, hostPath, hostPorts, privilegeEscalation, privileged, procMount, root, seccomp, serviceAccount, sysctls, volumes, windowsHostProcess; correct it",
    ],
    [{ memory: "4GB" }, "memory", "is no quantity; write it as 500m, 2 or 4Gi"],
    [{ cpu: true }, "cpu", "must be a quantity; write it as 500m, 2 or 4Gi"],
    [
      { workDir: "work" },
      "workDir",
      "must be an absolute path, or . for the folder that the agent runs in; correct it",
    ],
    [{ idleTimeout: "5" }, "idleTimeout", "is no duration; write it as 30s, 5m or 2h"],
    [{ idleTimeout: 300 }, "idleTimeout", "must be a duration; write it as 30s, 5m or 2h"],
    [{ maxAge: "10s" }, "maxAge", "must be from 1m to 8760h; correct it"],
    [{ labels: ["two words"] }, "labels.0", 'must hold no blank, " or \\; correct it'],
    [{ overrides: { cpu: { max: "8x" } } }, "overrides.cpu.max", "is no quantity; write it as 500m, 2 or 4Gi"],
    [
      { overrides: { memory: { min: "2Gi", max: "1Gi" } } },
      "overrides.memory.min",
      "must be more than 0 and no more than max; correct one of them",
    ],
    [
      { overrides: { cpu: { min: 0, max: 1 } } },
      "overrides.cpu.min",
      "must be more than 0 and no more than max; correct one of them",
    ],
    [{ env: { "A=B": "x" } }, "env.A=B", "is no name of an environment variable; correct it"],
  ])("%j says so", (entry, path, message) => {
    const { error } = templateConfigSchema.safeParse({ name: "python", image: "i", ...entry });
    const told = error?.issues.map((issue) => [
      issue.path.join("."),
      issue.code === "invalid_key" ? issue.issues[0]?.message : issue.message,
    ]);
    expect(told).toEqual([[path, message]]);
  });
});

describe("a template that stands on others", () => {
  const entries = (list: readonly Record<string, unknown>[]) => list.map((one) => templateEntrySchema.parse(one));
  const last = (...list: Record<string, unknown>[]) => {
    const all = entries(list);
    return templateOf(all.at(-1) as (typeof all)[number], all);
  };
  const base = {
    name: "base",
    labels: ["base"],
    unlabelled: true,
    image: "i",
    builds: 3,
    maxSlaves: 5,
    timeouts: { pull: "20m", connect: "1m" },
    masters: ["m"],
  };

  test("has what they say and it does not, but for its name and whom it serves", () => {
    expect(last(base, { name: "t", inheritFrom: ["base"], timeouts: { connect: "3m" } })).toMatchObject({
      name: "t",
      labels: [],
      unlabelled: false,
      builds: 3,
      maxSlaves: 5,
      timeouts: { schedule: 600_000, pull: 1_200_000, start: 300_000, connect: 180_000 },
      masters: ["m"],
    });
  });

  test("has the agent put in as they say, unless it takes that away", () => {
    const injecting = { ...base, inject: "always", agentImage: "slave:1" };
    expect(last(injecting, { name: "t", inheritFrom: ["base"] })).toMatchObject({
      inject: "always",
      agentImage: "slave:1",
    });
    const own = last(injecting, { name: "t", inheritFrom: ["base"], inject: "auto", agentImage: null });
    expect([own.inject, own.agentImage]).toEqual(["auto", undefined]);
  });

  test("takes a cap away with null", () => {
    expect(last(base, { name: "t", inheritFrom: ["base"], maxSlaves: null }).maxSlaves).toBeUndefined();
  });

  const faults = (...list: Record<string, unknown>[]) =>
    [...betweenTemplates(list), ...launchFaults(entries(list))].map(({ path, message }) => [path.join("."), message]);
  const privileged = {
    pod: {
      spec: {
        containers: [
          { name: "dind", image: "d", securityContext: { privileged: true, runAsUser: 0, runAsNonRoot: false } },
        ],
      },
    },
  };

  test.each<[string, Record<string, unknown>[], [string, string][]]>([
    ["names nobody", [{ name: "t", inheritFrom: ["x"] }], [["0.inheritFrom.0", "names no template (x); correct it"]]],
    [
      "has no image, nor have they",
      [{ name: "p" }, { name: "t", labels: ["t"], inheritFrom: ["p"] }],
      [["1.image", "must be an image, such as registry.example.org/ci/maven:3.9"]],
    ],
    [
      "has no image for its agent",
      [{ name: "t", labels: ["t"], pod: { spec: { containers: [{ name: "jnlp" }] } } }],
      [["0.image", "must be an image, such as registry.example.org/ci/maven:3.9"]],
    ],
    [
      "has no image for another container",
      [{ name: "t", labels: ["t"], image: "i", pod: { spec: { containers: [{ name: "db" }] } } }],
      [["0.pod.spec", "gives container db no image; add it"]],
    ],
    [
      "has a pod that is looser than its allow",
      [
        { name: "p", ...privileged, image: "i" },
        { name: "t", labels: ["t"], inheritFrom: ["p"], allow: ["root"] },
      ],
      [
        [
          "1.allow",
          "lacks privileged, which the pod's spec.containers.1.securityContext.privileged needs; add it, or remove that",
        ],
      ],
    ],
    [
      "has a label by which builds ask for what a parent offers",
      [
        { name: "p", overrides: { cpu: { max: 8 } } },
        { name: "t", image: "i", labels: ["maven", "cpu=4"], inheritFrom: ["p"] },
      ],
      [["1.labels.1", "is what builds ask for by overrides.cpu; leave one of the two out"]],
    ],
    [
      "wants the agent put in, and says not from where",
      [
        { name: "p", inject: "always", agentImage: "slave:1" },
        { name: "t", labels: ["t"], image: "i", inheritFrom: ["p"], agentImage: null },
      ],
      [["1.inject", "is always, but no agentImage says from which image the agent is taken; name one"]],
    ],
    [
      "wants the agent put into an image for Windows",
      [
        {
          name: "t",
          labels: ["t"],
          image: "i",
          inject: "always",
          agentImage: "slave:1",
          pod: { spec: { os: { name: "windows" } } },
        },
      ],
      [
        [
          "0.inject",
          "is always, but the agent can't be put into images for Windows; write never, and use an image with an agent",
        ],
      ],
    ],
    ["may be all of that where nothing is launched from it", [{ name: "t", ...privileged }], []],
    [
      "may be as loose as its parents' allow",
      [
        { name: "p", ...privileged, image: "i", allow: ["root", "privileged"] },
        { name: "t", labels: ["t"], inheritFrom: ["p"] },
      ],
      [],
    ],
  ])("%s", (_, list, expected) => expect(faults(...list)).toEqual(expected));
});
