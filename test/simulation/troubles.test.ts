import { expect, test } from "vitest";
import { liveThrough, wellAgainMs } from "./troubled-day.ts";
import { troubles } from "./troubles.ts";

test.each(troubles)(
  "$name: no build is killed, none is launched for twice, and all is well again after",
  async (trouble) => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const day = await liveThrough(trouble, seed);
      const { isOver, failed, alive, killed, doubled, launched, withdrawn, built, shared, unseen } = day;
      expect({
        seed,
        isOver,
        failed,
        alive,
        killed,
        doubled,
        forNothing: launched - withdrawn - built + shared + unseen,
      }).toEqual({
        seed,
        isOver: true,
        failed: 0,
        alive: 0,
        killed: 0,
        doubled: 0,
        forNothing: 0,
      });
      expect(withdrawn).toBeLessThanOrEqual(shared + unseen);
      if (trouble.isBlind)
        expect({ seed, launchedMeanwhile: day.launchedMeanwhile }).toEqual({ seed, launchedMeanwhile: 0 });
      expect(day.healthyAfterMs).toBeLessThan(wellAgainMs);
    }
  },
);
