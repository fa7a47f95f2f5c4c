import { KubestackError } from "@kubestack/contracts";
import { beforeEach, describe, expect, test } from "vitest";
import type { Shown } from "../listener.ts";
import { Interrupted } from "./interrupted.ts";
import type { Placed } from "./running-builds.ts";

const placed = (url: string): Placed => ({ node: "n", build: { url, number: 1 } });
const [one, two] = [placed("job/a/1/"), placed("job/b/2/")];
const round = (session: string | null, readAt = 0, urls: readonly string[] = []): Shown => ({
  kind: "round",
  computers: [
    {
      name: "n",
      online: true,
      markedOffline: false,
      idle: true,
      executors: 1,
      labels: null,
      builds: urls.map((url) => ({ url, number: 1 })),
    },
  ],
  readAt,
  queue: { items: [], session },
});
const look = (session: string | null): Shown => ({ kind: "look", computers: [], readAt: 0, session });

/** Builds that the master knows: still running or with a result. */
let known: Map<string, string | null>;
let interrupted: Interrupted;
const master = {
  readBuild: async (url: string) => {
    const result = known.get(url);
    if (result === undefined) throw new KubestackError("not-found", "no such build");
    return { building: result === null, result } as never;
  },
};
const settled = async (readAt = 0) =>
  (await interrupted.settle(master, readAt)).map((over) => [over.placed.build.url, over.result]);

beforeEach(() => {
  known = new Map();
  interrupted = new Interrupted();
  interrupted.sift(round("first"), []);
});

describe("a build that is not shown any more", () => {
  test("is over, in the same start of the master", () => {
    expect(interrupted.sift(round("first"), [one])).toEqual([one]);
    expect(interrupted.sift(look("first"), [two])).toEqual([two]);
  });

  test("is over at a master that does not tell its starts, as Hudson", () => {
    expect(interrupted.sift(round(null), [one])).toEqual([one]);
  });

  test.each<[string, Shown]>([
    ["a round", round("second")],
    ["a look", look("second")],
  ])("in %s of another start is over only when its page says so (H25)", async (_, shown) => {
    expect(interrupted.sift(shown, [one, two])).toEqual([]);
    known = new Map([
      [one.build.url, null],
      [two.build.url, "FAILURE"],
    ]);
    expect(await settled()).toEqual([[two.build.url, "FAILURE"]]);
    known.set(one.build.url, "SUCCESS");
    expect(await settled()).toEqual([[one.build.url, "SUCCESS"]]);
    expect(await settled()).toEqual([]);
  });

  test("in the first round after another process listened may have been interrupted meanwhile", () => {
    interrupted.recall();
    expect(interrupted.sift(round("first"), [one])).toEqual([]);
  });

  test("and is shown running again is not asked about any more: its end is seen", async () => {
    interrupted.sift(round("second"), [one]);
    known.set(one.build.url, "SUCCESS");
    interrupted.sift(round("second", 2000, [one.build.url]), []);
    expect(await settled()).toEqual([]);
  });

  test("and that the master does not know is over a minute later: it may be loading still", async () => {
    interrupted.sift(round("second", 1000), [one]);
    expect(await settled(60_999)).toEqual([]);
    expect(await settled(61_000)).toEqual([[one.build.url, null]]);
  });
});

test("of many interrupted builds some are asked about at a time, and all in turn", async () => {
  const many = Array.from({ length: 45 }, (_, n) => placed(`job/c/${n}/`));
  interrupted.sift(round("second"), many);
  let asked = 0;
  const counting = {
    readBuild: async () => {
      asked += 1;
      return { building: asked <= 45, result: "SUCCESS" } as never;
    },
  };
  for (const expected of [20, 40, 60]) {
    await interrupted.settle(counting, 0);
    expect(asked).toBe(expected);
  }
});
