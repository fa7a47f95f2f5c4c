import { describe, expect, test } from "vitest";
import { launchFaults, type TemplateEntry, templateEntrySchema, templateOf } from "../config.ts";
import type { JsonMap } from "../merge/json.ts";
import { podOf } from "../pod.ts";
import { identity } from "../template.fixture.ts";

const entriesOf = (list: readonly object[]): TemplateEntry[] => list.map((one) => templateEntrySchema.parse(one));

/** The last of a line of templates, each standing on the one before. */
function made(...list: readonly Record<string, unknown>[]) {
  const all = entriesOf(
    list.map((one, at) => ({
      name: `t${at}`,
      ...(at === 0 ? { image: "i" } : { inheritFrom: [`t${at - 1}`] }),
      ...one,
    })),
  );
  const spec = templateOf(all.at(-1) as TemplateEntry, all).pod.spec as unknown as Spec;
  const agent = spec.containers.find(({ name }) => name === "jnlp");
  return {
    volumes: spec.volumes.filter(({ name }) => name !== "workspace"),
    mounts: agent?.volumeMounts.filter(({ name }) => name !== "workspace"),
    spec,
  };
}

interface Spec {
  readonly volumes: readonly (JsonMap & { readonly name: string })[];
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
}
interface Container {
  readonly name: string;
  readonly volumeMounts: readonly JsonMap[];
}

const claim = (spec: JsonMap): JsonMap => ({
  ephemeral: { volumeClaimTemplate: { spec: { accessModes: ["ReadWriteOnce"], ...spec } } },
});
const ofSize = (storage: string): JsonMap => ({ resources: { requests: { storage } } });

describe("a volume of each kind", () => {
  test.each<[string, JsonMap, JsonMap, JsonMap]>([
    [
      "a claim for one pod",
      { ephemeral: { size: "20Gi", storageClass: "fast", mountPath: "/cache" } },
      { name: "cache", ...claim({ ...ofSize("20Gi"), storageClassName: "fast" }) },
      { name: "cache", mountPath: "/cache" },
    ],
    [
      "a claim of the default class, as the size says",
      { perBuild: { size: 5, accessMode: "ReadWriteOncePod", mountPath: "/home/jenkins/.m2" } },
      {
        name: "home-jenkins-m2",
        ...claim({ accessModes: ["ReadWriteOncePod"], ...ofSize("5") }),
      },
      { name: "home-jenkins-m2", mountPath: "/home/jenkins/.m2" },
    ],
    [
      "a claim that is there",
      { claim: { name: "m2", readOnly: true, mountPath: "/m2" } },
      { name: "m2", persistentVolumeClaim: { claimName: "m2", readOnly: true } },
      { name: "m2", mountPath: "/m2", readOnly: true },
    ],
    [
      "memory",
      { name: "shm", emptyDir: { size: "1Gi", medium: "Memory", mountPath: "/dev/shm" } },
      { name: "shm", emptyDir: { sizeLimit: "1Gi", medium: "Memory" } },
      { name: "shm", mountPath: "/dev/shm" },
    ],
    [
      "a ConfigMap",
      { configMap: { name: "maven", mountPath: "/etc/maven" } },
      { name: "etc-maven", configMap: { name: "maven" } },
      { name: "etc-maven", mountPath: "/etc/maven" },
    ],
    [
      "a Secret",
      { secret: { name: "netrc", mountPath: "/run/netrc" } },
      { name: "run-netrc", secret: { secretName: "netrc" } },
      { name: "run-netrc", mountPath: "/run/netrc" },
    ],
    [
      "a server's folder",
      { nfs: { server: "nas", path: "/vol", readOnly: true, mountPath: "/" } },
      { name: "root", nfs: { server: "nas", path: "/vol", readOnly: true } },
      { name: "root", mountPath: "/", readOnly: true },
    ],
    [
      "the machine's folder",
      { hostPath: { path: "/dev/kvm", type: "CharDevice", mountPath: "/dev/kvm" } },
      { name: "dev-kvm", hostPath: { path: "/dev/kvm", type: "CharDevice" } },
      { name: "dev-kvm", mountPath: "/dev/kvm" },
    ],
  ])("%s", (_, volume, expected, mount) => {
    const { volumes, mounts } = made({ volumes: [volume] });
    expect([volumes, mounts]).toEqual([[expected], [mount]]);
  });

  test("may be the agent's folder, by its name or by its place", () => {
    const ephemeral = { size: "50Gi", mountPath: "/home/jenkins/agent" };
    const named = made({ volumes: [{ name: "workspace", ephemeral }] }).spec;
    expect(named.volumes).toEqual([{ name: "workspace", ...claim(ofSize("50Gi")) }]);
    const placed = made({ volumes: [{ ephemeral }] }).spec;
    expect(placed.containers[0]?.volumeMounts).toEqual([
      { name: "home-jenkins-agent", mountPath: "/home/jenkins/agent" },
    ]);
  });
});

