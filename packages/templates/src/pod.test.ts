import { describe, expect, test } from "vitest";
import { secretOf } from "./pod.ts";
import { agent, identity, madePod } from "./template.fixture.ts";

const metadata = {
  name: "ks-backend-main--0a1b2c-abcd5",
  labels: {
    "app.kubernetes.io/managed-by": "kubestack",
    "kubestack.io/install": "prod-eu",
    "kubestack.io/master": "backend_main",
    "kubestack.io/template": "python",
    "kubestack.io/slave": "ks-backend-main--0a1b2c-abcd5",
  },
  annotations: {
    "kubestack.io/install": "prod-eu",
    "kubestack.io/master": "backend/main",
    "kubestack.io/template": "python",
    "kubestack.io/epoch": "abcd",
    "kubestack.io/number": "5",
    "kubestack.io/nonce": "nonce-5",
    "kubestack.io/labels": '["python","linux"]',
  },
};

const kept = {
  "kubestack.io/agent-container": "jnlp",
  "kubectl.kubernetes.io/default-container": "jnlp",
  "karpenter.sh/do-not-disrupt": "true",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
};

describe("a slave's pod", () => {
  test("is exactly this, of a template that says little", () => {
    expect(madePod()).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, annotations: { ...metadata.annotations, ...kept } },
      spec: {
        restartPolicy: "Never",
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        terminationGracePeriodSeconds: 10,
        tolerations: ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map((key) => ({
          key,
          operator: "Exists",
          effect: "NoExecute",
          tolerationSeconds: 60,
        })),
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 1000,
          fsGroup: 1000,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [
          {
            name: "jnlp",
            image: "registry.example.org/python:3",
            env: [
              { name: "KUBESTACK_AGENT_WORKDIR", value: "/home/jenkins/agent" },
              { name: "KUBESTACK_AGENT_URL", value: "http://ci.example.org/" },
              { name: "KUBESTACK_AGENT_SECRET_FILE", value: "/run/kubestack/agent/secret" },
            ],
            resources: {
              requests: { cpu: "500m", memory: "1Gi", "ephemeral-storage": "2Gi" },
              limits: { memory: "1Gi", "ephemeral-storage": "2Gi" },
            },
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            workingDir: "/home/jenkins/agent",
            volumeMounts: [
              { name: "workspace", mountPath: "/home/jenkins/agent" },
              { name: "agent-secret", mountPath: "/run/kubestack/agent", readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: "workspace", emptyDir: {} },
          { name: "agent-secret", secret: { secretName: "ks-backend-main--0a1b2c-abcd5", defaultMode: 0o440 } },
        ],
      },
    });
  });

  const container = (entry: Record<string, unknown>) => madePod(entry).spec.containers[0];

  test.each<[string, Record<string, unknown>, object]>([
    ["command and arguments", { command: ["sh", "-c"], args: ["x"] }, { command: ["sh", "-c"], args: ["x"] }],
    [
      "cpu as request, memory and disk as request and limit",
      { cpu: 2, memory: "4Gi", disk: "10Gi" },
      {
        resources: {
          requests: { cpu: "2", memory: "4Gi", "ephemeral-storage": "10Gi" },
          limits: { memory: "4Gi", "ephemeral-storage": "10Gi" },
        },
      },
    ],
    ["its own work folder", { workDir: "/w" }, { workingDir: "/w" }],
    ["the usual folder where the agent chooses", { workDir: "." }, { workingDir: "/home/jenkins/agent" }],
  ])("takes from its template %s", (_, entry, part) => {
    expect(container(entry)).toMatchObject(part);
  });

  test("has what its build asked for by label, and the rest by its template", () => {
    const sized = { ...identity, size: { cpu: "4", memory: "8Gi" } };
    const pod = madePod({ cpu: 2, disk: "10Gi" }, agent, sized);
    expect(pod.spec.containers[0]?.resources).toEqual({
      requests: { cpu: "4", memory: "8Gi", "ephemeral-storage": "10Gi" },
      limits: { memory: "8Gi", "ephemeral-storage": "10Gi" },
    });
    expect(pod.metadata.annotations).toMatchObject({ "kubestack.io/size": '{"cpu":"4","memory":"8Gi"}' });
  });

  test("may use as much cpu as its build asked for, where its template limits that", () => {
    const limit = { pod: { spec: { containers: [{ name: "jnlp", resources: { limits: { cpu: "2" } } }] } } };
    const [container] = madePod(limit, agent, { ...identity, size: { cpu: "4" } }).spec.containers;
    expect(container?.resources).toMatchObject({ requests: { cpu: "4" }, limits: { cpu: "4" } });
  });

  test("has no command where the template names none: the image's own runs", () => {
    expect(Object.keys(container({}) ?? {})).not.toEqual(expect.arrayContaining(["command"]));
  });

  test("lets a template neither take the agent's variables over nor lose its own", () => {
    const env = container({ env: { KUBESTACK_AGENT_URL: "http://evil.example.org/", A: 1, B: true } })?.env;
    expect(Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))).toEqual({
      A: "1",
      B: "true",
      KUBESTACK_AGENT_WORKDIR: "/home/jenkins/agent",
      KUBESTACK_AGENT_URL: "http://ci.example.org/",
      KUBESTACK_AGENT_SECRET_FILE: "/run/kubestack/agent/secret",
    });
    expect(new Set(env?.map(({ name }) => name)).size).toBe(env?.length);
  });

  test("carries the master's further labels, and no label of a master can hide whose it is", () => {
    const podLabels = {
      "jenkins-agent": "true",
      "kubestack.io/install": "another",
      "app.kubernetes.io/managed-by": "me",
    };
    const { labels } = madePod({}, { ...agent, podLabels }).metadata;
    expect(labels).toEqual({ "jenkins-agent": "true", ...metadata.labels });
  });

  test("mounts nothing where the agent needs no secret", () => {
    const { spec } = madePod({}, { ...agent, secret: null });
    expect(spec.volumes.map(({ name }) => name)).toEqual(["workspace"]);
    expect(spec.containers[0]?.volumeMounts.map(({ name }) => name)).toEqual(["workspace"]);
  });

  test("keeps to the restricted pod security standard", () => {
    const { spec } = madePod({ command: ["sh"] });
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of spec.containers)
      expect(securityContext).toEqual({ allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } });
    expect(JSON.stringify(spec)).not.toMatch(/hostPath|hostNetwork|hostPID|hostPort|privileged/);
    expect(spec.automountServiceAccountToken).toBe(false);
  });
});

describe("a slave's Secret", () => {
  const secret = secretOf(identity, "uid-5", { secret: "hunter2" });

  test("is owned by its pod, bears the same marks, and never changes", () => {
    expect(secret).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        ...metadata,
        ownerReferences: [
          {
            apiVersion: "v1",
            kind: "Pod",
            name: identity.name,
            uid: "uid-5",
            controller: true,
            blockOwnerDeletion: false,
          },
        ],
      },
      immutable: true,
      type: "Opaque",
      stringData: { secret: "hunter2" },
    });
  });

  test("is the only place of the secret: the pod has but its name and path", () => {
    const pod = JSON.stringify(madePod());
    expect(pod).toContain(identity.name);
    expect(pod).not.toContain("hunter2");
    for (const { name, value } of madePod().spec.containers[0]?.env ?? [])
      if (/secret|token|password/i.test(name)) expect(value).toMatch(/^\//);
  });
});
