import { expect, test } from "vitest";
import { readServer } from "./reading.ts";

type Line = readonly [name: string, total: number, running: number, workers: number];

/** A server that answers with these lines, one list after the other, and then with the last. */
function server(...answers: readonly (readonly Line[])[]) {
  let asked = 0;
  const skipped = { unreadable: 0, tooLong: 0 };
  const client: Parameters<typeof readServer>[0] = {
    status: async (take) => {
      const lines = answers[Math.min(asked, answers.length - 1)] ?? [];
      asked += 1;
      for (const [name, total, running, workers] of lines) take({ name, total, running, workers });
      return skipped;
    },
    workers: async () => skipped,
  };
  return { client, asked: () => asked };
}

test.each<[string, Line, Line, number, number]>([
  ["is taken by an idle worker meanwhile does not wait", ["build:a:x", 1, 0, 1], ["build:a:x", 1, 1, 1], 0, 2],
  ["a dead worker does not take waits", ["build:a:x", 1, 0, 1], ["build:a:x", 1, 0, 1], 1, 2],
  ["has no worker waits, and is asked for once", ["build:a:x", 1, 0, 0], ["build:a:x", 1, 1, 1], 1, 1],
  ["waits for workers that all work waits, and is asked for once", ["build:a:x", 3, 1, 1], ["x", 0, 0, 0], 2, 1],
])("what %s", async (_, before, after, waiting, asked) => {
  const { client, ...one } = server([before], [after]);
  const { builds } = await readServer(client);
  expect(builds.reduce((sum, { total, running }) => sum + total - running, 0)).toBe(waiting);
  expect(one.asked()).toBe(asked);
});
