import { expect, test } from "vitest";
import { afterReading, type FileReadings, noReadings } from "./file-readings.ts";

/** After which of these readings the file is looked into, by position. */
function lookedInto(...texts: (string | null)[]): number[] {
  let readings: FileReadings = noReadings;
  return texts.flatMap((text, at) => {
    const after = afterReading(readings, text);
    readings = after.readings;
    return after.isNews ? [at] : [];
  });
}

test.each<[string, (string | null)[], number[]]>([
  ["a file that stays is looked into once, to be sure of what was read at the start", ["a", "a", "a", "a"], [1]],
  ["a change, when two readings show the same", ["a", "a", "b", "b", "b"], [1, 3]],
  ["one that is just being written is not", ["a", "a", "b1", "b2", "b3", "b3"], [1, 5]],
  ["one that went and came back as it was is not", ["a", "a", "b", "a", "a"], [1]],
  ["back to what was before", ["a", "a", "b", "b", "a", "a"], [1, 3, 5]],
  ["one that is gone is looked into once", ["a", "a", null, null, null], [1, 3]],
  ["a link that is just swapped is not gone", ["a", "a", null, "b", "b"], [1, 4]],
])("%s", (_, texts, news) => {
  expect(lookedInto(...texts)).toEqual(news);
});
