import { describe, expect, test } from "vitest";
import { launchFaults, templateEntrySchema, templatesOf } from "./config.ts";
import { objectAnnotations, podAnnotations, slaveNameIn } from "./marks.ts";
import { podOf, secretOf } from "./pod.ts";
import { serviceOf } from "./services/service-object.ts";
import { agent, identity, template } from "./template.fixture.ts";

const claim = (mountPath: string) => ({ claim: { name: "workspaces", mountPath } });
const entriesOf = (...list: readonly Record<string, unknown>[]) =>
  list.map((one, at) => templateEntrySchema.parse({ name: `t${at}`, image: "i", labels: [`t${at}`], ...one }));
const faults = (...list: readonly Record<string, unknown>[]) =>
  launchFaults(entriesOf(...list)).map(({ path, message }) => `${path.join(".")} ${message}`);

describe("relaunch", () => {
  test("is the nearest word of a line, and none by default", () => {
    const line = entriesOf(
      { relaunch: 2, volumes: [claim("/home/jenkins/agent/workspace")] },
      { inheritFrom: ["t0"] },
      { inheritFrom: ["t0"], relaunch: 0 },
      {},
    );
    expect(templatesOf(line).map(({ relaunch }) => relaunch)).toEqual([2, 2, undefined, undefined]);
  });

  test.each([-1, 1.5, 10, "2", null])("of %j says what it must be", (relaunch) => {
    const { error } = templateEntrySchema.safeParse({ name: "t", image: "i", relaunch });
    expect(error?.issues.map(({ path, message }) => [path.join("."), message])).toEqual([
      ["relaunch", "must be a whole number from 0 to 9; correct it"],
    ]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["on the folder of workspaces", { volumes: [claim("/home/jenkins/agent/workspace")] }],
    ["on the agent's folder", { volumes: [claim("/home/jenkins/agent")] }],
    ["on a folder of one job", { volumes: [claim("/home/jenkins/agent/workspace/app")] }],
    ["where the template says that folder", { workDir: "/work/", volumes: [claim("/work/workspace/")] }],
    [
      "by another kind of volume that outlives its pod",
      { allow: ["volumes"], volumes: [{ nfs: { server: "nas", path: "/ws", mountPath: "/home/jenkins/agent" } }] },
    ],
    ["but not where none is launched", { labels: [] }],
    ["but not where no pod may follow", { relaunch: 0 }],
  ])("wants a volume that outlives a pod %s", (_, entry) => {
    expect(faults({ relaunch: 1, ...entry })).toEqual([]);
  });

  test.each<[string, Record<string, unknown>]>([
    ["nothing", {}],
    ["a volume of one pod", { volumes: [{ ephemeral: { size: "1Gi", mountPath: "/home/jenkins/agent/workspace" } }] }],
    ["a claim beside it", { volumes: [claim("/home/jenkins/agent/workspaces")] }],
    [
      "a claim that another volume hides",
      { volumes: [claim("/home/jenkins"), { name: "e", emptyDir: { mountPath: "/home/jenkins/agent" } }] },
    ],
  ])("with %s to go on with is a fault", (_, entry) => {
    expect(faults({ relaunch: 1, ...entry })).toEqual([
      "0.relaunch lets another pod follow a lost one, but nothing that outlives a pod is mounted at /home/jenkins/agent/workspace of container jnlp (ephemeral, perBuild and emptyDir go with their pod); mount a claim there, or leave relaunch out",
    ]);
  });
});

describe("the second pod of a slave", () => {
  const second = { ...identity, attempt: 2 };
  const name = `${identity.name}-2`;

  test("has a name of its own, as its Secret has; who owns what, and whose it is, is told", () => {
    const pod = podOf(template(), second, agent);
    const secret = secretOf(second, "uid-9", {});
    expect([pod.metadata.name, secret.metadata.name]).toEqual([name, name]);
    expect(pod.spec.volumes).toContainEqual({ name: "agent-secret", secret: { secretName: name, defaultMode: 0o440 } });
    for (const { labels, annotations } of [pod.metadata, secret.metadata])
      expect({ labels, annotations }).toMatchObject({
        labels: { "kubestack.io/slave": identity.name },
        annotations: { "kubestack.io/attempt": "2", "kubestack.io/nonce": identity.nonce },
      });
    expect(secret.metadata.ownerReferences).toMatchObject([{ kind: "Pod", name, uid: "uid-9" }]);
  });

  test("is reached by the same Services, which it owns", () => {
    const service = { name: "db", port: 1, targetPort: 1, protocol: "TCP", headless: true } as const;
    const made = serviceOf(second, "uid-9", service);
    expect(made.metadata).toMatchObject({ name: `${identity.name}-db`, ownerReferences: [{ name, uid: "uid-9" }] });
    expect(made.spec).toEqual(serviceOf(identity, "uid-1", service).spec);
  });

  test("leaves every pod without one as it was", () => {
    expect(podAnnotations({ ...identity, attempt: 1 })).toEqual(podAnnotations(identity));
    expect(Object.keys(objectAnnotations(identity))).not.toContain("kubestack.io/attempt");
  });

  test("bears its slave's name, for whoever knows its number", () => {
    expect(slaveNameIn({ name, annotations: podAnnotations(second) })).toBe(identity.name);
    expect(slaveNameIn({ name: identity.name, annotations: podAnnotations(identity) })).toBe(identity.name);
    expect(slaveNameIn({ name: "another", annotations: podAnnotations(second) })).toBe("another");
  });
});
