import assert from "node:assert/strict";
import { configurationSchema } from "@kubestack/configuration";
import { type Imported, importJcasc, importPodTemplate } from "@kubestack/import";
import { samples } from "@kubestack/import/testing";
import { type FuzzedParser, times } from "../parser.ts";

const rest = {
  kubernetes: { namespace: "default" },
  masters: [{ name: "jenkins", url: "http://jenkins.invalid/", token: "env:TOKEN" }],
};
const words = [
  "&a ",
  "*a",
  "<<: ",
  "- ",
  "| \n",
  "{",
  "]",
  "kubernetes: ",
  "templates: ",
  "containers: ",
  "inheritFrom: ",
  "yaml: ",
  "spec: ",
  "volumes: ",
  "privileged: true",
  "$patch: delete",
  "0755",
  "null",
];
const template = "- { name: a, label: a, inheritFrom: a b, containers: [{ name: jnlp, image: b }] }\n";
const cloud = (templates: string): string => `jenkins: { clouds: [{ kubernetes: { templates: [\n${templates}\n] } }] }`;
const lines = (line: string, size: number): string => times(`${line.replace(/^- /, "").trim()},\n`, size);

/** Some two hundred templates fit into an input, and each is merged with its parents, made our own and checked. */
const mostMs = 250;

/** What was read makes a configuration that ours takes, and each line of the report is counted. */
function isSound({ form, report }: Imported): void {
  const read = configurationSchema.safeParse({ ...rest, ...form });
  assert.deepEqual(
    read.success ? [] : read.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`),
    [],
  );
  const all = report.groups.reduce((sum, group) => sum + group.lines.length, 0);
  assert.equal(report.counts.exact + report.counts.changed + report.counts.lost, all);
}

/** Files of the Kubernetes plugin's users. */
export const jcascParser: FuzzedParser = {
  name: "import-jcasc",
  isHeavy: true,
  mostMs,
  samples: samples.filter(({ verb }) => verb === "jcasc").map(({ text }) => text),
  words,
  read: (input) => isSound(importJcasc(input, "file", { master: "jenkins" })),
  growing: {
    templates: (size) => cloud(lines(template, size)),
    "templates of one name": (size) => cloud(lines("{ name: a }", size)),
    labels: (size) => cloud(`{ name: a, label: "${times("l ", size)}" }`),
    parents: (size) => cloud(`{ name: a, inheritFrom: "${times("b ", size)}" }, { name: b }`),
    containers: (size) => cloud(`{ name: a, containers: [${times("{ name: c, image: d },", size)}] }`),
    volumes: (size) => cloud(`{ name: a, volumes: [${times("{ emptyDirVolume: { mountPath: /a } },", size)}] }`),
    variables: (size) => cloud(`{ name: a, envVars: [${times("{ envVar: { key: A, value: b } },", size)}] }`),
    "open quotes": (size) => cloud(`{ name: a, containers: [{ name: b, command: "${times("'a", size)}" }] }`),
    "yaml in yaml": (size) => cloud(`{ name: a, yaml: "${times("[", size)}" }`),
    clouds: (size) => `jenkins: { clouds: [${times("{ kubernetes: { name: a } },", size)}] }`,
  },
  longest: 32 * 1024,
};

/** Pods of pipelines. */
export const podTemplateParser: FuzzedParser = {
  name: "import-pod-template",
  isHeavy: true,
  mostMs,
  samples: samples.filter(({ verb }) => verb === "pod-template").map(({ text }) => text),
  words,
  read: (input) => isSound(importPodTemplate(input, "file", { name: "a", labels: "a" })),
  growing: {
    "containers of one name": (size) => `spec: { containers: [${times("{ name: a },", size)}] }`,
    "containers without a name": (size) => `spec: { containers: [${times("{ image: a },", size)}] }`,
    "volumes of our names": (size) =>
      `spec: { volumes: [{ name: workspace },${times("{ name: workspace-2 },", size)}] }`,
    "containers that are none": (size) => `spec: { containers: [${times("1,", size)}] }`,
    labels: (size) => `metadata: { labels: {${Array.from({ length: size / 10 }, (_, at) => `a${at}: b`).join(",")}} }`,
  },
  longest: 32 * 1024,
};
