import type { Bus } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import { createLogger } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { describe, expect, test } from "vitest";
import { defaultInstall, installName, keptInstall } from "./install.ts";

describe("the installation's name", () => {
  test("is the same for the same namespace and masters, in any order, and a valid label", () => {
    const name = installName("uid-1", ["b", "a"]);
    expect(installName("uid-1", ["a", "b"])).toBe(name);
    expect(name).toMatch(/^ks-[0-9a-f]{10}$/);
  });

  test("is another one for another namespace or other masters", () => {
    const names = [
      installName("uid-1", ["a", "b"]),
      installName("uid-2", ["a", "b"]),
      installName("uid-1", ["a"]),
      installName("uid-1", ["a,b"]),
      installName("uid-1", ["ab"]),
    ];
    expect(new Set(names).size).toBe(names.length);
  });
});

test("is what masters were served under before, though they are others by now", async () => {
  const bus = (installs: string[]) =>
    ({ masters: { list: async () => installs.map((install) => ({ value: { install } })) } }) as unknown as Bus;
  expect(await keptInstall(bus(["ks-1", "ks-1"]))).toBe("ks-1");
  expect(await keptInstall(bus([]))).toBeUndefined();
});

describe("finding it out", () => {
  function question(answers: readonly (string | undefined | KubestackError)[]) {
    const timing = manualTiming({ random: 1 });
    const ending = new AbortController();
    let asked = 0;
    const cluster = {
      namespaceUid: async () => {
        const answer = answers[Math.min(asked, answers.length - 1)];
        asked += 1;
        if (answer instanceof KubestackError) throw answer;
        return answer;
      },
    } as unknown as Cluster;
    const found = defaultInstall({
      cluster,
      namespace: "ci",
      masters: ["m"],
      log: createLogger({ level: "silent" }),
      timing,
      signal: ending.signal,
    });
    return { timing, ending, found, asked: () => asked };
  }

  const away = new KubestackError("cluster-unavailable", "no answer");

  test("goes on while the cluster can't be reached, and while the namespace is not there, each time later", async () => {
    const { found, timing, asked } = question([away, undefined, away, away, away, away, "uid-1"]);
    const waits: number[] = [];
    while (asked() < 7) {
      await timing.asleep();
      waits.push(timing.sleepers()[0] ?? 0);
      await timing.advance(timing.sleepers()[0] ?? 0);
    }
    expect(await found).toBe(installName("uid-1", ["m"]));
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000]);
  });

  test("ends at once when the program does", async () => {
    const { found, timing, ending } = question([away]);
    await timing.asleep();
    ending.abort();
    expect(await found).toBeUndefined();
  });
});
