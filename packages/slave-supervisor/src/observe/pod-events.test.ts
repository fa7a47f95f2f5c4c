import type { ContainerObservation, PodObservation } from "@kubestack/kubernetes";
import { step } from "@kubestack/slave";
import { describe, expect, test } from "vitest";
import { recordIn } from "../slave-record.fixture.ts";
import { eventsOfPod, hasFailed, isBeingInjected, tellingContainer, waitOf } from "./pod-events.ts";

const at = 2_000_000;

function container(changed: Partial<ContainerObservation> = {}): ContainerObservation {
  return {
    name: "jnlp",
    isInit: false,
    state: "waiting",
    reason: "",
    message: "",
    exitCode: null,
    startedAt: null,
    finishedAt: null,
    imageId: "",
    ...changed,
  };
}

function pod(changed: Partial<PodObservation> = {}): PodObservation {
  return {
    name: "ks-m-abcd1",
    uid: "uid-1",
    resourceVersion: "1",
    phase: "Pending",
    reason: "",
    message: "",
    nodeName: "node-1",
    deletionTimestamp: null,
    graceSeconds: null,
    disruption: null,
    ready: false,
    createdAt: 0,
    scheduledAt: null,
    unschedulable: null,
    containers: [],
    labels: {},
    annotations: {},
    ...changed,
  };
}

const running = container({ state: "running", imageId: "sha256:1" });

describe("what a pod waits for", () => {
  test.each<[string, Partial<PodObservation>, string, string]>([
    ["a node", { nodeName: null }, "node", ""],
    [
      "a node, and why",
      { nodeName: null, unschedulable: "0/3 nodes are available" },
      "node",
      "0/3 nodes are available",
    ],
    [
      "its start, where its containers are made",
      { containers: [container({ reason: "ContainerCreating" })] },
      "start",
      "",
    ],
    ["its start, where nothing is told yet", {}, "start", ""],
    [
      "an image that can't be pulled",
      { containers: [container({ reason: "ErrImagePull", message: "no such host" })] },
      "image",
      "jnlp: ErrImagePull no such host",
    ],
    [
      "an image that is tried for again",
      { containers: [container({ reason: "ImagePullBackOff" })] },
      "image",
      "jnlp: ImagePullBackOff",
    ],
    [
      "an image whose name is none",
      { containers: [container({ reason: "InvalidImageName" })] },
      "image",
      "jnlp: InvalidImageName",
    ],
    [
      "the image of an init container",
      { containers: [container({ name: "init", isInit: true, reason: "ErrImagePull" }), container()] },
      "image",
      "init: ErrImagePull",
    ],
    [
      "its start, where it can't be made",
      { containers: [container({ reason: "CreateContainerConfigError", message: "secret not found", imageId: "x" })] },
      "start",
      "jnlp: CreateContainerConfigError secret not found",
    ],
    ["the agent, once its container runs", { containers: [running] }, "agent", ""],
    [
      "the agent, though a sidecar's image can't be pulled",
      { containers: [running, container({ name: "db", reason: "ErrImagePull" })] },
      "agent",
      "",
    ],
    [
      "its start, while only a sidecar runs",
      { containers: [{ ...running, name: "db" }, container({ reason: "ContainerCreating" })] },
      "start",
      "",
    ],
  ])("is %s", (_, changed, waitsOn, detail) => {
    expect(waitOf(pod(changed))).toMatchObject({ waitsOn, detail });
  });

  test("is told in at most 500 letters", () => {
    const message = "x".repeat(2000);
    expect(waitOf(pod({ containers: [container({ reason: "ErrImagePull", message })] })).detail).toHaveLength(500);
  });
});

describe("the end of a pod", () => {
  test("is told once, with what it was lost by", () => {
    const slave = recordIn("online");
    const oom = pod({ containers: [container({ state: "terminated", exitCode: 137, reason: "OOMKilled" })] });
    const [event] = eventsOfPod(oom, slave.life, at);
    expect(event).toMatchObject({ type: "pod.ended", failure: "out-of-memory", at });
    if (event === undefined) throw new Error("no event");
    const { life } = step(slave.state, slave.life, event);
    expect(life.failure).toEqual({ class: "out-of-memory" });
    expect(eventsOfPod(oom, life, at + 1)).toEqual([]);
  });

  test("that is being deleted should be gone after its grace, counted from when that was seen (H29)", () => {
    const { state, life } = recordIn("draining");
    const going = pod({ deletionTimestamp: 5, graceSeconds: 10, containers: [running] });
    const [leaving, end] = eventsOfPod(going, life, at);
    expect([leaving, end?.type]).toEqual([{ type: "pod.leaving", goneBy: at + 10_000, at }, "pod.ended"]);
    if (leaving === undefined) throw new Error("no event");
    expect(eventsOfPod(going, step(state, life, leaving).life, at + 1).map(({ type }) => type)).toEqual(["pod.ended"]);
  });

  test.each<[string, Partial<PodObservation>]>([
    ["a sidecar ended", { containers: [running, container({ name: "db", state: "terminated", exitCode: 0 })] }],
    [
      "an init container ended well",
      { containers: [container({ name: "i", isInit: true, state: "terminated", exitCode: 0 }), running] },
    ],
  ])("is not there where %s", (_, changed) => {
    expect(eventsOfPod(pod(changed), recordIn("online").life, at).some(({ type }) => type === "pod.ended")).toBe(false);
  });
});

