import { expect, test } from "vitest";
import { nicenessOf } from "./cpu-weight.ts";

test.each<[string | undefined, number]>([
  [undefined, 19],
  ["1m", 19],
  ["50m", 13],
  ["100m", 10],
  ["500m", 3],
  ["0.5", 3],
  ["1", 0],
  ["1000000u", 0],
  ["1k", 0],
  ["what?", 19],
])("a container that asks for %s of the processor is nice by %i", (cpu, niceness) => {
  expect(nicenessOf({ name: "main", ...(cpu === undefined ? {} : { resources: { requests: { cpu } } }) })).toBe(
    niceness,
  );
});
