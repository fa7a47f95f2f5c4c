import fc from "fast-check";
import { expect, test } from "vitest";
import { LineTooLong, splitLines } from "./lines.ts";

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]) {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    if (at >= bytes.length) return;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

test("lines come out whole, however the bytes are cut, characters of several bytes included", async () => {
  const line = fc
    .string({ unit: "grapheme", minLength: 1 })
    .filter((text) => text.trim() !== "" && !text.includes("\n"));
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.array(fc.integer({ min: 1, max: 7 })), async (lines, sizes) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      expect(await collect(splitLines(chunksOf(bytes, sizes), 1_000_000))).toEqual(lines);
    }),
  );
});

test("a rest without its line end is dropped", async () => {
  expect(await collect(splitLines(chunksOf(Buffer.from("a\nb\nhalf"), [3]), 100))).toEqual(["a", "b"]);
});

test.each([[[] as number[]], [[1, 1, 1]], [[60]]])(
  "a line past the limit is refused before it is kept (cut at %j)",
  async (sizes) => {
    const bytes = Buffer.from(`ok\n${"x".repeat(101)}\n`);
    await expect(collect(splitLines(chunksOf(bytes, sizes), 100))).rejects.toThrow(LineTooLong);
    const justFits = Buffer.from(`${"x".repeat(100)}\n`);
    expect(await collect(splitLines(chunksOf(justFits, sizes), 100))).toHaveLength(1);
  },
);
