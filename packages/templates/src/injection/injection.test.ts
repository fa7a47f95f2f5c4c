import { describe, expect, test } from "vitest";
import { looseningOf } from "../loosening.ts";
import type { JsonMap } from "../merge/json.ts";
import { agent, madePod } from "../template.fixture.ts";

const agentImage = "registry.example.org/ci/kubestack-slave:2";
const ca = "/run/kubestack/agent/ca.pem";

interface Spec {
  readonly initContainers?: readonly {
    readonly name: string;
    readonly env: unknown;
    readonly securityContext: unknown;
    readonly volumeMounts: unknown;
    readonly image: string;
    readonly resources: { readonly requests: { readonly cpu: string } };
  }[];
  readonly containers: readonly {
    readonly name: string;
    readonly command?: unknown;
    readonly args?: unknown;
    readonly env: readonly { readonly name: string }[];
    readonly volumeMounts: unknown;
  }[];
  readonly volumes: readonly { readonly name: string }[];
}

function specOf(entry: Record<string, unknown> = {}, env: Record<string, string> = {}): Spec {
  const part = { ...agent, env: { ...agent.env, ...env } };
  return madePod({ image: "maven:3.9", agentImage, ...entry }, part).spec as unknown as Spec;
}

describe("a pod whose agent is injected", () => {
  test("has one init container that brings the agent, and nothing of its secret", () => {
    const env = {
      KUBESTACK_AGENT_JAR_PATH: "jnlpJars/agent.jar",
      KUBESTACK_AGENT_NAME: "ks-1",
      KUBESTACK_AGENT_CA_FILE: ca,
    };
    expect(specOf({}, env).initContainers).toEqual([
      {
        name: "kubestack-agent",
        image: agentImage,
        command: ["/usr/local/bin/start-agent", "inject", "/run/kubestack/injected"],
        env: [
          { name: "KUBESTACK_AGENT_URL", value: "http://ci.example.org/" },
          { name: "KUBESTACK_AGENT_JAR_PATH", value: "jnlpJars/agent.jar" },
          { name: "KUBESTACK_AGENT_CA_FILE", value: ca },
          { name: "TMPDIR", value: "/run/kubestack/injected" },
        ],
        resources: {
          requests: { cpu: "500m", memory: "128Mi", "ephemeral-storage": "512Mi" },
          limits: { memory: "128Mi", "ephemeral-storage": "512Mi" },
        },
        securityContext: {
          runAsNonRoot: true,
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "RuntimeDefault" },
        },
        volumeMounts: [
          { name: "kubestack-agent", mountPath: "/run/kubestack/injected" },
          { name: "agent-secret", mountPath: ca, subPath: "ca.pem", readOnly: true },
        ],
      },
    ]);
  });

  test("starts the agent by what was injected, in the template's image", () => {
    const { containers, volumes } = specOf();
    expect(containers).toMatchObject([
      {
        name: "jnlp",
        image: "maven:3.9",
        command: ["/run/kubestack/injected/bin/sh", "/run/kubestack/injected/start-agent"],
        env: [
          { name: "KUBESTACK_AGENT_WORKDIR", value: "/home/jenkins/agent" },
          { name: "KUBESTACK_AGENT_URL" },
          { name: "KUBESTACK_AGENT_SECRET_FILE" },
          { name: "KUBESTACK_AGENT_INJECTED", value: "/run/kubestack/injected" },
          { name: "KUBESTACK_AGENT_JAR", value: "/run/kubestack/injected/agent.jar" },
        ],
        volumeMounts: [
          { name: "workspace" },
          { name: "agent-secret" },
          { name: "kubestack-agent", mountPath: "/run/kubestack/injected", readOnly: true },
        ],
      },
    ]);
    expect(volumes).toContainEqual({ name: "kubestack-agent", emptyDir: {} });
  });

  test("keeps to the restricted standard, whatever user the template's own containers have", () => {
    expect(looseningOf(madePod({ image: "maven:3.9", agentImage }) as unknown as JsonMap)).toEqual([]);
    const rooted = { allow: ["root"], pod: { spec: { securityContext: { runAsUser: 0, runAsNonRoot: false } } } };
    expect(specOf(rooted).initContainers?.[0]?.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 1000,
      runAsGroup: 1000,
    });
    const other = { pod: { spec: { securityContext: { runAsUser: 4711 } } } };
    expect(specOf(other).initContainers?.[0]?.securityContext).not.toHaveProperty("runAsUser");
  });

  test("has what a template says under the same names taken away", () => {
    const container = {
      name: "jnlp",
      command: ["sleep"],
      args: ["9"],
      env: [{ name: "KUBESTACK_AGENT_JAR", valueFrom: {} }],
    };
    const spec = {
      initContainers: [
        { name: "first", image: "f" },
        { name: "kubestack-agent", image: "evil", args: ["x"] },
      ],
      containers: [
        { ...container, volumeMounts: [{ name: "mine", mountPath: "/run/kubestack/injected", subPath: "x" }] },
      ],
      volumes: [{ name: "kubestack-agent", hostPath: { path: "/" } }],
    };
    const made = specOf({ inject: "always", allow: ["hostPath"], pod: { spec } });
    expect(made.initContainers?.map(({ name, image }) => [name, image])).toEqual([
      ["first", "f"],
      ["kubestack-agent", agentImage],
    ]);
    expect(made.initContainers?.[1]).not.toHaveProperty("args");
    expect(made.containers[0]).not.toHaveProperty("args");
    expect(made.containers[0]?.env).toContainEqual({
      name: "KUBESTACK_AGENT_JAR",
      value: "/run/kubestack/injected/agent.jar",
    });
    expect(made.containers[0]?.volumeMounts).toContainEqual({
      name: "kubestack-agent",
      mountPath: "/run/kubestack/injected",
      readOnly: true,
    });
    expect(made.volumes).toContainEqual({ name: "kubestack-agent", emptyDir: {} });
  });

  test("downloads by the proxies, and as patiently, as the template says for its agent", () => {
    const env = { HTTPS_PROXY: "http://proxy:3128", no_proxy: ".svc", KUBESTACK_AGENT_TRIES: "3", TOKEN: "x" };
    expect(specOf({ env }).initContainers?.[0]?.env).toEqual([
      { name: "HTTPS_PROXY", value: "http://proxy:3128" },
      { name: "no_proxy", value: ".svc" },
      { name: "KUBESTACK_AGENT_TRIES", value: "3" },
      { name: "KUBESTACK_AGENT_URL", value: "http://ci.example.org/" },
      { name: "TMPDIR", value: "/run/kubestack/injected" },
    ]);
  });

  test("becomes no larger by that than its agent is, in what it asks of the processor", () => {
    const cpuOf = (entry: Record<string, unknown>) => specOf(entry).initContainers?.[0]?.resources.requests.cpu;
    expect(cpuOf({ cpu: "2" })).toBe("2");
    const nothing = { pod: { spec: { containers: [{ name: "jnlp", resources: null }] } } };
    expect(cpuOf(nothing)).toBe("100m");
  });

  test("is the one that it ever was where nothing is injected", () => {
    const plain = madePod({ image: "maven:3.9" });
    expect(madePod({ image: "maven:3.9", agentImage, inject: "never" })).toEqual(plain);
    expect(JSON.stringify(plain)).not.toContain("injected");
  });
});
