import { completion, noon, slaveEvent } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { parseNames } from "../text/name-filter.ts";
import { widthOf } from "../text/width.ts";
import { eventLine, firstWidths, widened } from "./line.ts";
import { completionOccurrence, masterOccurrence, poolOccurrence, slaveOccurrence } from "./occurrence.ts";
import { onlyMaster, type Selection, selects } from "./selection.ts";

const message = { subject: "s", id: "i" };
const ofSlave = (...event: Parameters<typeof slaveEvent>) =>
  slaveOccurrence({ ...message, data: slaveEvent(...event) });
const url = "http://ci/job/shop/job/api/412/";

test.each([
  ["requested", {}, "for shop/api, queue item 412"],
  [
    "scheduled",
    { previous: "requested", afterMs: 40, reason: "the pod exists" },
    "the pod exists · requested for 40ms",
  ],
  [
    "online",
    {
      previous: "scheduled",
      afterMs: 68_000,
      reason: "the agent is connected",
      pod: { namespace: "ci", uid: "u", node: "ip-10" },
    },
    "the agent is connected · scheduled for 68s · on ip-10",
  ],
  ["busy", { previous: "online", afterMs: 610, reason: `runs ${url}`, build: url }, "shop/api #412 · online for 0.6s"],
  [
    "busy",
    { previous: "busy", afterMs: 64_000, reason: "the pod was evicted; pod 2 of at most 2 follows it", build: url },
    "the pod was evicted; pod 2 of at most 2 follows it · busy for 64s",
  ],
  ["draining", { previous: "busy", afterMs: 64_000, reason: `${url} is over` }, "shop/api #412 is over · busy for 64s"],
  [
    "deleted",
    { previous: "draining", afterMs: 2100, reason: "secret.gone", outcome: "served" },
    "served · draining for 2.1s",
  ],
] as const)("a slave that is %s reads as one line", (state, change, detail) => {
  expect(ofSlave("ks-a", state, change).detail).toBe(detail);
});

test("a build's phase names the build once, and its result", () => {
  const of = (change: Parameters<typeof completion>[1]) =>
    completionOccurrence({ ...message, data: completion("completed", change) });
  expect(of({ result: "SUCCESS" }).detail).toBe("shop/api #412 · SUCCESS");
  expect(of({ build: { url: "http://ci/job/shop/", number: 7 } }).detail).toBe("shop #7");
  expect(of({ node: "" }).name).toBe("–");
});

test.each([
  [
    { event: "scaled", from: 22, to: 24, reason: "2 pods of 4 cpu do not fit" },
    "22 -> 24 nodes · 2 pods of 4 cpu do not fit",
  ],
  [{ event: "held", reason: "2 nodes have not come within 300 s" }, "2 nodes have not come within 300 s"],
  [{ event: "planned", from: 0, to: 1, reason: "r", isDryRun: true }, "0 -> 1 nodes · r · only said (dry run)"],
] as const)("what befalls a pool reads as one line, and belongs to no master and no slave: %#", (change, detail) => {
  const one = poolOccurrence({ ...message, data: { pool: "spot", at: noon, ...change } });
  expect(one).toMatchObject({ kind: "pool", name: "spot", word: change.event, detail });
  expect(selects({ master: parseNames("backend") })(one)).toBe(false);
  expect(selects({ slave: "spot" })(one)).toBe(false);
  expect(selects({})(one)).toBe(true);
});

describe("a line", () => {
  const one = ofSlave("ks-backend-9d0xqa", "requested", { reason: "for shop/api\u001b[2J, queue item 412" });
  const options = { now: noon, widths: widened(firstWidths, [one]), width: undefined, colour: false, wide: false };

  test("has time, state, slave, template and why", () => {
    expect(eventLine(one, options)).toMatch(
      /^\d\d:00:00\.000 requested {2}ks-backend-9d0xqa maven for shop\/api\[2J, queue item 412$/,
    );
    expect(eventLine(one, { ...options, wide: true })).toContain("requested  backend ks-backend-9d0xqa");
  });

  test.each([10, 25, 40, 80])("fits a terminal of %i cells", (width) => {
    expect(widthOf(eventLine(one, { ...options, width }))).toBeLessThanOrEqual(width);
  });

  test("columns only grow", () => {
    const widths = widened(firstWidths, [one]);
    expect(widened(widths, [ofSlave("ks-a", "busy")])).toEqual(widths);
  });
});

test.each<[string, Selection, string[]]>([
  ["nothing", {}, ["slave", "completion", "master"]],
  ["a master", { master: parseNames("payments") }, ["master"]],
  ["all but a master", { master: parseNames("!payments") }, ["slave", "completion"]],
  ["the beginning of a slave's name", { slave: "ks-backend-7" }, ["slave", "completion"]],
  ["another slave", { slave: "ks-x" }, []],
  ["since", { since: noon - 500 }, ["slave", "completion"]],
])("%s selects", (_, selection, expected) => {
  const all = [
    ofSlave("ks-backend-7f3k2p", "busy"),
    completionOccurrence({ ...message, data: completion("started") }),
    masterOccurrence({
      ...message,
      data: { master: "payments", event: "refused", reason: "401", at: noon - 1000 },
    }),
  ];
  expect(all.filter(selects(selection)).map(({ kind }) => kind)).toEqual(expected);
});

test("only one named master narrows what is read", () => {
  expect(onlyMaster({ master: parseNames("a") })).toBe("a");
  expect(onlyMaster({ master: parseNames("a,b") })).toBeUndefined();
  expect(onlyMaster({ master: parseNames("!a") })).toBeUndefined();
  expect(onlyMaster({})).toBeUndefined();
});
