import type { Kept } from "@kubestack/bus";
import type { Demand, DemandSource } from "@kubestack/contracts";
import { beforeEach, describe, expect, test } from "vitest";
import { DemandView } from "./demand-view.ts";

let view: DemandView;
beforeEach(() => {
  view = new DemandView(2000);
});

function message(
  term: number,
  round: number,
  changed: Partial<DemandSource> & { publishedAt?: number } = {},
): Kept<Demand> {
  const { publishedAt = round * 2000, ...source } = changed;
  return {
    subject: "",
    id: "",
    sequence: term * 100 + round,
    publishedAt,
    data: {
      master: "m",
      sources: [
        {
          name: "jenkins-queue",
          term,
          round,
          readAt: publishedAt,
          queueReadAt: publishedAt,
          state: "ok",
          session: null,
          quietingDown: false,
          items: [],
          ...source,
        },
      ],
    },
  };
}

describe("a round is used", () => {
  test("only if it is younger than the one before: one that comes late or again is dropped", () => {
    const taken = [
      [1, 2, 1],
      [1, 2, 1],
      [1, 1, 0],
      [1, 3, 2],
      [2, 1, 4],
      [1, 9, 3],
    ].map(([term = 0, round = 0, publishedAt = 0]) => view.take(message(term, round, { publishedAt })) !== undefined);
    expect(taken).toEqual([true, false, false, true, true, false]);
    expect(view.roundOf()).toMatchObject({ term: 2, round: 1 });
  });

  test("for launching only from the one on that was begun after the taking over", () => {
    view.take(message(1, 1));
    expect(view.mayLaunch()).toBe(false);
    expect(view.verdict(2000)).toEqual({ usable: false, reason: "waiting for a round begun after taking over" });
    view.launchFrom(102);
    expect(view.verdict(2000).usable).toBe(false);
    view.take(message(1, 2));
    expect(view.verdict(4000)).toEqual({ usable: true });
  });

  test("no longer than three intervals, by NATS's time alone", () => {
    view.launchFrom(0);
    view.take(message(1, 1, { publishedAt: 10_000, readAt: 999_999, queueReadAt: 999_999 }));
    expect(view.verdict(16_000)).toEqual({ usable: true });
    expect(view.verdict(16_001)).toEqual({ usable: false, reason: "the newest round of jenkins-queue is 6 s old" });
    expect([view.isMasterKnown(16_000), view.isMasterKnown(16_001)]).toEqual([true, false]);
  });

  test("not where the master did not answer, nor while it is quieting down", () => {
    view.launchFrom(0);
    view.take(message(1, 1, { state: "unknown", problem: { code: "master-unavailable", message: "no answer" } }));
    expect(view.verdict(2000)).toEqual({ usable: false, reason: "no answer" });
    expect(view.isMasterKnown(2000)).toBe(false);
    view.take(message(1, 2, { quietingDown: true }));
    expect(view.verdict(4000).usable).toBe(false);
    expect(view.isMasterKnown(4000)).toBe(true);
  });

  test("not before any has come", () => {
    expect(view.verdict(0)).toEqual({ usable: false, reason: "no round has come yet" });
    expect(view.isMasterKnown(0)).toBe(false);
  });
});

describe("the master is known since", () => {
  test.each<[string, Kept<Demand>[], number | undefined]>([
    ["the first round that it answered", [message(1, 1), message(1, 2), message(1, 3)], 2000],
    ["it answered again", [message(1, 1), message(1, 2, { state: "unknown" }), message(1, 3), message(1, 4)], 6000],
    ["never, while it does not answer", [message(1, 1), message(1, 2, { state: "unknown" })], undefined],
    ["rounds came again after a long silence", [message(1, 1), message(1, 5), message(1, 6)], 10_000],
    ["it was started anew, though no round missed it", [message(1, 1), message(1, 2, { session: "next" })], 4000],
    ["the same, though another process reads it now", [message(1, 1), message(2, 1, { publishedAt: 4000 })], 2000],
  ])("%s", (_, messages, since) => {
    for (const one of messages) view.take(one);
    expect(view.masterKnownSince).toBe(since);
  });
});

