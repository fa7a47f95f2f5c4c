import { KubestackError } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { timed } from "./timed.ts";

test("calls are timed whatever comes of them, and answer as before", async () => {
  let now = 0;
  const told: unknown[] = [];
  const target = {
    name: "m",
    read: async (id: string) => {
      now += 250;
      return `read ${id}`;
    },
    refuse: async () => {
      now += 1000;
      throw new KubestackError("not-found", "There is none.");
    },
    fail: () => {
      throw new TypeError("broken");
    },
    close: () => "closed",
  };
  const measured = timed(target, {
    calls: ["read", "refuse", "fail"],
    monotonic: () => now,
    told: (call) => told.push(call),
  });
  expect(await measured.read("7")).toBe("read 7");
  await expect(measured.refuse()).rejects.toThrow("There is none.");
  await expect(Promise.resolve().then(() => measured.fail())).rejects.toThrow(TypeError);
  expect([measured.name, measured.close()]).toEqual(["m", "closed"]);
  expect(told).toEqual([
    { name: "read", seconds: 0.25, code: undefined },
    { name: "refuse", seconds: 1, code: "not-found" },
    { name: "fail", seconds: 0, code: "unexpected" },
  ]);
});
