import { expect, test } from "vitest";
import type { JsonMap } from "../merge/json.ts";
import { referencesOf } from "./references.ts";

const container = (of: object) => ({ containers: [{ name: "agent", ...of }] });
const volume = (of: object) => ({ volumes: [{ name: "v", ...of }] });

test.each<[string, object, readonly string[]]>([
  ["a volume of a Secret", volume({ secret: { secretName: "a" } }), ["Secret/a"]],
  ["a volume of a ConfigMap", volume({ configMap: { name: "a" } }), ["ConfigMap/a"]],
  [
    "a projected volume",
    volume({ projected: { sources: [{ secret: { name: "a" } }, { configMap: { name: "b" } }, { downwardAPI: {} }] } }),
    ["Secret/a", "ConfigMap/b"],
  ],
  [
    "a token in a volume",
    volume({ projected: { sources: [{ serviceAccountToken: { path: "t" } }] } }),
    ["ServiceAccount/default"],
  ],
  ["a claim", volume({ persistentVolumeClaim: { claimName: "a" } }), ["PersistentVolumeClaim/a"]],
  [
    "a copy of another's volume",
    volume({ ephemeral: { volumeClaimTemplate: { spec: { dataSource: { kind: "VolumeSnapshot", name: "a" } } } } }),
    ["VolumeSnapshot/a"],
  ],
  ["a volume that reaches further", volume({ nfs: { server: "s", path: "/" } }), ["Volume/nfs"]],
  [
    "a driver's volume with a Secret",
    volume({ csi: { driver: "d", nodePublishSecretRef: { name: "a" } } }),
    ["Secret/a", "Volume/csi"],
  ],
  ["a folder of the machine, which its loosening tells", volume({ hostPath: { path: "/" } }), []],
  [
    "volumes that reach nothing",
    {
      volumes: [
        { name: "a", emptyDir: {} },
        { name: "b", downwardAPI: {} },
      ],
    },
    [],
  ],
  [
    "variables",
    container({ env: [{ name: "A", valueFrom: { secretKeyRef: { name: "a", key: "k" } } }] }),
    ["Secret/a"],
  ],
  [
    "all variables of an object",
    container({ envFrom: [{ secretRef: { name: "a" } }, { configMapRef: { name: "b" } }] }),
    ["Secret/a", "ConfigMap/b"],
  ],
  ["a pull secret", { imagePullSecrets: [{ name: "a" }] }, ["Secret/a"]],
  ["an account", { serviceAccountName: "builder" }, ["ServiceAccount/builder"]],
  ["the account that every pod has", { serviceAccountName: "default" }, []],
  ["classes", { priorityClassName: "high", runtimeClassName: "gvisor" }, ["PriorityClass/high", "RuntimeClass/gvisor"]],
  [
    "a claim of a device",
    { resourceClaims: [{ name: "g", resourceClaimTemplateName: "gpu" }] },
    ["ResourceClaimTemplate/gpu"],
  ],
  ["an init container's", { initContainers: [{ name: "i", envFrom: [{ secretRef: { name: "a" } }] }] }, ["Secret/a"]],
])("%s", (_, spec, objects) => {
  expect(referencesOf({ spec } as unknown as JsonMap).map(({ object }) => object)).toEqual(objects);
});
