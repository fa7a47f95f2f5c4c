import { expect, test } from "vitest";
import { buildOf, faultOf, goodHistory, podOf, slaveOf } from "./history.fixture.ts";
import { violationsOf } from "./invariants.ts";
import { measuresOf } from "./measures.ts";
import { failureOf, summaryOf } from "./report.ts";

const good = goodHistory();

test("takeovers are counted from the death of the owner, whoever comes next, and not from a bystander's", () => {
  const takeovers = [
    { at: 100, master: "alpha", process: "slave-supervisor-1" },
    { at: 17_000, master: "alpha", process: "slave-supervisor-2" },
  ];
  const ofOwner = faultOf({ kind: "supervisor.kill", target: "slave-supervisor-1" });
  expect(measuresOf({ ...good, takeovers, faults: [ofOwner] }).takeover).toMatchObject({ ms: 13_000 });
  const ofOther = { ...ofOwner, target: "slave-supervisor-2" };
  expect(measuresOf({ ...good, takeovers, faults: [ofOther] }).takeover).toBeUndefined();
});

test("health is back when the first build that came since the fault's end has begun, whichever that is", () => {
  const builds = [
    buildOf(1, { queuedAt: 3_900, startedAt: 4_200 }),
    buildOf(2, { queuedAt: 4_000, startedAt: 9_000 }),
    buildOf(3, { queuedAt: 5_000, startedAt: 7_500 }),
    buildOf(4, { master: "beta", queuedAt: 5_000, startedAt: 5_100 }),
  ];
  const faults = [faultOf({})];
  expect([...measuresOf({ ...good, builds, faults }).health]).toEqual([["pod.evict", { ms: 3_500, what: "alpha" }]]);
});

test("the summary says builds, launches by outcome and faults survived", () => {
  const text = summaryOf({ ...good, faults: [faultOf({})] }).join("\n");
  expect(text).toContain("builds     3: 3 ended well, 0 otherwise; 0 shared a slave");
  expect(text).toContain("launches   3 = 3 served + 0 failed + 0 withdrawn + 0 alive");
  expect(text).toContain("1 pod.evict");
});

test("a failure tells the faults, the rules, and the whole story of each slave concerned", () => {
  const history = {
    ...good,
    pods: [...good.pods, podOf(2, "another")],
    faults: [faultOf({ kind: "api.lost", target: "api", endedAt: 4_500 })],
    sightings: [{ at: 2_000, slave: slaveOf(2), what: "pod another: Pending" }],
  };
  const text = failureOf(history, violationsOf(history)).join("\n");
  expect(text).toContain("a slave has one pod at most: ks-alpha-abcd2 had 2");
  expect(text).toMatch(
    /ks-alpha-abcd2: deleted, served.*\n.*0:01\.00 {2}record: requested.*\n.*0:02\.00 {2}pod another: Pending\n.*0:04\.00 {2}fault: api\.lost of api begins\n.*ends\n.*0:09\.00 {2}record: deleted/,
  );
});
