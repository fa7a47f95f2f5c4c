import { expect, test } from "vitest";
import { createTokenBucket } from "./token-bucket.ts";

test("a burst goes at once, then one follows another at the rate", () => {
  const bucket = createTokenBucket(10, 3);
  const waits = Array.from({ length: 6 }, () => bucket.take(0, 60_000));
  expect(waits).toEqual([0, 0, 0, 100, 200, 300]);
});

test("time refills it, but never past the burst", () => {
  const bucket = createTokenBucket(10, 2);
  bucket.take(0, 0);
  bucket.take(0, 0);
  expect(bucket.take(100, 0)).toBe(0);
  const waits = Array.from({ length: 3 }, () => bucket.take(1_000_000, 60_000));
  expect(waits).toEqual([0, 0, 100]);
});

test("a wait that is too long takes nothing", () => {
  const bucket = createTokenBucket(1, 1);
  expect(bucket.take(0, 500)).toBe(0);
  expect(bucket.take(0, 500)).toBeUndefined();
  expect(bucket.take(0, 500)).toBeUndefined();
  expect(bucket.take(500, 500)).toBe(500);
});

test("a clock that goes back neither drains nor stops it", () => {
  const bucket = createTokenBucket(10, 1);
  expect(bucket.take(10_000, 60_000)).toBe(0);
  expect(bucket.take(0, 60_000)).toBe(100);
  expect(bucket.take(1_000, 60_000)).toBe(0);
});
