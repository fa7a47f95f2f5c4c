import type { DemandSource, QueueItem } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { mayComeBack, patienceMs, settlingMs } from "./coming-back.ts";
import { nodeWantedBy } from "./observe/wanted-node.ts";

const name = "ks-m-abcd1";
const since = 1_000_000;
const builds = { current: null, ran: 0, lastUrl: null, finishedAt: null, awaited: ["job/a/1/"], awaitedSince: since };
const slave = { name, labels: ["python", "linux"], unlabelled: false, life: { session: "two", builds } };

function item(expression: string | null, waitingSince: number | null): QueueItem {
  const wants = expression === null ? ({ kind: "any" } as const) : ({ kind: "expression", expression } as const);
  return { id: `${expression}`, job: "a", url: "job/a/1/", wants, labelOrigin: "why", waitingSince, why: "" };
}

function round(items: readonly QueueItem[], changed: Partial<DemandSource> = {}): DemandSource {
  const when = { term: 1, round: 1, readAt: since, queueReadAt: since + 1 };
  const source = {
    name: "jenkins-queue",
    state: "ok",
    session: "two",
    quietingDown: false,
    items: [...items],
  } as const;
  return { ...source, ...when, ...changed } as DemandSource;
}

const own = item(`"${name}"`, 500);
const none: ReadonlySet<string> = new Set();

describe("a slave that awaits a build comes back", () => {
  test.each<[string, boolean, DemandSource | undefined]>([
    ["when that build waits for it", true, round([own])],
    ["by its name without quotes, too", true, round([item(name, 500)])],
    [
      "though a younger item would take it: the master serves the older one first",
      true,
      round([own, item("python", 501)]),
    ],
    ["though an older item waits that cannot take it", true, round([item("java", 1), own, item(null, 2)])],
    ["not while an older item waits that would take it", false, round([item("python && linux", 499), own])],
    ["not while an item waits that is as old", false, round([item("python", 500), own])],
    ["not before its build waits for it", false, round([item("java", 1)])],
    ["not by a round of the start before", false, round([own], { session: "one" })],
    ["not by a round that the master did not answer", false, round([own], { state: "unknown" })],
    ["not without a round", false, undefined],
  ])("%s", (_, expected, source) => {
    expect(mayComeBack(slave, { source, unserved: none }, since + patienceMs - 1)).toBe(expected);
  });

  test("after a minute, whatever waits: the master's own patience has an end", () => {
    expect(mayComeBack(slave, { source: round([item("python", 1), own]), unserved: none }, since + patienceMs)).toBe(
      true,
    );
    expect(mayComeBack(slave, { source: undefined, unserved: none }, since + patienceMs)).toBe(true);
  });

  const [served, unserved] = [item("python", 1), item("linux", 2)];
  const inVain: ReadonlySet<string> = new Set([unserved.id, own.id]);
  test.each<[string, boolean, readonly QueueItem[], number]>([
    ["at once not: what died with the master may make room yet", false, [unserved, own], settlingMs - 1],
    ["after a moment, where an item that would take it gets no slave", true, [unserved, own], settlingMs],
    ["after a moment, too, where one of several gets none", true, [served, unserved, own], settlingMs],
    ["not while each has a slave coming", false, [served, own], settlingMs],
    ["not before its own build waits for it", false, [unserved], settlingMs],
  ])("%s", (_, expected, items, afterMs) => {
    expect(mayComeBack(slave, { source: round(items), unserved: inVain }, since + afterMs)).toBe(expected);
  });

  test("at once after a build that came between: a full cap keeps the next one waiting just so", () => {
    const after = { ...slave, life: { session: "two", builds: { ...builds, ran: 1, finishedAt: since } } };
    const waiting = { source: round([unserved, own]), unserved: inVain };
    expect(mayComeBack(after, waiting, since)).toBe(true);
    expect(mayComeBack(after, { ...waiting, unserved: none }, since)).toBe(false);
  });

  test("not while an older item without a label waits, where its template takes such", () => {
    const source = round([item(null, 1), own]);
    expect(mayComeBack({ ...slave, unlabelled: true }, { source, unserved: none }, since + 1)).toBe(false);
  });
});

test.each([
  [`"${name}"`, name],
  [name, name],
  ["python && linux", undefined],
  ["!python", undefined],
  ['"two words"', undefined],
])("the node that %s wants", (expression, expected) => {
  expect(nodeWantedBy(item(expression, 1))).toBe(expected);
  expect(nodeWantedBy(item(null, 1))).toBeUndefined();
});
