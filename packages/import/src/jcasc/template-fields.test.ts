import type { Json, JsonMap } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { containerOf, importTemplate, variable } from "./import-jcasc.fixture.ts";

type Case = readonly [field: string, value: Json, part: JsonMap, told: RegExp];

describe("a field of a template becomes", () => {
  test.each<Case>([
    ["label", "a b  a\tc", { labels: ["a", "b", "c"] }, /^exact labels a, b, c$/],
    ["label", 'a b"c', { labels: ["a"] }, /^lost 1 words that no label can be/],
    ["nodeUsageMode", "NORMAL", { unlabelled: true }, /^exact/],
    ["nodeUsageMode", "EXCLUSIVE", {}, /^exact unlabelled: false$/],
    ["instanceCap", 7, { maxSlaves: 7 }, /^exact/],
    ["instanceCap", "7", { maxSlaves: 7 }, /^exact/],
    ["instanceCap", 2_147_483_647, {}, /^exact no cap/],
    ["instanceCap", "many", {}, /^lost must be a whole number/],
    ["instanceCapStr", "7", { maxSlaves: 7 }, /^exact/],
    ["idleMinutes", 0, {}, /^exact builds: 1/],
    ["idleMinutes", 90, { builds: 0, idleTimeout: "1h30m" }, /^changed builds: 0 and idleTimeout: 1h30m; after maxAge/],
    ["slaveConnectTimeout", 100, {}, /^changed 1m40s for everything, twice/],
    ["slaveConnectTimeout", 1000, {}, /^changed 16m40s for everything/],
    ["slaveConnectTimeout", 400, { timeouts: { start: "6m40s", connect: "6m40s" } }, /^changed/],
    [
      "slaveConnectTimeout",
      1200,
      { timeouts: { schedule: "20m", pull: "20m", start: "20m", connect: "20m" } },
      /^changed/,
    ],
    ["activeDeadlineSeconds", 60, { pod: { spec: { activeDeadlineSeconds: 60 } } }, /^exact/],
    ["activeDeadlineSeconds", 0, {}, /^exact no deadline$/],
    ["terminationGracePeriodSeconds", 45, { pod: { spec: { terminationGracePeriodSeconds: 45 } } }, /^exact/],
    ["nodeSelector", "a=b, c=d", { pod: { spec: { nodeSelector: { a: "b", c: "d" } } } }, /^exact/],
    ["nodeSelector", "a=b,c", { pod: { spec: { nodeSelector: { a: "b" } } } }, /^lost must be key=value/],
    ["serviceAccount", "default", {}, /^changed account default, whose token is not mounted/],
    [
      "serviceAccount",
      "robot",
      { pod: { spec: { serviceAccountName: "robot", automountServiceAccountToken: true } }, allow: ["serviceAccount"] },
      /^changed .*written down in allow as serviceAccount$/,
    ],
    ["schedulerName", "s", { pod: { spec: { schedulerName: "s" } } }, /^exact/],
    ["hostNetwork", true, { pod: { spec: { hostNetwork: true } }, allow: ["hostNamespaces"] }, /^changed/],
    ["hostNetwork", false, { pod: { spec: { hostNetwork: false } } }, /^exact/],
    ["runAsUser", "1200", { pod: { spec: { securityContext: { runAsUser: 1200 } } } }, /^exact/],
    [
      "runAsUser",
      0,
      { pod: { spec: { securityContext: { runAsUser: 0, runAsNonRoot: false } } }, allow: ["root"] },
      /^changed user 0 of all containers, written down in allow as root$/,
    ],
    ["runAsGroup", 5, { pod: { spec: { securityContext: { runAsGroup: 5 } } } }, /^exact/],
    ["supplementalGroups", "1,2", { pod: { spec: { securityContext: { supplementalGroups: [1, 2] } } } }, /^exact/],
    ["supplementalGroups", "1,b", {}, /^lost must be numbers/],
    ["agentInjection", false, {}, /^exact/],
    [
      "agentInjection",
      true,
      { inject: "always", agentImage: "registry.invalid/kubestack-slave:1" },
      /^changed inject: always; the agent comes from agentImage, which has to be filled in$/,
    ],
    ["podRetention", "never", {}, /^exact/],
    ["podRetention", { never: {} }, {}, /^exact/],
    ["podRetention", { $class: "org.csanchez.jenkins.plugins.kubernetes.pod.retention.Never" }, {}, /^exact/],
    ["podRetention", "default", {}, /^exact as its cloud says$/],
    ["podRetention", "onFailure", {}, /^lost write it by hand: retain: onFailure; pods are stopped/],
    ["podRetention", { always: {} }, {}, /^lost write it by hand: retain: always/],
    ["podRetention", "evicted", {}, /^lost a pod that is evicted is not kept$/],
    ["podRetention", "sometimes", {}, /^lost no retention that is known here \(sometimes\)/],
    ["yamlMergeStrategy", "sideways", {}, /^lost must be merge or override/],
    ["showRawYaml", true, {}, /^changed no pod is written into a build's log/],
    ["namespace", "ci", {}, /^exact/],
    ["namespace", "elsewhere", {}, /^lost pods of all templates run in kubernetes\.namespace, ci$/],
    ["inheritFrom", "nowhere", {}, /^changed .*nowhere names no template; the plugin passes it over, too$/],
    ["id", "x", {}, /^exact/],
    ["yaml", "", {}, /^exact says nothing$/],
    ["yaml", "# nothing\n", {}, /^exact says nothing$/],
    ["yaml", "a: [", {}, /^lost is no YAML/],
    ["yaml", "- a", {}, /^lost must be a pod/],
    ["frobnicate", 1, {}, /^lost no key of the plugin's/],
    ["containers", "x", {}, /^lost must be a list/],
    ["volumes", [], {}, /^exact is empty$/],
    ["name", "a b", { name: "a-b" }, /^changed called a-b/],
  ])("%s: %j", (field, value, part, told) => {
    const plain = importTemplate({ containers: [{ name: "jnlp", image: "i" }] });
    const { entry, told: all } = importTemplate({ containers: [{ name: "jnlp", image: "i" }], [field]: value });
    expect(all[field]).toMatch(told);
    expect(entry).toMatchObject(part);
    if (Object.keys(part).length === 0 && field !== "containers") expect(entry).toEqual(plain.entry);
  });

  test("annotations, pull secrets and variables of all containers", () => {
    const { entry } = importTemplate({
      annotations: [{ key: "a", value: "b" }, { podAnnotation: { key: "c", value: "d" } }],
      imagePullSecrets: [{ name: "r" }, { name: "r" }],
      envVars: [{ envVar: { key: "A", value: "1" } }, { secretEnvVar: { key: "S", secretName: "n", secretKey: "k" } }],
      containers: [
        { name: "jnlp", image: "i", envVars: [{ envVar: { key: "A", value: "2" } }] },
        { name: "db", image: "d" },
      ],
    });
    const secret = { name: "S", valueFrom: { secretKeyRef: { name: "n", key: "k" } } };
    expect(entry).toMatchObject({
      env: { A: "2" },
      pod: { metadata: { annotations: { a: "b" } }, spec: { imagePullSecrets: [{ name: "r" }] } },
    });
    expect(containerOf(entry, "jnlp").env).toEqual([secret]);
    expect(containerOf(entry, "db").env).toEqual([{ name: "A", value: "1" }, secret]);
  });

  test("properties of a node are those that the master is told here, too", () => {
    const maven = { key: "hudson.tasks.Maven$MavenInstallation$DescriptorImpl@Maven 3", home: "/opt/maven" };
    const { entry, told } = importTemplate({
      nodeProperties: [
        {
          envVars: {
            env: [
              { key: "PATH+MAVEN", value: "/opt/maven/bin" },
              { key: "A B", value: "1" },
            ],
          },
        },
        { toolLocation: { locations: [maven, { ...maven, home: "/usr" }, { key: "maven", home: "/m" }] } },
        { toolLocation: { locations: [maven] } },
        { diskSpaceMonitor: { freeDiskSpaceThreshold: "1GB" } },
      ],
    });
    expect(entry.nodeProperties).toEqual({
      env: { "PATH+MAVEN": "/opt/maven/bin" },
      tools: [{ type: "hudson.tasks.Maven$MavenInstallation$DescriptorImpl", name: "Maven 3", home: "/opt/maven" }],
    });
    expect(entry.env).toBeUndefined();
    const at = (path: string): string | undefined => told[`nodeProperties.${path}`];
    expect(at("0.envVars.env.0.value")).toMatch(/^exact/);
    expect(at("0.envVars.env.1")).toMatch(/^lost no name/);
    expect(at("1.toolLocation.locations.0.home")).toMatch(/^exact/);
    expect(at("1.toolLocation.locations.1")).toMatch(/^lost a second place of the same tool/);
    expect(at("1.toolLocation.locations.2.key")).toMatch(/^lost must be the class of a tool's descriptor/);
    expect(at("2.toolLocation")).toMatch(/^lost Jenkins heeds the first/);
    expect(at("3")).toMatch(/^lost no property of a node/);
  });

  test("an agent is put into no image for Windows", () => {
    const { entry, told } = importTemplate({ agentInjection: true, nodeSelector: "kubernetes.io/os=windows" });
    expect(entry).not.toHaveProperty("inject");
    expect(told.agentInjection).toMatch(/^lost .*images for Windows: use one that has it$/);
  });

  test("a variable that Jenkins fills in stands as it is, and is told", () => {
    const { entry, told } = importTemplate({ containers: [{ name: "jnlp", image: variable("REGISTRY", "/agent") }] });
    expect(entry.image).toBe(variable("REGISTRY", "/agent"));
    expect(told["containers.0.image"]).toMatch(/^changed \$\{REGISTRY\} is Jenkins' to fill in/);
  });

  test("a variable whose name is a secret's is told, without its value", () => {
    const { lines } = importTemplate({ envVars: [{ envVar: { key: "DB_PASSWORD", value: "hunter2" } }] });
    expect(lines.find(({ path }) => path.at(-1) === "value")?.says).toMatch(/a Secret is better$/);
    expect(JSON.stringify(lines)).not.toContain("hunter2");
  });
});
