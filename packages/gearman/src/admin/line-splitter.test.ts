import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.ts";

/** All lines of a stream that comes in pieces of the given sizes, over and over. */
function split(text: string, options: { sizes?: readonly number[]; mostBytes?: number } = {}) {
  const splitter = new LineSplitter(options.mostBytes);
  const bytes = Buffer.from(text);
  const { sizes = [bytes.length] } = options;
  const lines: string[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    splitter.push(bytes.subarray(at, at + size), (line) => {
      lines.push(line);
      return true;
    });
    at += size;
  }
  return { lines, tooLong: splitter.tooLong, isInside: splitter.isInside };
}

describe("lines of a stream", () => {
  test.each<[string, string, string[], boolean]>([
    ["two of them", "a\nb\n", ["a", "b"], false],
    ["one that has not ended", "a\nb", ["a"], true],
    ["an empty one", "\n", [""], false],
    ["with CR", "a\r\n\r\n", ["a", ""], false],
    ["a CR within", "a\rb\n", ["a\rb"], false],
    ["none", "", [], false],
  ])("%s", (_, text, lines, isInside) => {
    expect(split(text)).toEqual({ lines, tooLong: 0, isInside });
  });

  test("one that is too long is skipped and counted, and the next one is read", () => {
    expect(split("abcd\nabcde\nabc\n", { mostBytes: 4 })).toMatchObject({ lines: ["abcd", "abc"], tooLong: 1 });
    expect(split("abcde", { mostBytes: 4 })).toEqual({ lines: [], tooLong: 0, isInside: true });
  });

  test("after the last one that is wanted the rest is left unread", () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from("a\n.\nrest"), (line) => line !== ".")).toBe(4);
  });

  test("are the same whatever pieces they come in", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\t"))),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        (parts, sizes, mostBytes) => {
          const text = parts.join("");
          expect(split(text, { sizes, mostBytes })).toEqual(split(text, { mostBytes }));
        },
      ),
    );
  });

  test("cost linear time, also where one never ends and comes byte by byte", () => {
    const before = performance.now();
    split("x".repeat(600_000), { sizes: [1] });
    split("x\n".repeat(1_500_000), { sizes: [65_536] });
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
