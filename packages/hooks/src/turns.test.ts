import { expect, test } from "vitest";
import { Turns } from "./turns.ts";

test("two work, one waits, and a fourth is sent away", async () => {
  const turns = new Turns(2, 1);
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const take = (name: string) =>
    turns.take(() => {
      begun.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    });
  const taken = [take("a"), take("b"), take("c")];
  expect(await take("d")).toBe(false);
  expect(begun).toEqual(["a", "b"]);
  ends.get("b")?.();
  await taken[1];
  await Promise.resolve();
  expect(begun).toEqual(["a", "b", "c"]);
  expect(await Promise.race([take("e"), Promise.resolve("waits")])).toBe("waits");
  for (const name of ["a", "c"]) ends.get(name)?.();
  expect(await Promise.all(taken)).toEqual([true, true, true]);
  expect(begun).toEqual(["a", "b", "c", "e"]);
});

test("work that fails gives its place back", async () => {
  const turns = new Turns(1, 1);
  await expect(turns.take(() => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  expect(await turns.take(async () => undefined)).toBe(true);
});
