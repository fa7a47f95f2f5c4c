import { KubestackError, type SlaveRecord } from "@kubestack/contracts";
import type { V1Pod } from "@kubestack/kubernetes";
import type { Intent, SlaveEvent } from "@kubestack/slave";
import { podOf, secretOf } from "@kubestack/templates";
import { beforeEach, describe, expect, test } from "vitest";
import type { AttachTarget } from "../attach/attach-mode.ts";
import { carryOut, type EffectTools } from "../effects.ts";
import { FakeAttach } from "../fake-attach.fixture.ts";
import { FakeCluster } from "../fake-cluster.fixture.ts";
import { identityOf } from "../identity.ts";
import { type MemoryBus, memoryBus } from "../memory-bus.fixture.ts";
import { recordIn, template } from "../slave-record.fixture.ts";

let bus: MemoryBus;
let cluster: FakeCluster;
let tools: EffectTools;

beforeEach(() => {
  bus = memoryBus();
  cluster = new FakeCluster();
  tools = {
    bus,
    cluster: cluster.cluster,
    attach: new FakeAttach().mode,
    target: {} as AttachTarget,
    template: () => template(),
    templatesAreWhole: () => true,
    mayHaveNewPod: () => true,
    mayComeBack: () => true,
    masterIsKnown: () => true,
    knownSession: () => "one",
    describe: ({ name }) => name,
  };
});

/** What happened, of an intent that one thing comes of at most. */
async function happened(slave: SlaveRecord, intent: Intent, with_ = tools): Promise<SlaveEvent | undefined> {
  const events = await carryOut(slave, intent, with_);
  expect(events.length).toBeLessThan(2);
  return events[0];
}

describe("keeping the pod", () => {
  const failed = { because: "it failed" };
  const url = "job/a/1/";
  const wanted = (): SlaveRecord => {
    const { life, ...rest } = recordIn("draining");
    return { ...rest, life: { ...life, limits: { ...life.limits, retain: { when: "onFailure", forMs: 60_000 } } } };
  };
  const there = (slave: SlaveRecord): SlaveRecord => {
    const { uid } = cluster.put(
      podOf(template(), identityOf(slave), {
        env: {},
        secret: null,
        podLabels: {},
        program: "start-agent",
      }) as unknown as V1Pod,
    );
    return { ...slave, life: { ...slave.life, pod: { ...slave.life.pod, uid } } };
  };
  /** A master that tells this of its build. */
  const told = (readBuild: () => Promise<unknown>): EffectTools => ({
    ...tools,
    target: { ...tools.target, master: { readBuild } as unknown as NonNullable<AttachTarget["master"]> },
  });

  test("stops it, and says on it until when it is kept and why; once more is once", async () => {
    const slave = there(wanted());
    const until = bus.time + 60_000;
    for (const _again of [1, 2])
      expect(await happened(slave, { type: "retainPod", params: failed })).toMatchObject({
        type: "pod.retained",
        until,
        because: "it failed",
      });
    expect(cluster.pods.get(slave.name)).toMatchObject({
      metadata: {
        annotations: {
          "kubestack.io/retained-until": new Date(until).toISOString(),
          "kubestack.io/retained-because": "it failed",
          "kubestack.io/nonce": slave.nonce,
        },
      },
      status: { phase: "Failed" },
    });
  });

  test.each<[string, () => Promise<unknown>, SlaveEvent["type"]]>([
    ["failed: it is kept", async () => ({ result: "FAILURE" }), "pod.retained"],
    ["succeeded: it is not", async () => ({ result: "SUCCESS" }), "retention.declined"],
    ["was aborted by somebody: it is not", async () => ({ result: "ABORTED" }), "retention.declined"],
    [
      "is not over, as a pipeline is not with its block: it is not",
      async () => ({ result: null }),
      "retention.declined",
    ],
    ["is not told, the master is away: it is not", () => Promise.reject(new Error("away")), "retention.declined"],
  ])("asks for the build's result where it hangs on that, which %s", async (_, readBuild, expected) => {
    const asked: Intent = { type: "retainPod", params: { because: `${url} failed`, ifFailed: url } };
    expect(await happened(there(wanted()), asked, told(readBuild))).toMatchObject({ type: expected });
  });

  test("a pod that is gone, or another's, is gone; an account without the right deletes it instead", async () => {
    expect(await happened(wanted(), { type: "retainPod", params: failed })).toMatchObject({ type: "pod.gone" });
    const slave = there(wanted());
    const other = { ...slave, life: { ...slave.life, pod: { ...slave.life.pod, uid: "other" } } };
    expect(await happened(other, { type: "retainPod", params: failed })).toMatchObject({ type: "pod.gone" });
    cluster.stopRefusal = new KubestackError("cluster-refused", "cannot patch resource pods");
    expect(await happened(slave, { type: "retainPod", params: failed })).toMatchObject({ type: "retention.declined" });
  });

  test("its Secret does not wait for its owner to go", async () => {
    const slave = there(wanted());
    const { uid } = slave.life.pod;
    await cluster.calls.createSecret(slave.namespace, secretOf(identityOf(slave), uid ?? "", { secret: "x" }));
    const retained = { at: bus.time, until: bus.time + 1, because: "so" };
    const kept = { ...slave, life: { ...slave.life, pod: { ...slave.life.pod, retained } } };
    expect(await happened(kept, { type: "confirmSecretGone", params: {} })).toBeUndefined();
    expect(cluster.secrets.size).toBe(0);
    expect(await happened(kept, { type: "confirmSecretGone", params: {} })).toMatchObject({ type: "secret.gone" });
  });
});
