import { describe, expect, test } from "vitest";
import type { Shown } from "../listener.ts";
import { LeftItems, toldForMs } from "./left-items.ts";

const computers = (...items: string[]): Shown["computers"] =>
  items.map((item) => ({
    name: `node-of-${item}`,
    online: true,
    markedOffline: false,
    idle: false,
    executors: 1,
    labels: null,
    builds: [{ url: `job/a/${item}/`, number: 1, item }],
  }));

const listed = (id: string) => ({ id, url: `job/${id}/` });

interface Reading {
  readonly queue?: readonly string[];
  readonly runs?: readonly string[];
  readonly session?: string;
  readonly at: number;
}

function reading({ queue, runs = [], session = "s", at }: Reading): Shown {
  if (queue === undefined) return { kind: "look", computers: computers(...runs), readAt: at };
  const items = queue.map(listed);
  return { kind: "round", computers: computers(...runs), readAt: at, queue: { items, session } };
}

describe("an item is asked for", () => {
  test.each<[string, readonly [Reading, readonly string[]][]]>([
    [
      "when a whole reading after its leaving shows it nowhere",
      [
        [{ queue: ["1", "2"], at: 0 }, []],
        [{ queue: ["2"], at: 2000 }, []],
        [{ queue: ["2"], at: 4000 }, ["1"]],
      ],
    ],
    [
      "never, when it is on an executor in the next reading: it left while the last one was made",
      [
        [{ queue: ["1"], at: 0 }, []],
        [{ queue: [], at: 2000 }, []],
        [{ queue: [], runs: ["1"], at: 4000 }, []],
        [{ queue: [], at: 6000 }, []],
      ],
    ],
    [
      "never, when a look showed it before the round that does not list it any more",
      [
        [{ queue: ["1"], at: 0 }, []],
        [{ runs: ["1"], at: 500 }, []],
        [{ queue: [], at: 2000 }, []],
        [{ queue: [], at: 4000 }, []],
      ],
    ],
    [
      "no more, when it waits again",
      [
        [{ queue: ["1"], at: 0 }, []],
        [{ queue: [], at: 2000 }, []],
        [{ queue: ["1"], at: 4000 }, []],
        [{ queue: [], at: 6000 }, []],
        [{ queue: [], at: 8000 }, ["1"]],
      ],
    ],
    [
      "less and less often, and not at all when the master has forgotten it",
      [
        [{ queue: ["1"], at: 0 }, []],
        [{ queue: [], at: 1000 }, []],
        [{ queue: [], at: 2000 }, ["1"]],
        [{ queue: [], at: 3000 }, []],
        [{ queue: [], at: 4000 }, ["1"]],
        [{ queue: [], at: 6000 }, []],
        [{ queue: [], at: 8000 }, ["1"]],
        [{ queue: [], at: 1001 + toldForMs }, []],
        [{ queue: [], at: 9000 + toldForMs }, []],
      ],
    ],
    [
      "when it waited, or was asked for, before a restart of the master: it may have left since",
      [
        [{ queue: ["1", "2"], at: 0 }, []],
        [{ queue: ["2"], at: 2000 }, []],
        [{ queue: [], session: "t", at: 4000 }, []],
        [{ queue: [], session: "t", at: 6000 }, ["1", "2"]],
      ],
    ],
    [
      "never, when it was on an executor before a restart of the master, or waits after it",
      [
        [{ queue: ["1", "2"], at: 0 }, []],
        [{ runs: ["1"], at: 500 }, []],
        [{ queue: ["2"], session: "t", at: 4000 }, []],
        [{ queue: ["2"], session: "t", at: 6000 }, []],
      ],
    ],
    [
      "though its id was another one's before a restart of the master: ids may begin anew (H41)",
      [
        [{ queue: [], runs: ["1"], at: 0 }, []],
        [{ queue: ["1"], session: "t", at: 2000 }, []],
        [{ queue: [], session: "t", at: 4000 }, []],
        [{ queue: [], session: "t", at: 6000 }, ["1"]],
      ],
    ],
    [
      "not because of a look: it tells nothing of the queue",
      [
        [{ queue: ["1"], at: 0 }, []],
        [{ runs: [], at: 500 }, []],
        [{ runs: [], at: 1000 }, []],
      ],
    ],
  ])("%s", (_, readings) => {
    const left = new LeftItems();
    for (const [given, asked] of readings) expect(left.saw(reading(given)).map(({ id }) => id)).toEqual(asked);
  });
});

test("an item that a slave was launched for, and that left while nobody listened, is asked for", () => {
  const left = new LeftItems();
  left.recall(["1", "2", "3"].map(listed));
  expect(left.saw(reading({ queue: ["2"], runs: ["3"], session: "t", at: 0 }))).toEqual([]);
  expect(left.saw(reading({ queue: ["2"], runs: [], session: "t", at: 2000 })).map(({ id }) => id)).toEqual(["1"]);
});

test("an item that only lost rounds listed is asked for; what is known of one already stays", () => {
  const left = new LeftItems();
  left.saw(reading({ queue: ["1"], runs: ["2"], at: 0 }));
  left.missed(["1", "2", "3"].map(listed));
  expect(left.saw(reading({ queue: ["1"], runs: [], at: 2000 }))).toEqual([]);
  expect(left.saw(reading({ queue: ["1"], runs: [], at: 4000 })).map(({ id }) => id)).toEqual(["3"]);
});

test("what is settled is asked for no more", () => {
  const left = new LeftItems();
  for (const at of [0, 2000]) left.saw(reading({ queue: at === 0 ? ["1"] : [], at }));
  expect(left.saw(reading({ queue: [], at: 4000 }))).toEqual([
    { id: "1", job: "job/1/", leftAt: 2000, askedAt: 4000, asked: 0, isOfThisStart: true },
  ]);
  expect(left.isOpen("1")).toBe(true);
  left.settle("1");
  expect(left.isOpen("1")).toBe(false);
  expect(left.saw(reading({ queue: [], at: 60_000 }))).toEqual([]);
});

test("a queue that floods is remembered in part: what is oldest is forgotten first", () => {
  const left = new LeftItems();
  const ids = Array.from({ length: 12_000 }, (_, at) => String(at + 1));
  left.saw(reading({ queue: ids, at: 0 }));
  left.saw(reading({ queue: [], at: 2000 }));
  const asked = left.saw(reading({ queue: [], at: 4000 }));
  expect([asked.length, asked[0]?.id, asked.at(-1)?.id]).toEqual([10_000, "2001", "12000"]);
});

test("an item that no round of this start listed need not be told of by a master that tells of items", () => {
  const left = new LeftItems();
  left.recall([listed("1")]);
  left.saw(reading({ queue: ["2"], at: 0 }));
  left.missed([listed("3")]);
  left.saw(reading({ queue: [], at: 2000 }));
  const due = left.saw(reading({ queue: [], at: 4000 }));
  expect(due.map(({ id, isOfThisStart }) => [id, isOfThisStart])).toEqual([
    ["1", false],
    ["2", true],
    ["3", false],
  ]);
  left.saw(reading({ queue: ["4"], at: 6000 }));
  left.saw(reading({ queue: [], session: "t", at: 8000 }));
  const later = left.saw(reading({ queue: [], session: "t", at: 10_000 }));
  expect(later.map(({ id, isOfThisStart }) => [id, isOfThisStart])).toEqual([
    ["1", false],
    ["2", false],
    ["3", false],
    ["4", false],
  ]);
});
