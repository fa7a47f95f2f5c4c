import type { SlaveEventMessage, SlaveState } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { Board } from "./board.ts";
import { boardPicture } from "./board-picture.ts";
import type { SeenBuild } from "./master-view.ts";

const nothing = { items: [], builds: [] };

function event(slave: string, state: SlaveState, step: number): SlaveEventMessage {
  return {
    slave,
    master: "sandbox",
    template: "python",
    state,
    previous: null,
    reason: "",
    at: 1000 + step,
    afterMs: null,
    step,
    pod: { namespace: "ci", uid: null, node: null },
    build: null,
    outcome: null,
  };
}

function build(more: Partial<SeenBuild> = {}): SeenBuild {
  return { job: "api", number: 1, result: null, slave: "ks-1", startedAt: 5000, durationMs: 0, ...more };
}

const item = { id: "7", job: "api" };
const board = () => new Board(new Map([["api", "python"]]));

test("a build is shown from the queue to its end, each step told once", () => {
  const shown = board();
  expect(shown.see({ items: [item], builds: [] }, 1000)).toEqual([
    { at: 1000, job: "api", text: "waits in the queue" },
  ]);
  expect(shown.rows()).toMatchObject([{ job: "api", label: "python", build: "queued", buildSince: 1000, slave: null }]);
  expect(shown.see({ items: [item], builds: [] }, 1500)).toEqual([]);
  expect(shown.see({ items: [], builds: [build({ slave: "" })] }, 5000)).toEqual([]);
  expect(shown.see({ items: [], builds: [build()] }, 5500)).toMatchObject([{ text: "#1 runs on ks-1" }]);
  expect(shown.rows()).toMatchObject([{ build: "running", slave: "ks-1", buildSince: 5000 }]);
  const ended = { items: [], builds: [build({ result: "SUCCESS", durationMs: 3000 })] };
  expect(shown.see(ended, 9000)).toEqual([{ at: 8000, job: "api", text: "#1 ended: SUCCESS" }]);
  expect(shown.see(ended, 9500)).toEqual([]);
  expect(shown.rows()).toMatchObject([{ build: "ended", result: "SUCCESS", buildSince: 8000 }]);
});

test("an item that became a build between two reads is one row", () => {
  const shown = board();
  shown.see({ items: [item], builds: [] }, 1000);
  shown.see({ items: [item], builds: [build()] }, 1500);
  expect(shown.rows()).toHaveLength(1);
});

test("a second item of the job still waits while the first runs", () => {
  const shown = board();
  const second = { id: "8", job: "api" };
  shown.see({ items: [item, second], builds: [] }, 1000);
  shown.see({ items: [second], builds: [build()] }, 1500);
  expect(shown.rows().map((row) => row.build)).toEqual(["running", "queued"]);
});

test("a slave stands beside the item it was launched for, then beside the build it runs", () => {
  const shown = board();
  shown.see({ items: [item], builds: [] }, 1000);
  shown.slaveEntered(event("ks-1", "requested", 0));
  shown.slaveEntered(event("ks-2", "requested", 0));
  shown.slaveIsFor("ks-1", "7");
  shown.slaveIsFor("ks-2", "9");
  expect(shown.rows()).toMatchObject([
    { build: "queued", slave: "ks-1", slaveState: "requested" },
    { build: "none", slave: "ks-2" },
  ]);
  shown.see({ items: [], builds: [build({ slave: "ks-2" })] }, 6000);
  expect(shown.rows()).toMatchObject([
    { build: "running", slave: "ks-2" },
    { build: "none", slave: "ks-1" },
  ]);
});

test("announcements that come twice or late change nothing", () => {
  const shown = board();
  expect(shown.slaveEntered(event("ks-1", "scheduled", 1))).toBe(true);
  expect(shown.slaveEntered(event("ks-1", "scheduled", 1))).toBe(false);
  expect(shown.slaveEntered(event("ks-1", "requested", 0))).toBe(false);
  expect(shown.counts()).toMatchObject({ requested: 0, scheduled: 1 });
  expect(shown.unfinished()).toEqual(["slave ks-1, which is scheduled"]);
  shown.slaveEntered(event("ks-1", "deleted", 5));
  expect(shown.unfinished()).toEqual([]);
  shown.see(nothing, 2000);
  expect(shown.rows()).toEqual([]);
});

test("it does not grow for ever", () => {
  const shown = board();
  const builds = Array.from({ length: 500 }, (_, at) => build({ number: at + 1, result: "SUCCESS", startedAt: at }));
  for (let at = 0; at < 500; at += 1) shown.slaveEntered(event(`ks-${at}`, "deleted", 5));
  shown.see({ items: [], builds }, 1000);
  expect(shown.rows()).toHaveLength(200);
  expect(shown.rows().at(-1)?.buildSince).toBe(499);
  expect(shown.counts().deleted).toBe(200);
});

test("the picture fits its window; what has ended gives way first", () => {
  const shown = board();
  const over = Array.from({ length: 10 }, (_, at) =>
    build({ number: at + 1, result: "SUCCESS", startedAt: at, slave: "" }),
  );
  shown.see({ items: [], builds: [...over, build({ number: 11, startedAt: 20, slave: "ks-1" })] }, 100);
  shown.slaveEntered(event("ks-1", "busy", 3));
  const look = { now: 5_020, columns: 60, colour: false, foot: "foot" };
  expect(boardPicture(shown, { ...look, rows: 5 })).toEqual([
    "slaves  requested 0 · scheduled 0 · online 0 · busy 1 · dra…",
    "JOB  LABEL   BUILD          SLAVE  SLAVE IS",
    "api  python  SUCCESS        –      –",
    "api  python  running 5s     ks-1   busy 4s",
    "9 more not shown · foot",
  ]);
  expect(boardPicture(shown, { ...look, rows: 40 })).toHaveLength(14);
});
