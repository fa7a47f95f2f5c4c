import { afterEach, expect, test } from "vitest";
import { violationsOf } from "./invariants.ts";
import { type KindName, scheduledKinds } from "./kinds.ts";
import { jobNames } from "./masters.ts";
import { failureOf } from "./report.ts";
import { live } from "./run.ts";
import { scheduleOf } from "./schedule.ts";
import { processNames } from "./services.ts";
import { masterNames, World } from "./world.ts";

let world: World | undefined;

afterEach(() => world?.stop());

function planned(seed: number, builds: number, kinds: readonly KindName[]) {
  return scheduleOf({ seed, builds, kinds, masters: masterNames, jobs: jobNames(false), processes: processNames });
}

test("services, NATS, API server, masters and pods die, stand still and err: no rule is broken", async () => {
  world = await World.start({ seed: 1, forgetsNames: false });
  const history = await live(world, planned(1, 60, scheduledKinds(60)));
  const violations = violationsOf(history);
  expect(violations, failureOf(history, violations).join("\n")).toEqual([]);
});

test("the control: where each try to create a pod gives it another name, slaves have two pods, and it is seen", async () => {
  world = await World.start({ seed: 1, forgetsNames: true });
  const history = await live(world, planned(1, 25, ["api.lost"]), { settleMs: 5_000 });
  const rules = violationsOf(history).map(({ rule }) => rule);
  expect(rules).toContain("a slave has one pod at most");
});
