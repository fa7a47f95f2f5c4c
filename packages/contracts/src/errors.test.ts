import { describe, expect, test } from "vitest";
import { hasCode, KubestackError, sentenceOf } from "./errors.ts";

describe("an error of ours", () => {
  test("may be tried again after the caller's own back-off, unless it says otherwise", () => {
    expect(new KubestackError("throttled", "The master asks for fewer requests.").retry).toBe("backoff");
    expect(new KubestackError("throttled", "…", { retry: { afterMs: 500 } }).retry).toEqual({ afterMs: 500 });
    expect(new KubestackError("invalid-config", "…", { retry: "never" }).retry).toBe("never");
  });

  test("keeps its cause, and has none where none was given", () => {
    const cause = new Error("ECONNREFUSED");
    expect(new KubestackError("bus-unavailable", "…", { cause }).cause).toBe(cause);
    expect("cause" in new KubestackError("bus-unavailable", "…")).toBe(false);
  });

  test.each([
    [new KubestackError("not-found", "…"), true],
    [new KubestackError("already-exists", "…"), true],
    [new KubestackError("throttled", "…"), false],
    [Object.assign(new Error("…"), { code: "not-found" }), false],
    ["not-found", false],
    [undefined, false],
  ])("is told by its code: %s", (error, expected) => {
    expect(hasCode(error, "not-found", "already-exists")).toBe(expected);
  });
});

test.each([
  [new Error("It failed."), "It failed."],
  [new Error("It failed.", { cause: new Error("refused") }), "It failed. (refused)"],
  [new Error("It failed: refused.", { cause: new Error("refused") }), "It failed: refused."],
  [new Error("It failed.", { cause: "no error" }), "It failed."],
  ["a text", "a text"],
  [null, "null"],
])("the sentence of %s", (error, sentence) => {
  expect(sentenceOf(error)).toBe(sentence);
});
