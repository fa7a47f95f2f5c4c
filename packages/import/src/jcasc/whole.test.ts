import type { Json, JsonMap } from "@kubestack/templates";
import { podOfEntry } from "@kubestack/templates";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ImportReport, Path } from "../report/report.ts";
import { variable } from "./import-jcasc.fixture.ts";
import { importJcasc } from "./import-jcasc.ts";

/** Paths of everything in a value that holds nothing further. */
function leaves(value: Json, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const inner: readonly (readonly [string | number, Json])[] = Array.isArray(value)
    ? value.map((one: Json, at) => [at, one] as const)
    : Object.entries(value);
  return inner.length === 0 ? [path] : inner.flatMap(([key, one]) => leaves(one, [...path, key]));
}

/** The leaves of a file that no line tells of: not at themselves or below, nor by a line that tells the whole that they are in. */
function untold(file: Json, { groups, notes }: ImportReport): readonly Path[] {
  const lines = groups.flatMap((group) => group.lines);
  const keys = (path: Path) => path.map((_, at) => JSON.stringify(path.slice(0, at + 1)));
  const at = new Map(lines.map(({ path, verdict }) => [JSON.stringify(path), verdict]));
  const above = new Set(lines.flatMap(({ path }) => keys(path).slice(0, -1)));
  // One that is not lost, and has others below it, tells only of itself.
  const isWhole = (key: string) => at.get(key) === "lost" || (at.has(key) && !above.has(key));
  return leaves(file).filter((leaf) => {
    if (leaf[0] !== "jenkins" || leaf[1] !== "clouds") return !notes.some((note) => note.includes(String(leaf[0])));
    const own = keys(leaf);
    const self = own.at(-1) ?? "";
    return !at.has(self) && !above.has(self) && !own.some(isWhole);
  });
}

const odd = fc.oneof(
  fc.constantFrom<Json>(null, "", "x", "7", 7, -1, 0, true, false, "a=b", variable("X"), "1Gi", "500m", [], {}),
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json),
);
const record = (fields: readonly string[], of: fc.Arbitrary<Json> = odd): fc.Arbitrary<JsonMap> =>
  fc
    .tuple(fc.subarray([...fields]), fc.array(fc.tuple(fc.string({ maxLength: 8 }), odd), { maxLength: 2 }))
    .chain(([known, more]) =>
      fc.tuple(...known.map(() => of)).map((values) => ({
        ...Object.fromEntries(known.map((field, at) => [field, values[at] ?? null])),
        ...Object.fromEntries(more.filter(([key]) => key !== "__proto__")),
      })),
    );
const symbol = (names: readonly string[], fields: readonly string[]): fc.Arbitrary<Json> =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...names), record(fields)).map(([name, inner]): Json => ({ [name]: inner })),
    odd,
  );
const list = (of: fc.Arbitrary<Json>): fc.Arbitrary<Json> => fc.oneof(fc.array(of, { maxLength: 3 }), odd);

const env = list(
  symbol(
    ["envVar", "secretEnvVar", "keyValueEnvVar", "containerEnvVar"],
    ["key", "value", "secretName", "secretKey", "optional"],
  ),
);
const volumeFields = [
  "mountPath",
  "hostPath",
  "memory",
  "secretName",
  "defaultMode",
  "claimName",
  "configMapName",
  "readOnly",
  "subPath",
  "serverAddress",
  "serverPath",
  "requestsSize",
];
const volumes = [
  "emptyDirVolume",
  "hostPathVolume",
  "secretVolume",
  "configMapVolume",
  "nfsVolume",
  "persistentVolumeClaim",
  "dynamicPVC",
  "genericEphemeralVolume",
];
const yaml = fc.oneof(
  odd,
  fc.constantFrom(
    "spec: { containers: [{ name: jnlp, image: a, securityContext: { privileged: true } }, { name: b, image: c }] }",
    "metadata: { labels: { a: b }, name: c }\nspec: { hostNetwork: true, volumes: [{ name: workspace }, { name: v, hostPath: { path: / } }] }",
    "spec: { containers: [1, { image: x }, { name: a, image: 1, env: [{ name: A }, { name: A }], resources: { limits: { cpu: 1, memory: {} } } }] }",
    "spec: { initContainers: [{ name: i, image: j }], tolerations: [{ key: a }, { key: a }], securityContext: { runAsUser: 0 } }",
  ),
);
const container = fc
  .tuple(
    record([
      "image",
      "command",
      "args",
      "workingDir",
      "privileged",
      "runAsUser",
      "ports",
      "livenessProbe",
      "ttyEnabled",
      "alwaysPullImage",
      "resourceLimitMemory",
      "resourceRequestCpu",
      "shell",
    ]),
    fc.constantFrom("jnlp", "side", "side"),
    env,
  )
  .map(([fields, name, envVars]): Json => ({ name, ...fields, envVars }));
