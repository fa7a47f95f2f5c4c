import type { JsonMap } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { containerOf, importCloud, importTemplate } from "./import-jcasc.fixture.ts";

const jnlp = (fields: JsonMap = {}): JsonMap => ({ name: "jnlp", image: "i:1", ...fields });
/** What a child makes of one parent, by the plugin's rules. */
const heir = (child: JsonMap, parent: JsonMap) =>
  importTemplate({ inheritFrom: "p", ...child }, { name: "p", label: "p", ...parent });

describe("a child has from its parent", () => {
  test.each<[string, JsonMap, JsonMap, JsonMap]>([
    ["no labels", {}, { label: "x" }, { labels: ["t"] }],
    ["its cap, unless it has one", {}, { instanceCap: 3 }, { maxSlaves: 3 }],
    ["not its cap, where it has one", { instanceCap: 2 }, { instanceCap: 3 }, { maxSlaves: 2 }],
    [
      "its idle time, which 0 does not take back",
      { idleMinutes: 0 },
      { idleMinutes: 4 },
      { builds: 0, idleTimeout: "4m" },
    ],
    [
      "its connect timeout, which the usual does not take back",
      { slaveConnectTimeout: 1000 },
      { slaveConnectTimeout: 300 },
      { timeouts: { connect: "5m" } },
    ],
    [
      "its node selector as a whole",
      { nodeSelector: "c=d" },
      { nodeSelector: "a=b" },
      { pod: { spec: { nodeSelector: { c: "d" } } } },
    ],
    [
      "annotations by their key",
      { annotations: [{ key: "a", value: "1" }] },
      {
        annotations: [
          { key: "a", value: "0" },
          { key: "b", value: "0" },
        ],
      },
      { pod: { metadata: { annotations: { a: "1", b: "0" } } } },
    ],
    [
      "hostNetwork, which false takes back",
      { hostNetwork: false },
      { hostNetwork: true },
      { pod: { spec: { hostNetwork: false } } },
    ],
    [
      "its workspace, unless it has one that is not the usual",
      { workspaceVolume: { emptyDirWorkspaceVolume: { memory: false } } },
      { workspaceVolume: { hostPathWorkspaceVolume: { hostPath: "/w" } } },
      { pod: { spec: { volumes: [{ name: "workspace", hostPath: { path: "/w" } }] } } },
    ],
    [
      "volumes by their path",
      { volumes: [{ emptyDirVolume: { mountPath: "/a", memory: true } }] },
      { volumes: [{ emptyDirVolume: { mountPath: "/b" } }, { hostPathVolume: { mountPath: "/a", hostPath: "/x" } }] },
      {
        pod: {
          spec: {
            volumes: [
              { name: "volume-0", emptyDir: {} },
              { name: "volume-1", emptyDir: { medium: "Memory" } },
            ],
          },
        },
      },
    ],
  ])("%s", (_, child, parent, part) => {
    expect(heir({ containers: [jnlp()], ...child }, parent).entry).toMatchObject(part);
  });

  test("containers by their name, field by field; what is true there stays true", () => {
    const { entry } = heir(
      { containers: [{ name: "side", args: "b", privileged: false }] },
      { containers: [{ name: "side", image: "s:1", args: "a", privileged: true, ttyEnabled: true }, jnlp()] },
    );
    expect(entry.image).toBe("i:1");
    expect(containerOf(entry, "side")).toMatchObject({
      image: "s:1",
      args: ["b"],
      tty: true,
      securityContext: { privileged: true },
    });
  });

  test("all of several, the later ones stronger, and what they have from others", () => {
    const { form } = importCloud({
      defaultsProviderTemplate: "all",
      templates: [
        { name: "t", label: "t", inheritFrom: "a b", containers: [jnlp()] },
        { name: "a", envVars: [{ envVar: { key: "X", value: "a" } }, { envVar: { key: "Y", value: "a" } }] },
        { name: "b", inheritFrom: "c", envVars: [{ envVar: { key: "X", value: "b" } }] },
        { name: "c", envVars: [{ envVar: { key: "Z", value: "c" } }] },
        { name: "all", envVars: [{ envVar: { key: "Y", value: "all" } }, { envVar: { key: "W", value: "all" } }] },
      ],
    });
    expect(form.templates).toMatchObject([{ env: { W: "all", X: "b", Y: "a", Z: "c" } }, {}, {}, {}, {}]);
  });

  test("properties of nodes one behind the other: the child's variables, and the parent's tools, which is told", () => {
    const tool = (home: string) => ({ toolLocation: { locations: [{ key: "hudson.model.JDK@jdk21", home }] } });
    const env = (value: string) => ({ envVars: { env: [{ key: "A", value }] } });
    const { entry, told } = heir(
      { containers: [jnlp()], nodeProperties: [env("child"), tool("/child")] },
      { nodeProperties: [env("parent"), tool("/parent")], agentInjection: true },
    );
    expect(entry).toMatchObject({
      inject: "always",
      nodeProperties: { env: { A: "child" }, tools: [{ type: "hudson.model.JDK", name: "jdk21", home: "/parent" }] },
    });
    expect(told.nodeProperties).toMatch(/^changed of what it inherits other tool locations stand first/);
  });

  test("nothing in a circle, which is told", () => {
    const { entry, told } = heir({ containers: [jnlp()] }, { inheritFrom: "t", nodeSelector: "a=b" });
    expect(entry).toMatchObject({ pod: { spec: { nodeSelector: { a: "b" } } } });
    expect(told.inheritFrom).toMatch(/^lost .*t leads back to the template/);
  });

  test("a thousand templates, each on the one before twice, in no more time than they need", () => {
    const templates = Array.from({ length: 1000 }, (_, at) => ({
      name: `t${at}`,
      label: "l",
      inheritFrom: `t${at - 1} t${at - 1}`,
      yaml: `spec: { tolerations: [{ key: "k${at % 7}" }] }`,
      yamlMergeStrategy: at > 990 ? "merge" : "override",
    }));
    const { form } = importCloud({ templates: templates.slice(0, 60) });
    expect(form.templates).toHaveLength(60);
  });
});