describe("what tells why no agent came", () => {
  const injecting = (state: ContainerObservation["state"], exitCode: number | null = null) =>
    container({ name: "kubestack-agent", isInit: true, state, exitCode });
  const ended = container({ state: "terminated", exitCode: 12 });

  test.each<[string, ContainerObservation[], string, boolean, boolean]>([
    ["the agent, in a pod that brings it", [running], "jnlp", false, false],
    ["the agent that failed", [ended], "jnlp", true, false],
    ["what puts it in, before it begins", [injecting("waiting"), container()], "kubestack-agent", false, false],
    ["or while it does", [injecting("running"), container()], "kubestack-agent", false, true],
    ["or when it failed", [injecting("terminated", 14), container()], "kubestack-agent", true, false],
    ["the agent that was put in", [injecting("terminated", 0), running], "jnlp", false, false],
    ["or failed then", [injecting("terminated", 0), ended], "jnlp", true, false],
    [
      "the agent, beside one of that name that is no init container",
      [{ ...running, name: "kubestack-agent" }, ended],
      "jnlp",
      true,
      false,
    ],
    [
      "the agent, where another init container failed",
      [{ ...injecting("terminated", 1), name: "first" }, container()],
      "jnlp",
      false,
      false,
    ],
  ])("is %s", (_, containers, told, failed, isInjecting) => {
    const seen = pod({ containers });
    expect([tellingContainer(seen), hasFailed(seen), isBeingInjected(seen)]).toEqual([told, failed, isInjecting]);
  });
});

describe("the progress of a pod", () => {
  /** The wait's clock after each of these states of the pod, a second apart. */
  function clocks(states: Partial<PodObservation>[]): [string, number][] {
    let { state, life } = recordIn("scheduled");
    return states.map((changed, index) => {
      for (const event of eventsOfPod(pod(changed), life, at + index * 1000))
        ({ state, life } = step(state, life, event));
      return [life.pod.waitsOn, life.pod.waitsSince];
    });
  }

  const pulling = (reason: string, name = "jnlp") => ({ containers: [container({ name, reason })] });

  test("starts a clock for each wait", () => {
    expect(
      clocks([
        { nodeName: null, unschedulable: "no node" },
        pulling("ContainerCreating"),
        pulling("ErrImagePull"),
        pulling("ContainerCreating"),
        { containers: [running] },
      ]),
    ).toEqual([
      ["node", 1_001_000],
      ["start", at + 1000],
      ["image", at + 2000],
      ["start", at + 3000],
      ["agent", at + 4000],
    ]);
  });

  test("keeps what is wrong, and since when, while error and back-off alternate; another image begins anew", () => {
    let { state, life } = recordIn("scheduled");
    const failed = (reason: string, message: string, name = "jnlp") => ({
      containers: [container({ name, reason, message })],
    });
    const told = [
      failed("ErrImagePull", "x: not found"),
      failed("ImagePullBackOff", 'Back-off pulling image "x"'),
      failed("ErrImagePull", "x: not found"),
      failed("ErrImagePull", "429 Too Many Requests"),
      failed("ImagePullBackOff", 'Back-off pulling image "y"', "init"),
      { containers: [running] },
    ].map((changed, index) => {
      for (const event of eventsOfPod(pod(changed), life, at + index * 1000))
        ({ state, life } = step(state, life, event));
      return life.pod.trouble;
    });
    const missing = { class: "image-not-found", since: at };
    expect(told).toEqual([missing, missing, missing, { class: "image-pull", since: at + 3000 }, null, null]);
  });

  test("does not start the pull's clock again while error and back-off alternate", () => {
    const clock = clocks([
      pulling("ErrImagePull"),
      pulling("ImagePullBackOff"),
      pulling("ErrImagePull"),
      pulling("ImagePullBackOff"),
    ]);
    expect(clock).toEqual(Array.from({ length: 4 }, () => ["image", at]));
  });

  test("starts the pull's clock again for another image", () => {
    expect(clocks([pulling("ErrImagePull", "init"), pulling("ErrImagePull")])).toEqual([
      ["image", at],
      ["image", at + 1000],
    ]);
  });

  test("is told once: the same again is no news", () => {
    const { life } = recordIn("scheduled");
    const waiting = pod({ nodeName: null, unschedulable: "no node" });
    const [event] = eventsOfPod(waiting, life, at);
    if (event === undefined) throw new Error("no event");
    expect(eventsOfPod(waiting, step("scheduled", life, event).life, at + 1)).toEqual([]);
  });

  test("tells the node as soon as there is one, and keeps it", () => {
    const events = eventsOfPod(pod({ containers: [running] }), recordIn("scheduled").life, at);
    expect(events).toEqual([
      { type: "pod.progressed", node: "node-1", waitsOn: "agent", detail: "", anew: false, trouble: null, at },
    ]);
  });
});
