import { describe, expect, test } from "vitest";
import { allowances, looseningOf } from "./loosening.ts";
import type { JsonMap } from "./merge/json.ts";
import { merged } from "./merge/merge.ts";
import { podOfEntry } from "./pod-layers.ts";

/** A template's pod of these additions. */
const made = (spec: JsonMap): JsonMap => podOfEntry({ name: "t", image: "i", pod: { spec } }, []).pod;
const inside = (fields: JsonMap): JsonMap => ({ containers: [{ name: "jnlp", ...fields }] });
const context = (fields: JsonMap): JsonMap => inside({ securityContext: fields });

describe("a pod that is not restricted", () => {
  const cases: [string, JsonMap, string, string][] = [
    ["privileged", context({ privileged: true }), "privileged", "spec.containers.0.securityContext.privileged"],
    [
      "escalating",
      context({ allowPrivilegeEscalation: true }),
      "privilegeEscalation",
      "spec.containers.0.securityContext.allowPrivilegeEscalation",
    ],
    [
      "that deletes what keeps it from escalating",
      context({ allowPrivilegeEscalation: true, capabilities: { drop: ["ALL"] } }),
      "privilegeEscalation",
      "spec.containers.0.securityContext.allowPrivilegeEscalation",
    ],
    ["as root", context({ runAsUser: 0 }), "root", "spec.containers.0.securityContext.runAsUser"],
    [
      "as root if the image likes",
      context({ runAsNonRoot: false }),
      "root",
      "spec.containers.0.securityContext.runAsNonRoot",
    ],
    [
      "as root if the image likes, by the pod",
      { securityContext: { runAsNonRoot: false } },
      "root",
      "spec.containers.0.securityContext.runAsNonRoot",
    ],
    [
      "with a capability",
      context({ capabilities: { add: ["SYS_ADMIN"] } }),
      "capabilities",
      "spec.containers.0.securityContext.capabilities",
    ],
    [
      "with the usual capabilities",
      context({ capabilities: { drop: [] } }),
      "capabilities",
      "spec.containers.0.securityContext.capabilities",
    ],
    [
      "without seccomp",
      context({ seccompProfile: { type: "Unconfined" } }),
      "seccomp",
      "spec.containers.0.securityContext.seccompProfile",
    ],
    [
      "without seccomp, by the pod",
      { securityContext: { seccompProfile: { type: "Unconfined" } } },
      "seccomp",
      "spec.containers.0.securityContext.seccompProfile",
    ],
    [
      "that sees the host's processes' files",
      context({ procMount: "Unmasked" }),
      "procMount",
      "spec.containers.0.securityContext.procMount",
    ],
    [
      "with a port of the machine",
      inside({ ports: [{ containerPort: 80, hostPort: 80 }] }),
      "hostPorts",
      "spec.containers.0.ports.0.hostPort",
    ],
    ["in the host's network", { hostNetwork: true }, "hostNamespaces", "spec.hostNetwork"],
    ["among the host's processes", { hostPID: true }, "hostNamespaces", "spec.hostPID"],
    ["in the host's shared memory", { hostIPC: true }, "hostNamespaces", "spec.hostIPC"],
    [
      "with a folder of the machine",
      { volumes: [{ name: "v", hostPath: { path: "/" } }] },
      "hostPath",
      "spec.volumes.1.hostPath",
    ],
    [
      "with a volume of a kind that reaches beyond the cluster",
      { volumes: [{ name: "v", nfs: { server: "nas", path: "/" } }] },
      "volumes",
      "spec.volumes.1.nfs",
    ],
    ["with another service account", { serviceAccountName: "deployer" }, "serviceAccount", "spec.serviceAccountName"],
    [
      "with a token for the API",
      { automountServiceAccountToken: true },
      "serviceAccount",
      "spec.automountServiceAccountToken",
    ],
    [
      "with settings of the kernel",
      { securityContext: { sysctls: [{ name: "net.core.somaxconn", value: "9" }] } },
      "sysctls",
      "spec.securityContext.sysctls",
    ],
    [
      "with a Windows process of the host",
      { os: { name: "windows" }, ...context({ windowsOptions: { hostProcess: true } }) },
      "windowsHostProcess",
      "spec.containers.0.securityContext.windowsOptions.hostProcess",
    ],
    [
      "in a first container, too",
      { initContainers: [{ name: "f", securityContext: { privileged: true } }] },
      "privileged",
      "spec.initContainers.0.securityContext.privileged",
    ],
  ];

  test.each(cases)("%s needs to be allowed that", (_, spec, needs, path) => {
    expect(looseningOf(made(spec)).map(([what, at]) => [what, at.join(".")])).toEqual([[needs, path]]);
  });

  test("has each allowance's case above", () => {
    expect([...new Set(cases.map(([, , needs]) => needs))].toSorted()).toEqual([...allowances]);
  });
});

test("a pod that says little needs nothing, on Windows neither, nor one that binds a low port", () => {
  for (const spec of [{}, { os: { name: "windows" } }, context({ capabilities: { add: ["NET_BIND_SERVICE"] } })])
    expect(looseningOf(made(spec))).toEqual([]);
});

test("null does not loosen: what is deleted is restricted again", () => {
  expect(looseningOf(made({ securityContext: null, automountServiceAccountToken: null }))).toEqual([
    ["serviceAccount", ["spec", "automountServiceAccountToken"]],
  ]);
  expect(looseningOf(made(context({ capabilities: null, allowPrivilegeEscalation: null })))).toEqual([]);
});

test("a pod of any other making is judged by what it leaves open", () => {
  const bare = merged({}, { spec: { automountServiceAccountToken: false, containers: [{ name: "a", image: "i" }] } });
  expect(looseningOf(bare).map(([needs]) => needs)).toEqual(["root", "privilegeEscalation", "capabilities", "seccomp"]);
});
