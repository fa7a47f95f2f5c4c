import { KubestackError } from "@kubestack/contracts";
import { plainWords, readYamlValue } from "@kubestack/runtime";
import { bookOf, type FileTemplates } from "@kubestack/templates";
import { type FuzzedParser, refusal, times } from "../parser.ts";

const file: FileTemplates = {
  entries: [],
  defaults: { idleTimeout: "2m", pod: { spec: { nodeSelector: { pool: "ci" } } } },
  masters: ["backend"],
  sources: {
    applied: { allow: [], objects: [], masters: ["*"], retainMax: 10, maxTemplates: 1000 },
    configMaps: [
      { namespace: "team-a", allow: [], objects: ["Secret/a-*"], masters: ["*"], retainMax: 10, maxTemplates: 100 },
    ],
  },
};

const sample = `- name: base
  env: { A: "1" }
  pod: { spec: { volumes: [{ name: s, secret: { secretName: a-key } }], tolerations: [{ operator: Exists }] } }
- name: maven
  labels: [maven, jdk21]
  inheritFrom: [base]
  image: registry.example.org/ci/maven:3.9
  memory: 4Gi
  allow: [root]
  pod: { spec: { securityContext: { runAsUser: 0 }, imagePullSecrets: [{ name: a-registry }] } }
`;

/** What a team writes into a ConfigMap, from the text at a key to the templates in force. */
export const teamTemplatesParser: FuzzedParser = {
  name: "team-templates",
  isHeavy: true,
  samples: [sample, JSON.stringify([{ name: "go", labels: ["go"], image: "go:1" }])],
  words: [
    "- ",
    "&a ",
    "*a",
    "name: ",
    "inheritFrom: ",
    "pod: ",
    "spec: ",
    "$patch: delete",
    "null",
    "masters: ",
    "[",
    "{",
    "}",
  ],
  read: (input) => {
    const yaml = readYamlValue(input);
    if ("faults" in yaml || !Array.isArray(yaml.value)) return refusal;
    const origin = { kind: "configMap", namespace: "team-a", name: "ci", key: "t" } as const;
    const written = yaml.value.map((value: unknown, at) => ({ origin, value, place: `[${at}]` }));
    const { templates, faults } = bookOf(file, written, plainWords);
    const names = new Set(templates.map(({ config }) => config.name));
    if (names.size < templates.length) throw new TypeError("two templates of one name are in force");
    if ([...names].some((name) => !name.startsWith("team-a/"))) throw new TypeError("a team took another's name");
    if (templates.length === 0 && faults.length > 0)
      throw new KubestackError("invalid-config", faults[0]?.message ?? "");
    return templates;
  },
  growing: {
    templates: (size) => times("- { name: a, labels: [a], image: b }\n", size),
    "templates that stand on one another": (size) =>
      Array.from({ length: size / 40 }, (_, at) => `- { name: t${at}, inheritFrom: [t${at + 1}] }\n`).join(""),
    "nested lists": (size) => `- ${times("[", size / 2)}${times("]", size / 2)}`,
    "nested pods": (size) => `- { name: a, pod: ${times("{a: ", size / 5)}${times("}", size / 5)} }`,
    variables: (size) =>
      `- { name: a, labels: [a], image: b, env: { ${Array.from({ length: size / 12 }, (_, at) => `V${at}: x`).join(", ")} } }`,
  },
  longest: 64 * 1024,
};