describe("of yaml", () => {
  const yaml = (spec: JsonMap): string => JSON.stringify({ spec });

  test("fields are stronger, also those of a parent, and that is told", () => {
    const { entry, told } = heir(
      { yaml: yaml({ containers: [{ name: "jnlp", image: "never:1" }], nodeSelector: { a: "yaml", b: "yaml" } }) },
      { containers: [jnlp()], nodeSelector: "a=field" },
    );
    expect(entry).toMatchObject({ image: "i:1", pod: { spec: { nodeSelector: { a: "field", b: "yaml" } } } });
    expect(told["yaml.spec.containers.jnlp.image"]).toMatch(
      /^changed left out: a field of the template, or of one that it inherits/,
    );
    expect(told["yaml.spec.nodeSelector"]).toMatch(/^changed left out/);
  });

  test("the child's alone counts, unless they are merged", () => {
    const parent = { yaml: yaml({ priorityClassName: "p", tolerations: [{ key: "p" }] }), containers: [jnlp()] };
    const own = yaml({ tolerations: [{ key: "t" }] });
    expect(heir({ yaml: own }, parent).entry).toMatchObject({ pod: { spec: { tolerations: [{ key: "t" }] } } });
    expect(heir({ yaml: own }, parent).entry.pod).not.toMatchObject({ spec: { priorityClassName: "p" } });
    const merged = { spec: { priorityClassName: "p", tolerations: [{ key: "p" }, { key: "t" }] } };
    expect(heir({ yaml: own, yamlMergeStrategy: "merge" }, parent).entry.pod).toMatchObject(merged);
    const handedDown = { ...parent, yamlMergeStrategy: "merge", inheritYamlMergeStrategy: true };
    expect(heir({ yaml: own }, handedDown).entry.pod).toMatchObject(merged);
    expect(heir({}, parent).entry.pod).toMatchObject({ spec: { priorityClassName: "p" } });
  });

  test("whatever neither fields nor merging know stays", () => {
    const spec = {
      affinity: { podAntiAffinity: {} },
      priorityClassName: "p",
      dnsPolicy: "None",
      hostAliases: [{ ip: "1.2.3.4", hostnames: ["a"] }],
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "ScheduleAnyway" }],
    };
    const { entry, told } = importTemplate({ containers: [jnlp()], yaml: yaml(spec) });
    expect(entry.pod).toMatchObject({ spec });
    for (const field of Object.keys(spec)) expect(told[`yaml.spec.${field}`]).toBe(`exact pod.spec.${field}`);
  });

  test.each<[string, JsonMap, string, RegExp]>([
    ["another namespace", { metadata: { namespace: "x" } }, "yaml.metadata.namespace", /^lost is KubeStack's to say/],
    ["an owner", { metadata: { ownerReferences: [] } }, "yaml.metadata.ownerReferences", /^lost is KubeStack's to say/],
    [
      "other metadata",
      { metadata: { creationTimestamp: "x" } },
      "yaml.metadata.creationTimestamp",
      /^lost of metadata/,
    ],
    ["a restart", { spec: { restartPolicy: "Always" } }, "yaml.spec.restartPolicy", /^lost is KubeStack's to say/],
    ["no restart", { spec: { restartPolicy: "Never" } }, "yaml.spec.restartPolicy", /^exact Never, as always$/],
    ["a status", { status: { phase: "Running" } }, "yaml.status", /^lost no part of a template's pod$/],
    ["another object", { kind: "Deployment" }, "yaml.kind", /^lost/],
    ["a directive of ours", { spec: { $patch: "delete" } }, "yaml.spec.$patch", /^lost no field of a pod/],
    [
      "a container without a name",
      { spec: { containers: [{ image: "x" }] } },
      "yaml.spec.containers.0",
      /^lost says no name/,
    ],
    [
      "a container twice",
      { spec: { containers: [{ name: "a", image: "x" }, { name: "a" }] } },
      "yaml.spec.containers.a",
      /^(?:lost|changed)/,
    ],
    ["a spec that is a text", { spec: "x" }, "yaml.spec", /^lost must be a map/],
    [
      "a folder of the machine",
      { spec: { volumes: [{ name: "v", hostPath: { path: "/" } }] } },
      "yaml.spec.volumes.v.hostPath",
      /^changed written down in allow as hostPath$/,
    ],
    [
      "a sysctl",
      { spec: { securityContext: { sysctls: [{ name: "a", value: "1" }] } } },
      "yaml.spec.securityContext.sysctls",
      /^changed written down in allow as sysctls$/,
    ],
  ])("%s is told", (_, pod, path, told) => {
    const { told: all } = importTemplate({ containers: [jnlp()], yaml: JSON.stringify(pod) });
    expect(all[path]).toMatch(told);
  });

  test("a volume that is called as one of KubeStack's is called otherwise, wherever it is mounted", () => {
    const { entry } = importTemplate({
      containers: [jnlp()],
      yaml: yaml({
        containers: [
          {
            name: "jnlp",
            volumeMounts: [
              { name: "workspace", mountPath: "/mine" },
              { name: "workspace-volume", mountPath: "/theirs" },
            ],
          },
        ],
        volumes: [
          { name: "workspace", emptyDir: {} },
          { name: "workspace-2", emptyDir: {} },
        ],
      }),
    });
    expect(entry.pod).toMatchObject({ spec: { volumes: [{ name: "workspace-3" }, { name: "workspace-2" }] } });
    expect(containerOf(entry, "jnlp").volumeMounts).toEqual([
      { name: "workspace-3", mountPath: "/mine" },
      { name: "workspace", mountPath: "/theirs" },
    ]);
  });
});
