import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfiguration } from "@kubestack/configuration";
import { readSecret } from "@kubestack/runtime";
import { type FuzzedParser, times } from "../parser.ts";
import { scratchFolder } from "../scratch.ts";

const today = `install: prod
nats: { servers: ["nats://nats.ci.svc:4222"], credentials: file:/run/secrets/nats.creds }
kubernetes: { namespace: ci-agents }
limits: { launchesPerMinute: 300 }
defaults: { master: &m { user: kubestack }, template: { idleTimeout: 2m } }
masters:
  - name: backend
    url: https://jenkins.backend.svc:8443/
    token: file:/run/secrets/backend-token
    demand: [{ type: jenkins-queue, interval: 2s }]
    completion: [{ type: zmq, host: jenkins.backend.svc, port: 8888 }]
templates:
  - name: maven
    labels: [maven, jdk21]
    image: registry.example.org/ci/maven:3.9
    cpu: "2"
    memory: 4Gi
    volumes: [{ ephemeral: { size: 20Gi, storageClass: fast, mountPath: /cache, containers: ["*"] } }]
    services: [{ name: web, port: 80, targetPort: 8080 }]
log: { level: info }
`;
const original = `demand-listeners:
  - { name: zuul, type: gearman, host: zuul.example.org, port: 4731 }
  - { name: queue, type: jenkins_queue }
destroy-listeners:
  - { name: zmq, type: zmq, host: 10.0.0.5, port: 8889 }
jenkins:
  external_url: https://ci.example.org/
  internal_url: http://10.0.0.5:8080/
  user: robot
  pass: hunter2
kubernetes: { url: "https://10.0.0.1:6443", api_key: cluster-hunter2 }
labels:
  - { name: python, image: "registry.example.org/python:1", cpu: 0.5, memory: 512Mi }
`;
const yaml = [
  "&a ",
  "*a",
  "<<: ",
  "- ",
  "? ",
  ": ",
  "| \n",
  "> \n",
  "!!binary ",
  "!!set ",
  "--- ",
  "%YAML 1.1\n",
  "#",
  "~",
  "\n  ",
  '"',
  "'",
  "{",
  "[",
  "}",
];
const bomb = (size: number): string => {
  const levels = Math.floor(size / 64);
  const lines = Array.from({ length: levels }, (_, at) => `a${at + 1}: &a${at + 1} [${times(`*a${at},`, 40)}]`);
  return ["a0: &a0 x", ...lines].join("\n");
};
const growing: FuzzedParser["growing"] = {
  "nested lists": (size) => `masters: ${times("[", size / 2)}${times("]", size / 2)}`,
  "open lists": (size) => times("[", size),
  "nested keys": (size) => times("{a: ", size),
  "nested blocks": (size) => times("- ", size),
  "lines of one key": (size) => `a: ${times("b\n ", size)}`,
  keys: (size) => Array.from({ length: size / 10 }, (_, at) => `k${at}: 1\n`).join(""),
  "the same key": (size) => times("a: 1\n", size),
  "aliases of aliases": bomb,
  "aliases of one": (size) => `a: &a 1\nb: [${times("*a,", size)}]`,
  anchors: (size) => `a: ${times("&a ", size)}`,
  blanks: (size) => `a: ${times(" ", size)}b`,
  comments: (size) => times("#\n", size),
  "open quotes": (size) => `a: "${times("\\n", size)}`,
  masters: (size) => `masters:\n${times("- { name: a, url: 'http://a/', token: 'env:A' }\n", size)}`,
  templates: (size) => `templates:\n${times("- { name: a, labels: [a], image: b }\n", size)}`,
  "faulty masters": (size) => `masters:\n${times("- {}\n", size)}`,
};

/** The configuration file in either form, from its bytes to the checked configuration. */
function fileParser(name: string, samples: readonly string[], words: readonly string[]): FuzzedParser {
  const fileOf = () => join(scratchFolder(), `${name}.yaml`);
  return {
    name,
    isHeavy: true,
    samples,
    words: [...yaml, ...words],
    read: async (input) => {
      const file = fileOf();
      writeFileSync(file, input);
      await readConfiguration({ file, environment: {} });
    },
    growing,
    longest: 64 * 1024,
  };
}

/** Today's form. */
export const configurationParser = fileParser(
  "configuration",
  [
    today,
    JSON.stringify({ kubernetes: { namespace: "a" }, masters: [{ name: "a", url: "http://a/", token: "env:A" }] }),
  ],
  ["masters:", "templates:", "defaults:", "token:", "env:A", "demand:", "type:", "external", "gearman", "30s", "4Gi"],
);

/** The original KubeStack's. */
export const originalParser = fileParser(
  "original-configuration",
  [original, `${original}${today}`],
  ["jenkins:", "labels:", "destroy-listeners:", "demand-listeners:", "pass:", "api_key:", "cpu:", "gearman", "zmq"],
);

/** One secret among others, at a key of a file: the first line is the key, the rest the file. */
export const secretParser: FuzzedParser = {
  name: "secret-file",
  isHeavy: true,
  samples: [
    "jenkins.pass\njenkins: { user: robot, pass: hunter2 }\n",
    "masters.0.note\nmasters: [{ note: 0012 }]\n",
    'a.b\n{"a":{"b":"c"}}',
    "a\nb: &x 1\na: *x\n",
  ],
  words: [...yaml, "a.b", ".", "0"],
  read: async (input) => {
    const end = input.indexOf("\n");
    const secretFile = join(scratchFolder(), "secret.yaml");
    writeFileSync(secretFile, input.slice(end + 1));
    await readSecret(`file:${secretFile}#${input.slice(0, Math.max(0, end))}`, { environment: {} });
  },
  growing: Object.fromEntries(
    Object.entries(growing).map(([family, make]) => [family, (size) => `a.b\n${make(size)}`]),
  ),
  longest: 64 * 1024,
};
