import { expect, test } from "vitest";
import { compareDays } from "./capacity/day/day.ts";

test("mornings of a site: cheaper than what sees pods only, with waits no longer, and far cheaper than a fixed size", () => {
  const [mine, pods, size, none] = compareDays({ from: 7, to: 10 }, [5, 6, 7]);
  expect(mine.cost).toBeLessThan(pods?.cost ?? 0);
  expect(mine.meanWaitMs).toBeLessThanOrEqual(pods?.meanWaitMs ?? 0);
  expect(mine.p95WaitMs).toBeLessThanOrEqual(pods?.p95WaitMs ?? 0);
  expect(mine.cost).toBeLessThan(0.6 * (size?.cost ?? 0));
  expect(mine.p95WaitMs).toBeLessThan(none?.p95WaitMs ?? 0);
});
