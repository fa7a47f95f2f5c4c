import { type Origin, originsOf, type PodEntry, podOfEntry } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { reasonIn, togetherOf, verdictOn } from "./verdict.ts";

const entries: PodEntry[] = [
  { name: "base", pod: { spec: { containers: [{ name: "jnlp", imagePulPolicy: "Always" }] } } },
  { name: "maven", inheritFrom: ["base"], image: "maven:3" },
];
const { pod, layers } = podOfEntry(entries[1] as PodEntry, entries);
const origins: readonly Origin[] = originsOf(pod, layers);

function told(refusal: string | null, warnings: readonly string[] = []): string[] {
  return verdictOn({ template: "maven", origins }, { refusal, warnings }).map(
    ({ level, sentence }) => `${level} ${sentence}`,
  );
}
const quota = (requested: string, used: string, limited: string): string =>
  `pods "ks-a" is forbidden: exceeded quota: ci, requested: ${requested}, used: ${used}, limited: ${limited}`;

test.each<[string, string]>([
  [
    'pods "ks-a" is forbidden: violates PodSecurity "restricted:latest": x.',
    'violates PodSecurity "restricted:latest": x',
  ],
  ['Pod "ks-a" is invalid: spec.containers[0].image: Required value', "spec.containers[0].image: Required value"],
  [
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.x"',
    'unknown field "spec.x"',
  ],
  ["no such thing", "no such thing"],
])("of %s the reason is %s", (refusal, reason) => {
  expect(reasonIn(refusal)).toBe(reason);
});

describe("a pod that", () => {
  test.each<[string, string | null, string[], string[]]>([
    ["is taken", null, [], []],
    ["is taken with a warning", null, ["a is old"], ["WARN the API server warns: a is old"]],
    ["is refused", 'pods "x" is forbidden: no', ["w"], ["FAIL is refused: no", "WARN the API server warns: w"]],
    [
      "fits once others have gone",
      quota("pods=1", "pods=9", "pods=9"),
      [],
      [
        "WARN there is no room for it now, but there will be (exceeded quota: ci, requested: pods=1, used: pods=9, limited: pods=9)",
      ],
    ],
    [
      "is too large by one of its amounts",
      quota("pods=1,memory=2Gi", "pods=0,memory=0", "pods=9,memory=1Gi"),
      [],
      [expect.stringMatching(/^FAIL is refused: exceeded quota/) as never],
    ],
    ["may have none at all", quota("pods=1", "pods=0", "pods=0"), [], [expect.stringMatching(/^FAIL/) as never]],
  ])("%s", (_, refusal, warnings, sentences) => {
    expect(told(refusal, warnings)).toEqual(sentences);
  });

  test.each<[string, string]>([
    ['unknown field "spec.containers[0].imagePulPolicy"', " (base says so)"],
    ["spec.containers[0].image: Invalid value", ""],
    ["spec.securityContext.runAsUser: Invalid value", ""],
    ["spec.containers[7].image: Invalid value", ""],
  ])("has a fault, %s, is told with the template that says it, where it is another one%s", (reason, owner) => {
    expect(told(reason)).toEqual([`FAIL is refused: ${reason}${owner}`]);
  });
});

test("what is so of all pods of a template is told once; what is so of some of them says of which", () => {
  const finding = (sentence: string) => ({ level: "FAIL", template: "maven", sentence }) as const;
  const pods = [
    { of: "for a", findings: [finding("x"), finding("y")] },
    { of: "for b", findings: [finding("x")] },
    { of: "for c", findings: [finding("x"), finding("y"), finding("z")] },
  ];
  expect(togetherOf(pods).map(({ sentence }) => sentence)).toEqual(["x", "for a; for c: y", "for c: z"]);
  expect(togetherOf([])).toEqual([]);
});
