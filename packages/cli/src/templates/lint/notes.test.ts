import { configurationSchema } from "@kubestack/configuration";
import { expect, test } from "vitest";
import { lintLines, lintSummary } from "./finding.ts";
import { notesOn } from "./notes.ts";

type Entry = Readonly<Record<string, unknown>>;

function notesIn(templates: readonly Entry[], masters: readonly string[] = ["backend"]): string[] {
  const configuration = configurationSchema.parse({
    kubernetes: { namespace: "ci" },
    masters: masters.map((name) => ({ name, type: "external" })),
    templates,
  });
  const written = templates as readonly { name: string }[];
  const of = { file: "c.yaml", configuration, written: written as never };
  return configuration.templates.flatMap((template) =>
    notesOn(template, of).map(({ level, template: name, sentence }) => `${level} ${name} ${sentence}`),
  );
}
const maven = { name: "maven", labels: ["maven", "linux"], image: "maven:3" };
const resources = (requests: Entry, limits: Entry) => ({
  spec: { containers: [{ name: "jnlp", resources: { requests, limits } }] },
});

test.each<[string, readonly Entry[], string[]]>([
  ["nothing to say", [maven], []],
  [
    "a parent",
    [
      { name: "base", image: "i" },
      { ...maven, inheritFrom: ["base"] },
    ],
    [],
  ],
  [
    "one that nothing comes of",
    [{ name: "old", image: "i" }, maven],
    ["WARN old has no labels, and no template inherits from it: nothing comes of it"],
  ],
  [
    "the same labels in another order",
    [maven, { ...maven, name: "b", labels: ["linux", "maven"] }],
    [
      "WARN b has the labels of maven, which is tried first at master backend: it gets only what that one has no room for",
    ],
  ],
  ["more labels are another offer", [maven, { ...maven, name: "b", labels: ["maven"] }], []],
  ["so are sizes", [maven, { ...maven, name: "b", overrides: { cpu: { max: 4 } } }], []],
  ["and builds without a label", [maven, { ...maven, name: "b", unlabelled: true }], []],
  ...["m", "reg:5000/ci/m", "m:latest"].map((image): [string, Entry[], string[]] => [
    `the image ${image}`,
    [{ ...maven, image }],
    [
      `WARN maven image ${image} of container jnlp names ${image === "m:latest" ? "the tag latest" : "no tag"}: what is in it may change from build to build`,
    ],
  ]),
  ...["m:1", "reg:5000/m:1", "m@sha256:abc", "reg/m:latest@sha256:abc"].map((image): [string, Entry[], string[]] => [
    `the image ${image}`,
    [{ ...maven, image }],
    [],
  ]),
  [
    "a limit below the request",
    [{ ...maven, pod: resources({ cpu: "1500m" }, { cpu: 1, memory: "2Gi" }) }],
    ["FAIL maven container jnlp asks for 1500m of cpu and may have only 1: raise the limit, or lower the request"],
  ],
  ["the same amount written otherwise", [{ ...maven, pod: resources({ memory: "1024Mi" }, { memory: "1Gi" }) }], []],
])("%s", (_, templates, notes) => {
  expect(notesIn(templates)).toEqual(notes);
});

test("templates of different masters are in nobody's way", () => {
  const templates = [
    { ...maven, masters: ["a"] },
    { ...maven, name: "other", masters: ["b"] },
  ];
  expect(notesIn(templates, ["a", "b"])).toEqual([]);
  expect(notesIn([maven, { ...maven, name: "b", masters: ["b"] }], ["a", "b"])).toHaveLength(1);
});

test("findings are a sentence each, with the template in front, folded where the terminal is narrow", () => {
  const findings = [
    { level: "WARN", template: "maven", sentence: "one two three four five six" },
    { level: "ok", template: "a", sentence: "well\u001b[31m" },
  ] as const;
  expect(lintLines(findings, { width: 30, colour: false })).toEqual([
    "WARN  maven  one two three four",
    "             five six",
    "ok    a      well[31m",
  ]);
  expect(lintSummary(findings)).toBe("0 failed, 1 warning");
});