describe("where it is mounted", () => {
  const pod = {
    spec: { initContainers: [{ name: "first", image: "f" }], containers: [{ name: "db", image: "d" }] },
  };
  const inside = (containers?: readonly string[]): string[] => {
    const { spec } = made({
      pod,
      volumes: [{ emptyDir: { mountPath: "/x", ...(containers === undefined ? {} : { containers }) } }],
    });
    return [...(spec.initContainers ?? []), ...spec.containers]
      .filter(({ volumeMounts = [] }) => volumeMounts.some(({ mountPath }) => mountPath === "/x"))
      .map(({ name }) => name);
  };

  test.each<[string, readonly string[] | undefined, readonly string[]]>([
    ["the agent's container, where nothing is said", undefined, ["jnlp"]],
    ["those that are named", ["db", "first"], ["first", "db"]],
    ["all of them", ["*"], ["first", "jnlp", "db"]],
  ])("is %s", (_, containers, expected) => expect(inside(containers)).toEqual(expected));
});

describe("what a child says of a volume is merged with what its parents say, by name", () => {
  const cache = { ephemeral: { size: "20Gi", storageClass: "fast", mountPath: "/cache" } };
  const fast = { storageClassName: "fast" };

  test.each<[string, Record<string, unknown>, readonly JsonMap[], readonly JsonMap[]]>([
    [
      "nothing",
      {},
      [{ name: "cache", ...claim({ ...ofSize("20Gi"), ...fast }) }],
      [{ name: "cache", mountPath: "/cache" }],
    ],
    [
      "its size alone",
      { volumes: [{ name: "cache", ephemeral: { size: "50Gi" } }] },
      [{ name: "cache", ...claim({ ...ofSize("50Gi"), ...fast }) }],
      [{ name: "cache", mountPath: "/cache" }],
    ],
    [
      "its size, by the place",
      { volumes: [{ perBuild: { size: "50Gi", mountPath: "/cache" } }] },
      [{ name: "cache", ...claim({ ...ofSize("50Gi"), ...fast }) }],
      [{ name: "cache", mountPath: "/cache" }],
    ],
    [
      "the default class",
      { volumes: [{ name: "cache", ephemeral: { storageClass: null } }] },
      [{ name: "cache", ...claim(ofSize("20Gi")) }],
      [{ name: "cache", mountPath: "/cache" }],
    ],
    [
      "another place",
      { volumes: [{ name: "cache", ephemeral: { mountPath: "/c2", readOnly: true } }] },
      [{ name: "cache", ...claim({ ...ofSize("20Gi"), ...fast }) }],
      [{ name: "cache", mountPath: "/c2", readOnly: true }],
    ],
    [
      "another kind, in the same place",
      { volumes: [{ name: "cache", emptyDir: { medium: "Memory" } }] },
      [{ name: "cache", emptyDir: { medium: "Memory" } }],
      [{ name: "cache", mountPath: "/cache" }],
    ],
    [
      "two that change places",
      {
        volumes: [
          { name: "other", emptyDir: { mountPath: "/cache" } },
          { name: "cache", ephemeral: { mountPath: "/c2" } },
        ],
      },
      [
        { name: "cache", ...claim({ ...ofSize("20Gi"), ...fast }) },
        { name: "other", emptyDir: {} },
      ],
      [
        { name: "other", mountPath: "/cache" },
        { name: "cache", mountPath: "/c2" },
      ],
    ],
    ["that there is none", { volumes: [{ name: "cache", $patch: "delete" }] }, [], []],
    ["that there are none", { volumes: null }, [], []],
    [
      "more, in its pod",
      { pod: { spec: { volumes: [{ name: "cache", emptyDir: {} }] } } },
      [{ name: "cache", emptyDir: {} }],
      [{ name: "cache", mountPath: "/cache" }],
    ],
  ])("%s", (_, child, volumes, mounts) => {
    const { spec: _all, ...told } = made({ volumes: [cache] }, child);
    expect({ ...told, volumes: told.volumes.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }).toEqual({
      volumes,
      mounts,
    });
  });

  test("a grandchild's short form is stronger than its parent's pod", () => {
    const inPod = { pod: { spec: { volumes: [{ name: "cache", emptyDir: {} }] } } };
    const { volumes } = made({ volumes: [cache] }, inPod, { volumes: [{ name: "cache", secret: { name: "s" } }] });
    expect(volumes).toEqual([{ name: "cache", secret: { secretName: "s" } }]);
  });
});

