import { describe, expect, test } from "vitest";
import type { Schedule } from "./schedule.ts";
import { liveSharing } from "./shared-caps.ts";
import { unrest } from "./unrest.ts";

const unruly = { lost: 0.1, doubled: 0.2, delayed: 0.1 };
const seedsFrom = (first: number, count: number): number[] => Array.from({ length: count }, (_, at) => first + at);

describe("two masters under one cap, one with ten times the builds", () => {
  test("it is reached and never passed, the quiet one hardly waits, and no line says too much in the end", async () => {
    for (const seed of seedsFrom(1, 2)) {
      const cap = 5;
      const { mostSlaves, mostPods, longestWaitMs, ...day } = await liveSharing({ seed, cap, builds: 40 });
      expect({ seed, mostSlaves, mostPods, ...day }).toEqual({
        seed,
        ...{ isOver: true, mostSlaves: cap, mostPods: cap, aboveLine: 0, killed: 0, left: 0 },
        built: { flooded: 40, quiet: 4 },
      });
      // A place is free within a build's and a pod's time; the flood waits for many of them.
      expect(longestWaitMs.quiet).toBeLessThan((longestWaitMs.flooded ?? 0) / 2);
    }
  });

  test.each([1, 6, 11, 16])(
    "nor while two supervisors die, stand still, are cut off, end and come (five seeds from %i on)",
    async (first) => {
      for (const seed of seedsFrom(first, 5)) {
        const cap = 3;
        const day = { seed, cap, builds: 20, messages: unruly, disturb: unrest(["slave-supervisor"]) };
        const { longestWaitMs: _, mostPods, ...end } = await liveSharing(day);
        expect({ seed, isPassed: mostPods > cap, ...end }).toEqual({
          seed,
          ...{ isOver: true, isPassed: false, mostSlaves: cap, aboveLine: 0, killed: 0, left: 0 },
          built: { flooded: 20, quiet: 2 },
        });
      }
    },
  );
});

describe("a cap that two masters share, while NATS's store is lost", () => {
  test.each(["wiped", "put back"])("%s: it is not passed, though both ledgers begin anew", async (how) => {
    for (const seed of seedsFrom(1, 3)) {
      const cap = 3;
      const disturb: Schedule["disturb"] = ({ nats, time }) => {
        let before = nats.snapshot();
        let isDone = false;
        time.in(6_000, () => {
          before = nats.snapshot();
        });
        time.in(12_000, () => {
          isDone = true;
          if (how === "wiped") nats.wipe();
          else nats.rollBackTo(before);
        });
        return () => isDone;
      };
      const { isOver, mostPods, left } = await liveSharing({ seed, cap, builds: 20, disturb });
      expect({ seed, isOver, isPassed: mostPods > cap, left }).toEqual({
        seed,
        isOver: true,
        isPassed: false,
        left: 0,
      });
    }
  });
});
