import { expect, test } from "vitest";
import { siteOf } from "./templates/site.ts";
import { renderingMs } from "./templates/templates.ts";

const mostGrowth = 2.3;
const tries = 9;
const measurements = 5;

/** The least of several tries of each, taken in turn: collecting garbage and other processes belong to none of them alone. */
function growth(): number {
  const [once, twice] = [siteOf(2), siteOf(4)];
  let [onceMs, twiceMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let left = tries; left > 0; left -= 1) {
    onceMs = Math.min(onceMs, renderingMs(once));
    twiceMs = Math.min(twiceMs, renderingMs(twice));
  }
  return twiceMs / onceMs;
}

test("twice as many templates with four levels of inheritance cost about twice the processor time", () => {
  let ratio = growth();
  for (let left = measurements; left > 0 && ratio > mostGrowth; left -= 1) ratio = Math.min(ratio, growth());
  expect(ratio).toBeLessThanOrEqual(mostGrowth);
});
