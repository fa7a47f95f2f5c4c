import { expect, test } from "vitest";
import { buildOf, faultOf, goodHistory, podOf, recordOf, slaveOf } from "./history.fixture.ts";
import type { History } from "./history.ts";
import { violationsOf } from "./invariants.ts";

const good = goodHistory();
const broken = (changed: Partial<History>) => violationsOf({ ...good, ...changed }).map(({ rule }) => rule);

test("nothing is said of a history with which nothing is wrong", () => {
  expect(violationsOf(good)).toEqual([]);
});

const killed = buildOf(2, { result: "FAILURE", endedBy: "agent-lost" });
const kill = { at: 5_000, master: "alpha", node: slaveOf(2), build: "alpha python #2", by: "agent-lost" };

test.each<[string, Partial<History>]>([
  ["a run comes to its end", { cutBecause: "builds still waited" }],
  [
    "every build ends well, unless a fault ended it",
    { builds: [...good.builds, buildOf(4, { startedAt: null, endedAt: null, node: null, result: null })] },
  ],
  [
    "every build ends well, unless a fault ended it",
    { builds: good.builds.with(1, buildOf(2, { result: "ABORTED" })) },
  ],
  ["KubeStack kills no build", { builds: good.builds.with(1, killed), kills: [kill] }],
  ["a slave has one pod at most", { pods: [...good.pods, podOf(2, "another")] }],
  ["a slave has one pod at most", { pods: [...good.pods, { ...podOf(2, "another"), name: "with-another-name" }] }],
  [
    "a master's cap holds at every instant",
    { crowds: [{ at: 1, master: "alpha", slaves: [slaveOf(1), slaveOf(2)], cap: 1 }] },
  ],
  ["every launch is in one class", { records: good.records.slice(0, 2), builds: good.builds.slice(0, 2) }],
  ["every launch is in one class", { records: good.records.with(2, { ...recordOf(3, "served"), state: "busy" }) }],
  ["who ran a build served, and nobody else", { builds: good.builds.slice(0, 2) }],
  [
    "no launch fails unless a fault took it",
    { records: good.records.with(2, recordOf(3, "failed")), builds: good.builds.slice(0, 2) },
  ],
  [
    "no more is launched than builds need",
    { records: good.records.with(2, recordOf(3, "withdrawn")), builds: good.builds.slice(0, 2) },
  ],
  ["nothing is left over", { leftovers: [{ what: "node", master: "alpha", slave: slaveOf(1) }] }],
])("it is said where this does not hold: %s", (rule, changed) => {
  expect(broken(changed)).toEqual([rule]);
});

test("what a fault takes by its nature breaks no rule", () => {
  const faults = [faultOf({ victims: [slaveOf(2)] })];
  expect(broken({ faults, builds: good.builds.with(1, killed), kills: [kill] })).toEqual([]);
  const restarted = buildOf(2, { result: "ABORTED", endedBy: "restart" });
  expect(broken({ builds: good.builds.with(1, restarted) })).toEqual([]);
  expect(
    broken({ faults, builds: [buildOf(1), buildOf(3)], records: good.records.with(1, recordOf(2, "failed")) }),
  ).toEqual([]);
  expect(broken({ faults, pods: [...good.pods, podOf(2, "made again")] })).toEqual([]);
});

test("a build that came and went while NATS was away need not have been seen, one that was there before must", () => {
  const records = good.records.with(1, recordOf(2, "withdrawn"));
  const builds = [buildOf(1), buildOf(2), buildOf(3, { node: slaveOf(1) })];
  const rest = { records: [...records.slice(0, 2), recordOf(3, "withdrawn")], builds };
  const away = faultOf({ kind: "nats.kill", target: "nats", beganAt: 400, endedAt: 4_000 });
  expect(broken({ ...rest, faults: [away] })).toEqual(["no more is launched than builds need"]);
  expect(broken({ ...rest, faults: [{ ...away, beganAt: 2_000 }] })).toEqual([
    "who ran a build served, and nobody else",
    "no more is launched than builds need",
  ]);
});

test("what a slave ran is not known any more where the store was lost while it lived, and else it is", () => {
  const records = good.records.with(1, recordOf(2, "withdrawn"));
  const wiped = faultOf({ kind: "nats.wipe", target: "nats", beganAt: 3_500, endedAt: 4_000 });
  const ledgers = good.ledgers.map((ledger) => ({ ...ledger, epoch: "later", next: 1 }));
  expect(broken({ records, faults: [wiped], ledgers })).toEqual([]);
  expect(broken({ records, faults: [wiped] })).toEqual([
    "who ran a build served, and nobody else",
    "no more is launched than builds need",
  ]);
  expect(broken({ records, faults: [wiped], ledgers, builds: good.builds.toSpliced(1, 1) })).toEqual([
    "no more is launched than builds need",
  ]);
});

test("a fault excuses nothing that was before it, and no other slave", () => {
  const late = [faultOf({ victims: [slaveOf(2)], beganAt: 6_000, endedAt: 6_000 })];
  const other = [faultOf({ victims: [slaveOf(3)] })];
  for (const faults of [late, other])
    expect(broken({ faults, builds: good.builds.with(1, killed), kills: [kill] })).toEqual([
      "KubeStack kills no build",
    ]);
});

test("a slave that was launched for a build which shared another's is no launch for nothing", () => {
  const builds = [buildOf(1), buildOf(2), buildOf(3, { node: slaveOf(2) })];
  expect(broken({ builds, records: good.records.with(2, recordOf(3, "withdrawn")) })).toEqual([]);
});
