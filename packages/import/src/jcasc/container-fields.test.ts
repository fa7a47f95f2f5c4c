import type { Json, JsonMap } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { containerOf, importTemplate, variable } from "./import-jcasc.fixture.ts";

type Case = readonly [field: string, value: Json, part: JsonMap, told: RegExp];

describe("a field of a container beside the agent's becomes", () => {
  test.each<Case>([
    ["alwaysPullImage", true, { imagePullPolicy: "Always" }, /^exact/],
    ["command", "sh -c 'echo \"a b\"'", { command: ["sh", "-c", 'echo "a b"'] }, /^exact command, as a list of 3$/],
    ["command", "it's", {}, /^lost leaves a quote open/],
    ["args", "--a  b", { args: ["--a", "b"] }, /^exact/],
    [
      "args",
      variable("computer.jnlpmac"),
      {},
      /^changed left out: a slave's agent finds its name and its secret by itself/,
    ],
    ["args", `^${variable("computer.jnlpmac")} ^${variable("computer.name")}`, {}, /^changed left out/],
    ["workingDir", "/w", { workingDir: "/w", volumeMounts: [{ name: "workspace", mountPath: "/w" }] }, /^exact/],
    ["ttyEnabled", "yes", { tty: true }, /^exact/],
    [
      "privileged",
      true,
      { securityContext: { privileged: true, runAsUser: 0, runAsNonRoot: false } },
      /^changed privileged, and as root where runAsUser says no other/,
    ],
    ["privileged", "false", {}, /^exact/],
    ["runAsUser", "999", { securityContext: { runAsUser: 999 } }, /^exact/],
    ["runAsUser", 0, { securityContext: { runAsUser: 0, runAsNonRoot: false } }, /^changed/],
    ["resourceRequestCpu", "1", { resources: { requests: { cpu: "1" } } }, /^exact/],
    ["resourceLimitMemory", "1Gi", { resources: { limits: { memory: "1Gi" } } }, /^exact/],
    ["resourceLimitEphemeralStorage", "9Gi", { resources: { limits: { "ephemeral-storage": "9Gi" } } }, /^exact/],
    ["resourceRequestMemory", "lots", {}, /^lost no quantity/],
    ["shell", "/bin/bash", {}, /^lost only container\(\) asks for a shell/],
    ["frobnicate", 1, {}, /^lost no key of the plugin's/],
  ])("%s: %j", (field, value, part, told) => {
    const { entry, told: all } = importTemplate({
      containers: [
        { name: "jnlp", image: "i" },
        { name: "side", image: "s:1", [field]: value },
      ],
    });
    expect(all[`containers.1.${field}`]).toMatch(told);
    expect(containerOf(entry, "side")).toMatchObject(part);
    expect(all["containers.1"]).toMatch(/^changed it runs beside the agent.*container\('side'\) will not work/);
  });

  test("nothing, where its image can be none", () => {
    const { entry, told } = importTemplate({ containers: [{ name: "side", image: "a b" }] });
    expect(told["containers.0.image"]).toMatch(/^lost holds a blank/);
    expect(told["containers.0"]).toBe("lost names no image; it was left out");
    expect(containerOf(entry, "side")).toEqual({});
  });

  test("ports, where a port of the machine must be allowed", () => {
    const ports = [
      { name: "a", containerPort: "80" },
      { portMapping: { containerPort: 81, hostPort: 8081 } },
      { name: "c" },
    ];
    const { entry, told } = importTemplate({ containers: [{ name: "side", image: "s", ports }] });
    expect(containerOf(entry, "side").ports).toEqual([
      { name: "a", containerPort: 80 },
      { containerPort: 81, hostPort: 8081 },
    ]);
    expect(entry.allow).toEqual(["hostPorts"]);
    expect(told["containers.0.ports.2"]).toMatch(/^lost a port without a number/);
  });

  test("a probe, which is none without a command", () => {
    const of = (livenessProbe: JsonMap) =>
      containerOf(importTemplate({ containers: [{ name: "side", image: "s", livenessProbe }] }).entry, "side")
        .livenessProbe;
    expect(of({ execArgs: "a 'b c'", periodSeconds: 3, timeoutSeconds: 0 })).toEqual({
      exec: { command: ["a", "b c"] },
      periodSeconds: 3,
    });
    expect(of({ periodSeconds: 3 })).toBeUndefined();
  });

  test("nothing, where it has no name, or another one has it", () => {
    const { entry, told } = importTemplate({
      containers: [{ image: "a" }, { name: "side", image: "s" }, { name: "side", image: "t" }],
    });
    expect(containerOf(entry, "side").image).toBe("s");
    expect(told["containers.0"]).toMatch(/^lost a container without a name/);
    expect(told["containers.2"]).toMatch(/^lost a second container side/);
  });
});

describe("of the agent's container", () => {
  const agent = (fields: JsonMap) => importTemplate({ containers: [{ name: "jnlp", image: "i:1", ...fields }] }).entry;

  test("request and limit are one key where they are the same", () => {
    expect(
      agent({
        resourceRequestMemory: "1Gi",
        resourceLimitMemory: "1024Mi",
        resourceRequestEphemeralStorage: "1G",
        resourceLimitEphemeralStorage: "1G",
        resourceRequestCpu: "2",
      }),
    ).toEqual({ name: "t", labels: ["t"], image: "i:1", cpu: "2", memory: "1Gi", disk: "1G" });
  });

  test("what has no limit gets none", () => {
    expect(containerOf(agent({ resourceRequestMemory: "1Gi" }), "jnlp").resources).toEqual({
      requests: { cpu: null, memory: "1Gi", "ephemeral-storage": null },
      limits: { memory: null, "ephemeral-storage": null },
    });
  });

  test("a command that only keeps it alive is left out", () => {
    expect(agent({ command: "sleep", args: "99d" })).toMatchObject({ image: "i:1" });
    expect(agent({ command: "sleep", args: "99d" }).command).toBeUndefined();
    expect(agent({ command: "start", args: "99d" })).toMatchObject({ command: ["start"], args: ["99d"] });
  });

  test("the folder is workDir, where it is another one", () => {
    expect(agent({ workingDir: "/home/jenkins/agent" }).workDir).toBeUndefined();
    expect(agent({ workingDir: "/work" }).workDir).toBe("/work");
  });
});
