import { expect, test } from "vitest";
import { unlessSilent } from "./silence.ts";

async function* giving(count: number, thenEnds: boolean): AsyncGenerator<number> {
  for (let at = 0; at < count; at += 1) yield at;
  if (!thenEnds) await new Promise(() => undefined);
}

async function heard(source: AsyncIterable<number>): Promise<number[]> {
  const all: number[] = [];
  for await (const one of unlessSilent(source, 20)) all.push(one);
  return all;
}

test("all that a source gives is passed on, to its end", async () => {
  expect(await heard(giving(3, true))).toEqual([0, 1, 2]);
  expect(await heard(giving(0, true))).toEqual([]);
});

test("a source that falls silent is not waited for", async () => {
  await expect(heard(giving(2, false))).rejects.toThrow("nothing came for 20 ms");
});
