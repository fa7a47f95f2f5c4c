import type { Computer } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import type { Shown } from "../listener.ts";
import { RunningBuilds } from "./running-builds.ts";

/** Which builds each node runs, by their short names. */
type Nodes = Readonly<Record<string, readonly string[]>>;

function shown(kind: "round" | "look", readAt: number, nodes: Nodes): Shown {
  const computers = Object.entries(nodes).map(
    ([name, builds]): Computer => ({
      name,
      online: true,
      markedOffline: false,
      idle: builds.length === 0,
      executors: 1,
      labels: null,
      builds: builds.map((url) => ({ url, number: null })),
    }),
  );
  return { kind, readAt, computers };
}

const round = (readAt: number, nodes: Nodes) => shown("round", readAt, nodes);
const look = (readAt: number, nodes: Nodes) => shown("look", readAt, nodes);

type Told = readonly string[];

describe("the difference between readings", () => {
  test.each<[string, readonly [Shown, Told][]]>([
    [
      "is a build that began and one that is over",
      [
        [round(1, { n: [] }), []],
        [round(2, { n: ["a/1"] }), ["+ n a/1"]],
        [round(3, { n: ["a/1"] }), []],
        [round(4, { n: [] }), ["- n a/1"]],
      ],
    ],
    [
      "is both at once, where one build follows another",
      [
        [round(1, { n: ["a/1"] }), ["+ n a/1"]],
        [look(2, { n: ["a/2"] }), ["+ n a/2", "- n a/1"]],
      ],
    ],
    [
      "is nothing for a node that a look leaves out",
      [
        [round(1, { n: ["a/1"], o: ["b/1"] }), ["+ n a/1", "+ o b/1"]],
        [look(2, { n: ["a/1"] }), []],
        [round(3, { n: ["a/1"], o: ["b/1"] }), []],
      ],
    ],
    [
      "is the end of what ran on a node that a round does not show any more",
      [
        [round(1, { n: ["a/1"], o: [] }), ["+ n a/1"]],
        [round(2, { o: [] }), ["- n a/1"]],
        [round(3, { n: [], o: [] }), []],
      ],
    ],
    [
      "is nothing of a round that was read before what is known",
      [
        [look(5, { n: ["a/1"] }), ["+ n a/1"]],
        [round(4, { n: [] }), []],
        [round(6, { n: ["a/1"] }), []],
        [round(7, { n: [] }), ["- n a/1"]],
      ],
    ],
    [
      "is nothing of an old round that does not show a node yet (H10): what runs there is not over, and its end is not lost",
      [
        [look(5, { n: ["a/1"] }), ["+ n a/1"]],
        [round(4, {}), []],
        [look(6, { n: [] }), ["- n a/1"]],
      ],
    ],
    [
      "is told for each node where one build runs on two",
      [
        [round(1, { n: ["p/1"], o: ["p/1"] }), ["+ n p/1", "+ o p/1"]],
        [round(2, { n: [], o: ["p/1"] }), ["- n p/1"]],
      ],
    ],
    [
      "leaves out builds that are hidden from us",
      [
        [round(1, { n: [""] }), []],
        [round(2, { n: [] }), []],
      ],
    ],
  ])("%s", (_, readings) => {
    const running = new RunningBuilds();
    for (const [reading, told] of readings) {
      const { started, finished } = running.differ(reading);
      expect([
        ...started.map(({ node, build }) => `+ ${node} ${build.url}`),
        ...finished.map(({ node, build }) => `- ${node} ${build.url}`),
      ]).toEqual(told);
    }
  });

  test("begins with what is recalled: the end of a build that nobody watched is found", () => {
    const running = new RunningBuilds();
    running.differ(round(1, { x: ["old/1"] }));
    const build = (url: string) => ({ url, number: null });
    running.recall([
      { node: "n", build: build("a/1"), at: 10 },
      { node: "n", build: build("a/2"), at: 11 },
      { node: "o", build: build("b/1"), at: 12 },
    ]);
    expect(running.differ(round(9, { n: [], o: [] }))).toEqual({ started: [], finished: [] });
    const { started, finished } = running.differ(round(20, { n: ["a/2"] }));
    expect(started).toEqual([]);
    expect(finished.map(({ node, build: { url } }) => `${node} ${url}`)).toEqual(["n a/1", "o b/1"]);
  });
});