test("each claim that the cluster makes for a pod bears its slave's marks, whichever form asks for it", () => {
  const inPod = { name: "b", ephemeral: { volumeClaimTemplate: { metadata: { labels: { mine: "1" } }, spec: {} } } };
  const all = entriesOf([
    {
      name: "t",
      image: "i",
      volumes: [{ ephemeral: { size: "1Gi", mountPath: "/a" } }],
      pod: { spec: { volumes: [inPod] } },
    },
  ]);
  const template = templateOf(all[0] as TemplateEntry, all);
  const pod = podOf(template, identity, { env: {}, secret: null, podLabels: {}, program: "start-agent" });
  const { volumes } = pod.spec as unknown as { volumes: readonly { ephemeral?: JsonMap }[] };
  const own = { "kubestack.io/slave": identity.name, "app.kubernetes.io/managed-by": "kubestack" };
  expect(volumes.flatMap(({ ephemeral }) => ephemeral?.volumeClaimTemplate ?? [])).toEqual([
    { metadata: { labels: expect.objectContaining(own) }, spec: expect.anything() },
    { metadata: { labels: expect.objectContaining({ ...own, mine: "1" }) }, spec: {} },
  ]);
});

describe("volumes that are wrong", () => {
  const kinds = "ephemeral, perBuild, claim, emptyDir, configMap, secret, nfs, hostPath";
  test.each<[unknown, string, string]>([
    ["cache", "volumes", "must be a list of volumes; correct it"],
    [[{ name: "a" }], "volumes.0", `must say exactly one of ${kinds}; correct it`],
    [[{ emptyDir: { mountPath: "/a" }, claim: {} }], "volumes.0", `must say exactly one of ${kinds}; correct it`],
    [[{ emptyDir: {} }], "volumes.0", "must say a mountPath, or a name; add one"],
    [
      [{ emptyDir: { mountPath: "a" } }],
      "volumes.0.emptyDir.mountPath",
      "must be an absolute path without colons, such as /cache; correct it",
    ],
    [
      [{ ephemeral: { size: "20GB", mountPath: "/a" } }],
      "volumes.0.ephemeral.size",
      "is no quantity; write it as 500m, 2 or 4Gi",
    ],
    [
      [{ emptyDir: { mountPath: "/a" } }, { secret: { mountPath: "/A" } }],
      "volumes.1",
      "has the name of entry 0 (a); give each its own",
    ],
    [
      [{ $patch: "delete", emptyDir: { mountPath: "/a" } }],
      "volumes.0",
      "must say a name and nothing else to delete; correct it",
    ],
  ])("%j says so", (volumes, path, message) => {
    const { error } = templateEntrySchema.safeParse({ name: "t", image: "i", volumes });
    expect(error?.issues.map((issue) => [issue.path.join("."), issue.message])).toEqual([[path, message]]);
  });

  const faults = (...list: Record<string, unknown>[]) =>
    launchFaults(entriesOf(list)).map(({ path, message }) => `${path.join(".")} ${message}`);

  test.each<[string, Record<string, unknown>, string[]]>([
    [
      "no size, no name, no server",
      {
        volumes: [
          { name: "a", ephemeral: {} },
          { name: "b", claim: {} },
          { name: "c", nfs: { path: "/x" } },
        ],
        allow: ["volumes"],
      },
      [
        "0.volumes says no size of ephemeral a; add it",
        "0.volumes says no name of claim b; add it",
        "0.volumes says no server of nfs c; add it",
      ],
    ],
    [
      "a claim for each build of slaves that run three",
      { builds: 3, volumes: [{ perBuild: { size: "1Gi", mountPath: "/a" } }] },
      ["0.volumes has a as perBuild, of slaves that run 3 builds; say builds: 1, or ephemeral"],
    ],
    [
      "a claim for each build of slaves that run any number",
      { builds: 0, volumes: [{ perBuild: { size: "1Gi", mountPath: "/a" } }] },
      ["0.volumes has a as perBuild, of slaves that run any number of builds; say builds: 1, or ephemeral"],
    ],
    [
      "a container that is not there",
      { volumes: [{ emptyDir: { mountPath: "/a", containers: ["db"] } }] },
      ["0.volumes mounts a into container db, which the pod does not have; correct it"],
    ],
    [
      "two in one place",
      { volumes: [{ emptyDir: { mountPath: "/a" } }, { name: "b", emptyDir: { mountPath: "/a" } }] },
      ["0.volumes mounts b at /a of container jnlp, as it does a; correct one"],
    ],
    [
      "what only some may have",
      {
        volumes: [{ hostPath: { path: "/h", mountPath: "/h" } }, { nfs: { server: "s", path: "/n", mountPath: "/n" } }],
      },
      [
        "0.allow lacks hostPath, which the pod's spec.volumes.1.hostPath needs; add it, or remove that",
        "0.allow lacks volumes, which the pod's spec.volumes.2.nfs needs; add it, or remove that",
      ],
    ],
    [
      "nothing, where that is allowed",
      { allow: ["hostPath"], volumes: [{ hostPath: { path: "/h", mountPath: "/h" } }] },
      [],
    ],
    ["nothing, where slaves run one build", { volumes: [{ perBuild: { size: "1Gi", mountPath: "/a" } }] }, []],
  ])("%s: told before anything is launched", (_, entry, expected) =>
    expect(faults({ name: "t", image: "i", labels: ["t"], ...entry })).toEqual(expected),
  );

  test("what a parent leaves out is its child's to say", () => {
    const parent = { name: "p", image: "i", volumes: [{ ephemeral: { mountPath: "/a" } }] };
    expect(faults(parent, { name: "t", labels: ["t"], inheritFrom: ["p"] })).toEqual([
      "1.volumes says no size of ephemeral a; add it",
    ]);
    const child = { volumes: [{ name: "a", ephemeral: { size: "1Gi" } }] };
    expect(faults(parent, { name: "t", labels: ["t"], inheritFrom: ["p"], ...child })).toEqual([]);
  });
});
