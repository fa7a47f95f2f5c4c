import { expect, test } from "vitest";
import { podFixture } from "./pod.fixture.ts";
import type { ContainerState, ContainerStatus, PodSpec } from "./pod.ts";
import { lostContainer, type PodFacts, podPhase, podStatus, terminatedState } from "./pod-status.ts";

const now = "2026-01-01T00:00:10Z";

function status(state: ContainerState, lastState: ContainerState = {}): ContainerStatus {
  return {
    name: "main",
    image: "i",
    imageID: "",
    ready: state.running !== undefined,
    restartCount: 0,
    state,
    lastState,
  };
}

const ended = (exitCode: number) => ({ terminated: { exitCode, reason: "x", startedAt: now, finishedAt: now } });
const running = { running: { startedAt: now } };
const waiting = { waiting: { reason: "ContainerCreating" } };

function facts(containers: ContainerStatus[], more: Partial<PodFacts> = {}, spec: Partial<PodSpec> = {}): PodFacts {
  const pod = podFixture({}, spec);
  return { pod, init: [], containers, startTime: now, hostIp: "127.0.0.1", isSandboxReady: true, ...more };
}

test.each<[string, PodFacts]>([
  ["Pending", facts([status(waiting)])],
  ["Pending", facts([status(running), status(waiting)])],
  ["Pending", facts([status(waiting)], { init: [status(running)] })],
  ["Pending", facts([status(waiting)], { init: [status(ended(0)), status(waiting)] })],
  ["Running", facts([status(running)], { init: [status(ended(0))] })],
  ["Running", facts([status(running), status(ended(1))])],
  ["Succeeded", facts([status(ended(0)), status(ended(0))])],
  ["Failed", facts([status(ended(0)), status(ended(1))])],
  ["Failed", facts([status(waiting)], { init: [status(ended(1))] })],
  ["Pending", facts([status(waiting)], { init: [status(ended(1))] }, { restartPolicy: "OnFailure" })],
  ["Running", facts([status(waiting, ended(1))], {}, { restartPolicy: "OnFailure" })],
  ["Succeeded", facts([status(ended(0))], {}, { restartPolicy: "OnFailure" })],
  ["Running", facts([status(waiting, ended(0))], {}, { restartPolicy: "Always" })],
  ["Failed", facts([status(running)], { verdict: { reason: "DeadlineExceeded", message: "m" } })],
])("a pod is %s", (phase, given) => {
  expect(podPhase(given)).toBe(phase);
});

function conditionsOf(given: PodFacts): Record<string, string> {
  return Object.fromEntries(
    podStatus(given, now).conditions.map((one) => [one.type, `${one.status} ${one.reason ?? ""}`.trim()]),
  );
}

test("conditions follow the phase", () => {
  expect(conditionsOf(facts([status(waiting)], { init: [status(waiting)], isSandboxReady: false }))).toEqual({
    PodReadyToStartContainers: "False",
    Initialized: "False ContainersNotInitialized",
    Ready: "False ContainersNotReady",
    ContainersReady: "False ContainersNotReady",
    PodScheduled: "True",
  });
  expect(conditionsOf(facts([status(running)]))).toMatchObject({
    Initialized: "True",
    Ready: "True",
    ContainersReady: "True",
  });
  expect(conditionsOf(facts([status(ended(0))]))).toMatchObject({
    Initialized: "True PodCompleted",
    Ready: "False PodCompleted",
  });
  expect(conditionsOf(facts([status(ended(3))]))).toMatchObject({
    Ready: "False PodFailed",
    ContainersReady: "False PodFailed",
  });
});

test("a condition that stays keeps its time, one that changed has the new one", () => {
  const given = facts([status(running)]);
  const earlier = "2026-01-01T00:00:00Z";
  const conditions = [
    { type: "PodScheduled", status: "True", lastTransitionTime: earlier },
    { type: "Ready", status: "False", lastTransitionTime: earlier },
  ] as const;
  const times = podStatus({ ...given, pod: { ...given.pod, status: { conditions } } }, now).conditions;
  expect(times.find((one) => one.type === "PodScheduled")?.lastTransitionTime).toBe(earlier);
  expect(times.find((one) => one.type === "Ready")?.lastTransitionTime).toBe(now);
});

test("a pod has an address once its folders are there", () => {
  expect(podStatus(facts([status(waiting)], { isSandboxReady: false }), now).podIP).toBeUndefined();
  expect(podStatus(facts([status(waiting)]), now)).toMatchObject({ podIP: "127.0.0.1", hostIP: "127.0.0.1" });
});

test.each([
  [
    { code: 0, signalNumber: undefined },
    { exitCode: 0, reason: "Completed" },
  ],
  [
    { code: 7, signalNumber: undefined },
    { exitCode: 7, reason: "Error" },
  ],
  [
    { code: null, signalNumber: 15 },
    { exitCode: 143, signal: 15, reason: "Error" },
  ],
  [
    { code: null, signalNumber: 9 },
    { exitCode: 137, signal: 9, reason: "Error" },
  ],
])("the end %j is %j", (end, terminated) => {
  const state = terminatedState({ ...end, startedAt: now, finishedAt: now, containerId: "process://1" });
  expect(state.terminated).toMatchObject(terminated);
});

test("a lost container is told as unknown, an ended one as it ended", () => {
  expect(lostContainer(status(running)).state.terminated).toMatchObject({ exitCode: 137, startedAt: now });
  expect(lostContainer(status(ended(0))).state.terminated?.exitCode).toBe(0);
});
