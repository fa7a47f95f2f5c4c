import { expect, test } from "vitest";
import { Gate } from "./gate.ts";

test("at most so many run at once; the others wait in order; a failure makes room too", async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const results = ends.map(({ promise }, at) =>
    gate
      .run(async () => {
        begun.push(at);
        await promise;
        return at;
      })
      .catch(() => "failed"),
  );
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error("no"));
  await results[1];
  expect(begun).toEqual([0, 1, 2]);
  ends[0]?.resolve();
  ends[2]?.resolve();
  await Promise.all([results[0], results[2]]);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  ends[3]?.resolve();
  ends[4]?.resolve();
  expect(await Promise.all(results)).toEqual([0, "failed", 2, 3, 4]);
  expect(await gate.run(async () => "free")).toBe("free");
});

test("a place that becomes free goes to who waits, not to who comes", async () => {
  const gate = new Gate(1);
  const first = Promise.withResolvers<void>();
  const order: string[] = [];
  const one = gate.run(() => first.promise);
  const two = gate.run(async () => void order.push("waited"));
  first.resolve();
  await one;
  const three = gate.run(async () => void order.push("came"));
  await Promise.all([two, three]);
  expect(order).toEqual(["waited", "came"]);
});
