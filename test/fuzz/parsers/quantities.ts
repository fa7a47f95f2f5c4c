import assert from "node:assert/strict";
import { duration, durationMs, printDuration, quantity } from "@kubestack/contracts";
import { type FuzzedParser, refusal, times } from "../parser.ts";

const anyDuration = duration();

/** Durations and quantities of the configuration. */
export const quantitiesParser: FuzzedParser = {
  name: "durations-and-quantities",
  samples: ["30s", "5m", "1h30m", "500ms", "1.5h", "2d", "500m", "4Gi", "0.5", "2"],
  words: ["ms", "s", "m", "h", "d", ".", "0", "1", "9", "Ki", "Gi", "e9", "-", "+", " "],
  read: (input) => {
    const ms = durationMs(input);
    if (ms !== undefined && ms < Number.MAX_SAFE_INTEGER) assert.equal(durationMs(printDuration(ms)), ms);
    const isQuantity = quantity.safeParse(input).success;
    return anyDuration.safeParse(input).success || isQuantity ? undefined : refusal;
  },
  growing: {
    digits: (size) => times("1", size),
    "digits behind a point": (size) => `1.${times("1", size)}`,
    parts: (size) => times("1m", size),
    "parts and what is none": (size) => `${times("1m", size)}!`,
    points: (size) => times("1.1", size),
  },
};
