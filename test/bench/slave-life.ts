import { begin, newLife, type SlaveEvent, type Step, step } from "@kubestack/slave";
import { leastTimes, type Ratio, rounded } from "./measure.ts";

type Untimed<E> = E extends SlaveEvent ? Omit<E, "at"> : never;

const lives = 200;
const build = "job/folder/job/one/1/";
const events: readonly Untimed<SlaveEvent>[] = [
  { type: "pod.accepted", uid: "uid" },
  { type: "pod.progressed", node: "node-1", waitsOn: "image", detail: "", anew: true },
  { type: "node.registered" },
  { type: "secret.created" },
  { type: "agent.online" },
  { type: "build.started", url: build },
  { type: "offline.marked" },
  { type: "build.finished", url: build },
  { type: "looked", beganAt: 1_000_000, build: null },
  { type: "node.removed" },
  { type: "pod.ended", reason: "the agent's container ended" },
  { type: "pod.gone", reason: "the pod is gone" },
  { type: "secret.gone" },
];

/** A step of the machine may cost as much as twenty copies of a life through JSON, which is what saving it costs at least. */
export function benchSlaveLife(): Ratio {
  const last = liveOnce();
  if (last.state !== "deleted") throw new Error(`the life ended in ${last.state}`);
  const text = JSON.stringify(last.life);
  const count = lives * events.length;
  const times = leastTimes({
    stepsMs: () => repeat(lives, liveOnce),
    copiesMs: () => repeat(count, () => JSON.stringify(JSON.parse(text))),
  });
  return {
    name: "a step of a slave's machine to a copy of its record",
    ratio: rounded(times.stepsMs / times.copiesMs),
    limit: 20,
    figures: {
      stepsPerSecond: rounded((count * 1000) / times.stepsMs),
      copiesPerSecond: rounded((count * 1000) / times.copiesMs),
    },
  };
}

function liveOnce(): Step {
  const limits = { scheduleMs: 1e6, pullMs: 1e6, startMs: 1e6, connectMs: 1e6, idleMs: 1e6, maxAgeMs: 1e7, builds: 1 };
  let at = 1;
  let now = begin(newLife(limits, { at, reason: "for folder/one" }));
  for (const event of events) {
    at += 1_000;
    now = step(now.state, now.life, { ...event, at } as SlaveEvent);
  }
  return now;
}

function repeat(times: number, work: () => unknown): void {
  for (let done = 0; done < times; done += 1) work();
}
