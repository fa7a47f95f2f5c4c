import type { CapacityDecision, CapacitySituation, PoolTarget } from "@kubestack/capacity";
import { type CapacityEvent, KubestackError } from "@kubestack/contracts";
import { listeningLog, manualTiming } from "@kubestack/runtime/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { nodePoolSchema } from "../pools/entry.ts";
import type { GuardedTarget } from "../targets/guarded.ts";
import type { TargetState, Wanted } from "../targets/target.ts";
import { ToldOnce } from "../told-once.ts";
import { PoolActor } from "./pool-actor.ts";
import { PoolNews } from "./pool-news.ts";
import { Raising } from "./raising.ts";

/** A target in memory, which may be troubled. */
class FakeTarget implements GuardedTarget {
  readonly canRemoveByName = true;
  wanted = 0;
  readonly asked: Wanted[] = [];
  trouble: KubestackError | undefined;
  isDry = false;

  status = async (): Promise<TargetState> => {
    if (this.trouble !== undefined) throw this.trouble;
    return { wanted: this.wanted, nodes: null, least: null, most: null, owner: null };
  };
  scaleTo = async (wanted: Wanted) => {
    this.asked.push(wanted);
    if (!this.isDry) this.wanted = wanted.size;
    return { isDone: !this.isDry, said: `-> ${wanted.size}` };
  };
  remove = async () => ({ isDone: false, said: "" });
  close = async () => undefined;
}

let target: FakeTarget;
let raising: Raising;
let actor: PoolActor;
let timing: ReturnType<typeof manualTiming>;
const told: CapacityEvent[] = [];

function begin(change: object = {}): void {
  const config = nodePoolSchema.parse({
    ...{ name: "p", nodeLabels: { pool: "p" }, shape: { cpu: 4, memory: "8Gi" }, max: 10 },
    target: { type: "nats" },
    ...change,
  });
  told.splice(0);
  target = new FakeTarget();
  actor = new PoolActor(config, target);
  timing = manualTiming();
  const log = listeningLog([]);
  const publish = async (_channel: unknown, _subject: string, event: unknown) => told.push(event as CapacityEvent);
  const news = new PoolNews({ bus: { publish: publish as never }, log, meter: undefined });
  raising = new Raising({
    ...{ actors: new Map([["p", actor]]), news, told: new ToldOnce(log), timing, meter: undefined },
    ...{ now: () => 7, onNews: () => undefined },
  });
}
beforeEach(() => begin());

const goal = (change: Partial<PoolTarget> = {}): PoolTarget => ({
  ...{ pool: "p", size: 3, present: 1, coming: 0, ask: 2, reason: "2 nodes for 8 pods", pods: ["a"] },
  ...{ arrival: null, hold: null },
  ...change,
});
async function act(of: PoolTarget, now = 100): Promise<void> {
  const decision = { targets: [of] } as unknown as CapacityDecision;
  const situation = { now, wanted: [] } as unknown as CapacitySituation;
  raising.act({ decision, situation, sizeOf: () => of.size, newsAt: 0 });
  await actor.settled();
}
const kinds = () => told.map(({ event, isDryRun }) => (isDryRun ? `${event} (said)` : event));

test("what is asked for is planned, and scaled once its target took it", async () => {
  await act(goal());
  expect(target.wanted).toBe(3);
  expect(kinds()).toEqual(["planned", "scaled"]);
  expect(told[1]).toMatchObject({ from: 0, to: 3, reason: "2 nodes for 8 pods", at: 7 });
});

test("what was written down and not asked for is asked for, and what stands so already is left", async () => {
  await act(goal({ ask: 0, coming: 2 }));
  expect(target.asked).toHaveLength(1);
  await act(goal({ ask: 0, coming: 2 }));
  expect(target.asked).toHaveLength(1);
  raising.forget();
  await act(goal({ ask: 0, coming: 2 }));
  expect([target.asked.length, kinds()]).toEqual([1, ["scaled"]]);
});

test("a group that is to have more already stays so", async () => {
  target.wanted = 9;
  await act(goal());
  expect([target.wanted, target.asked]).toEqual([9, []]);
});

describe("what is not taken", () => {
  test("is refused at once where it will not be: what was taken before is not", async () => {
    await act(goal(), 100);
    target.trouble = new KubestackError("target-refused", "the quota is used up");
    await act(goal({ size: 5 }), 200);
    expect(raising.refusals).toEqual([{ pool: "p", after: 100, because: "the quota is used up" }]);
    expect(actor.trouble).toBe("the quota is used up");
    raising.remembered(raising.refusals);
    expect(raising.refusals).toEqual([]);
  });

  test("is tried again, further and further apart, where it can't be reached; then it is refused, too", async () => {
    target.trouble = new KubestackError("target-unavailable", "nobody answers");
    const tries: number[] = [];
    for (let second = 0; second < 12; second += 1) {
      const before = raising.refusals.length;
      let isTried = false;
      const { status } = target;
      target.status = () => {
        isTried = true;
        return status();
      };
      await act(goal({ ask: 0, coming: 2 }));
      target.status = status;
      if (isTried) tries.push(second);
      if (raising.refusals.length > before) break;
      await timing.advance(1000);
    }
    expect(tries).toEqual([0, 3, 9]);
    expect(raising.refusals).toEqual([{ pool: "p", after: 0, because: "nobody answers" }]);
  });
});

test("with dryRun each size is said once", async () => {
  begin({ target: { type: "nats", dryRun: true } });
  target.isDry = true;
  for (const size of [3, 3, 4]) await act(goal({ size }));
  raising.forget();
  await act(goal({ size: 4 }));
  expect([kinds(), told.map(({ to }) => to)]).toEqual([
    ["planned (said)", "planned (said)"],
    [3, 4],
  ]);
  expect(target.wanted).toBe(0);
});

test("of headroom places are held for planned slaves that may go there, once for the same", async () => {
  begin({ shape: undefined, max: undefined, target: { type: "headroom", maxPods: 3 } });
  const needs = { requests: { cpu: 1000 } };
  const wanted = [
    { needs: { ...needs, pools: ["p"] }, names: ["a", "b", "c", "d"] },
    { needs: { ...needs, pools: ["other"] }, names: ["e"] },
  ];
  const decision = { targets: [] } as unknown as CapacityDecision;
  for (const _again of [1, 2]) {
    const situation = { now: 1, wanted } as unknown as CapacitySituation;
    raising.act({ decision, situation, sizeOf: () => 0, newsAt: 0 });
    await actor.settled();
  }
  expect(target.asked.map(({ size, pods }) => [size, pods.flatMap(({ names }) => names)])).toEqual([
    [3, ["a", "b", "c", "d"]],
  ]);
});