describe("the round that may have begun", () => {
  test("is the one after the last that was heard of, read or not", () => {
    expect(view.mayHaveBegun()).toBeUndefined();
    view.take(message(1, 1));
    expect(view.mayHaveBegun()).toEqual({ term: 1, round: 2 });
    view.heardOf(message(1, 4).data);
    view.heardOf(message(1, 3).data);
    expect(view.mayHaveBegun()).toEqual({ term: 1, round: 5 });
  });
});

describe("of several sources", () => {
  /** A message with a second source, which has rounds of its own. */
  function withOther(round: number, other: { round: number; publishedAt: number; intervalMs?: number }): Kept<Demand> {
    const one = message(1, round, { publishedAt: other.publishedAt });
    const [first] = one.data.sources;
    if (first === undefined) throw new RangeError("The message has no source.");
    const { publishedAt: _at, ...changed } = other;
    const sources = [first, { ...first, name: "external", supply: "items" as const, ...changed }];
    return { ...one, sequence: other.publishedAt, data: { master: "m", sources } };
  }

  test("each is as young as the message that it was new in", () => {
    view.launchFrom(0);
    for (const at of [1, 2, 3, 4, 5, 6]) view.take(withOther(at, { round: 7, publishedAt: at * 2_000 }));
    const usable = (now: number) => view.standings(now).map(({ verdict }) => verdict.usable);
    expect(usable(12_000)).toEqual([true, false]);
    view.take(withOther(7, { round: 8, publishedAt: 14_000 }));
    expect(usable(14_000)).toEqual([true, true]);
  });

  test("the age of a round is judged by its own source's interval", () => {
    view.launchFrom(0);
    view.take(withOther(1, { round: 1, publishedAt: 2_000, intervalMs: 60_000 }));
    expect(view.standings(100_000).map(({ verdict }) => verdict.usable)).toEqual([false, true]);
  });

  test("each has its own round that may have begun; of one that is not there the first one's counts", () => {
    view.take(withOther(3, { round: 7, publishedAt: 6_000 }));
    view.heardOf(withOther(3, { round: 9, publishedAt: 6_001 }).data);
    expect([undefined, "external", "gone"].map((name) => view.mayHaveBegun(name)?.round)).toEqual([4, 10, 4]);
    expect([undefined, "external", "gone"].map((name) => view.roundOf(name)?.round)).toEqual([3, 7, 3]);
  });

  test("a new round of any is one that has launched nothing yet", () => {
    view.take(withOther(3, { round: 7, publishedAt: 6_000 }));
    view.launched();
    view.take(withOther(3, { round: 7, publishedAt: 6_500 }));
    expect(view.isUnlaunched).toBe(false);
    view.take(withOther(3, { round: 8, publishedAt: 7_000 }));
    expect(view.isUnlaunched).toBe(true);
  });

  test("one that is taken out of the configuration is there no more", () => {
    view.take(withOther(3, { round: 7, publishedAt: 6_000 }));
    view.take(message(1, 4));
    expect(view.standings(8_000)).toHaveLength(1);
  });
});

describe("a round launches once", () => {
  test("and is tried again only while it was not usable", () => {
    view.take(message(1, 1));
    expect(view.isUnlaunched).toBe(true);
    view.launched();
    expect(view.isUnlaunched).toBe(false);
    view.take(message(1, 2));
    expect(view.isUnlaunched).toBe(true);
  });
});

test("a stream that was lost begins anew: neither its terms nor its sequences go on, and a fresh round is asked for (H42)", () => {
  view.launchFrom(0);
  view.take(message(3, 5));
  view.heardOf(message(3, 6).data);
  const first = { ...message(1, 1, { publishedAt: 12_000 }), sequence: 1 };
  expect(view.take(first)).toBeDefined();
  expect([view.roundOf(), view.mayLaunch(), view.mayHaveBegun()]).toMatchObject([
    { term: 1, round: 1 },
    false,
    { term: 1, round: 2 },
  ]);
});

test("what is forgotten is as if it had never come", () => {
  view.launchFrom(0);
  view.take(message(1, 5));
  view.launched();
  view.forget();
  expect([view.source, view.mayLaunch(), view.isUnlaunched, view.masterKnownSince]).toEqual([
    undefined,
    false,
    false,
    undefined,
  ]);
  expect(view.take(message(1, 5))).toBeDefined();
});