const template = fc
  .tuple(
    record([
      "label",
      "nodeUsageMode",
      "instanceCap",
      "idleMinutes",
      "slaveConnectTimeout",
      "podRetention",
      "serviceAccount",
      "nodeSelector",
      "hostNetwork",
      "runAsUser",
      "agentContainer",
      "agentInjection",
      "annotations",
      "imagePullSecrets",
      "nodeProperties",
      "yamlMergeStrategy",
      "idleMinutesStr",
      "image",
      "namespace",
      "name",
    ]),
    fc.constantFrom("a", "b", "c d"),
    fc.constantFrom("", "a", "b a", "nobody"),
    fc.tuple(
      list(container),
      list(symbol(volumes, volumeFields)),
      env,
      yaml,
      symbol(["dynamicPVC", "emptyDirWorkspaceVolume", "hostPathWorkspaceVolume"], volumeFields),
    ),
  )
  .map(
    ([fields, name, inheritFrom, [containers, all, envVars, text, workspaceVolume]]): Json => ({
      name,
      inheritFrom,
      containers,
      volumes: all,
      envVars,
      yaml: text,
      workspaceVolume,
      ...fields,
    }),
  );
const cloud = fc
  .tuple(
    record([
      "name",
      "serverUrl",
      "namespace",
      "jenkinsUrl",
      "jenkinsTunnel",
      "webSocket",
      "containerCap",
      "podLabels",
      "podRetention",
      "retentionTimeout",
      "credentialsId",
      "garbageCollection",
      "traits",
      "defaultsProviderTemplate",
    ]),
    fc.array(template, { maxLength: 3 }),
  )
  .map(([fields, templates]): Json => ({ kubernetes: { ...fields, templates } }));

/** Nobody may write this key: it is refused with its place before anything is imported. */
const isWritable = (text: string): boolean => !text.includes('"__proto__"');

test("no field is absent from the report, whatever stands in it, and what comes out makes pods", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(cloud, cloud, odd), { minLength: 1, maxLength: 2 }), (clouds) => {
      const file = { jenkins: { clouds: [{ kubernetes: {} }, ...clouds], numExecutors: 1 }, security: {} };
      const text = JSON.stringify(file);
      fc.pre(isWritable(text));
      const { form, report } = importJcasc(text, "x.yaml", { master: "main" });
      expect(untold(file, report).filter((leaf) => leaf.length > 4)).toEqual([]);
      const entries = form.templates as readonly JsonMap[];
      for (const entry of entries) expect(podOfEntry({ name: "", ...entry }, []).pod.spec).toBeDefined();
      const lines = report.groups.reduce((sum, { lines }) => sum + lines.length, 0);
      expect(lines).toBe(report.counts.exact + report.counts.changed + report.counts.lost);
    }),
    { numRuns: 150 },
  );
});

test("what it comes to does not depend on what was imported before", () => {
  fc.assert(
    fc.property(cloud, (one) => {
      const text = JSON.stringify({ jenkins: { clouds: [one] } });
      fc.pre(isWritable(text));
      const twice = [0, 1].map(() => importJcasc(text, "x.yaml", { master: "main" }));
      expect(twice[1]).toEqual(twice[0]);
    }),
    { numRuns: 50 },
  );
});
