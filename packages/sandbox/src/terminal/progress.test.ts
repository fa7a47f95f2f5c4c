import { expect, test } from "vitest";
import { Progress, progressPicture } from "./progress.ts";

function follow() {
  const said: string[] = [];
  const clock = { now: 0 };
  return {
    said,
    clock,
    progress: new Progress(
      (line) => said.push(line),
      () => clock.now,
    ),
  };
}

test("a plain stream hears what is done, that a silent part lives, and when it is ready", () => {
  const { said, clock, progress } = follow();
  progress.begin("kubernetes");
  progress.begin("master");
  progress.doing("kubernetes", "building it… (first time about 5 min)");
  clock.now = 5000;
  progress.ready("master");
  clock.now = 9999;
  progress.tick();
  clock.now = 10_000;
  progress.tick();
  progress.tick();
  clock.now = 65_000;
  progress.doing("kubernetes", "building it… 1m05s (first time about 5 min)");
  progress.ready("kubernetes");
  progress.doing("kubernetes", "too late");
  expect(said).toEqual([
    "kubernetes: building it… (first time about 5 min)",
    "master: ready after 5.0 s",
    "kubernetes: building it… (first time about 5 min) 10s",
    "kubernetes: building it… 1m05s (first time about 5 min)",
    "kubernetes: ready after 65.0 s",
  ]);
});

test("the picture has one line for each part, with a clock of its own", () => {
  const { clock, progress } = follow();
  progress.begin("kubernetes");
  progress.begin("node", "waits for kubernetes");
  progress.doing("kubernetes", "building it… 2m10s (first time about 5 min)");
  clock.now = 134_000;
  progress.ready("node");
  clock.now = 135_000;
  expect(progressPicture(progress.steps(), { columns: 60, colour: false })).toEqual([
    "PART         TIME  STATE",
    "kubernetes  2m15s  building it… (first time about 5 min)",
    "node        2m14s  ready",
  ]);
});

test("a narrow window cuts the words", () => {
  const { progress } = follow();
  progress.begin("kubernetes", "a long sentence about what is being done just now");
  for (const line of progressPicture(progress.steps(), { columns: 30, colour: false }))
    expect(line.length).toBeLessThanOrEqual(30);
});
