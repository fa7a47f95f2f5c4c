import type { SlaveRecord } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { recordIn } from "../slave-record.fixture.ts";
import { EndedBuilds } from "./ended-builds.ts";

const urlOf = (build: number): string => `job/a/${build}/`;

/** A slave that may run `limit` builds, has run so many, `last` the last of them, and runs `current`. */
function slave(
  ran: number,
  { last = ran, current, limit = 1 }: { last?: number; current?: number; limit?: number } = {},
) {
  const record = recordIn("busy");
  const builds = {
    ...record.life.builds,
    ran,
    lastUrl: last === 0 ? null : urlOf(last),
    current: current === undefined ? null : { url: urlOf(current), startedAt: 1 },
  };
  return { ...record, life: { ...record.life, builds, limits: { ...record.life.limits, builds: limit } } };
}

/** What each change of a story says. */
function told(...story: readonly SlaveRecord[]) {
  const ended = new EndedBuilds();
  return story.slice(1).map((after, at) => {
    const { builds, shared } = ended.saved(story[at] as SlaveRecord, after);
    return [builds, shared];
  });
}

test("the one build of a slave shares it with nobody; each further one does", () => {
  const story = told(slave(0), slave(0, { current: 1 }), slave(1), slave(1, { current: 2 }), slave(2), slave(3));
  expect(story).toEqual([
    [0, 0],
    [1, 0],
    [0, 0],
    [1, 1],
    [1, 1],
  ]);
});

test("where more builds are allowed only those beyond are shared, and none where there is no limit", () => {
  const of = (limit: number) => told(...[0, 1, 2, 3].map((ran) => slave(ran, { limit })));
  expect(of(2)).toEqual([
    [1, 0],
    [1, 0],
    [1, 1],
  ]);
  expect(of(0)).toEqual([
    [1, 0],
    [1, 0],
    [1, 0],
  ]);
});

test("two ends in one change are two builds: the one that ran and was over unseen, and the one that was never seen", () => {
  expect(told(slave(0, { current: 1 }), slave(2))).toEqual([[2, 1]]);
});

test("an end that is told again after the next one's is no build", () => {
  expect(told(slave(1), slave(2), slave(3, { last: 1 }), slave(4, { last: 3 }))).toEqual([
    [1, 1],
    [0, 0],
    [1, 1],
  ]);
});

test("what a slave ran before another process owned it counts for its limit", () => {
  expect(told(slave(1), slave(2))).toEqual([[1, 1]]);
});
