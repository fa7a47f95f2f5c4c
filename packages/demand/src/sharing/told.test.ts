import type { Amounts } from "@kubestack/contracts";
import { expect, test } from "vitest";
import type { Caps } from "./amounts.ts";
import type { OtherSharer, Refusal } from "./divide.ts";
import { capsOfAll, capsOfMaster, foreignPods, toldRefusal } from "./told.ts";

const gibi = 1024 ** 3;
const slaves = (count: number): Amounts => ({ slaves: count, cpu: count * 500, memory: count * gibi });
const b = (used: number, want: number, weight = 1): OtherSharer => ({
  ...{ name: "b", weight, since: 0, used: slaves(used), want: slaves(want) },
});

test.each<
  [Refusal, { caps: Caps; used?: number; want?: number; others?: OtherSharer[]; own?: boolean }, string, string]
>([
  [
    { kind: "full", of: "slaves", used: 800 },
    { caps: { slaves: 800 } },
    "cap",
    "all masters are at their cap: 800/800 slaves (limits.maxSlaves)",
  ],
  [
    { kind: "full", of: "cpu", used: 2_999_500 },
    { caps: { cpu: 3_000_000 } },
    "cap",
    "all masters are at their cap: 2999.5 of 3000 cpu, and it asks for 0.5 (limits.cpu)",
  ],
  [
    { kind: "full", of: "memory", used: 11.5 * gibi },
    { caps: { memory: 12 * gibi }, own: true },
    "cap",
    "master a is at its cap: 11.5Gi of 12Gi of memory, and it asks for 1Gi (masters[].memory)",
  ],
  [
    { kind: "full", of: "slaves", used: 800 },
    { caps: { slaves: 800 }, others: [{ ...b(35, 0), name: foreignPods }] },
    "cap",
    "all masters are at their cap: 800/800 slaves, 35 of it pods of the Kubernetes plugin (limits.maxSlaves)",
  ],
  [
    { kind: "full", of: "memory", used: 12 * gibi },
    { caps: { memory: 12 * gibi }, others: [{ ...b(3, 0), name: foreignPods }] },
    "cap",
    "all masters are at their cap: 12Gi of 12Gi of memory, 3Gi of it pods of the Kubernetes plugin, and it asks for 1Gi (limits.memory)",
  ],
  [
    { kind: "too-large", of: "cpu", ask: 64_000 },
    { caps: { cpu: 32_000 } },
    "too-large",
    "it asks for 64 cpu, and all masters may have 32 cpu (limits.cpu)",
  ],
  [
    { kind: "share", before: ["b"] },
    { caps: { slaves: 800 }, used: 400, want: 9, others: [b(397, 3)] },
    "share",
    "master a is at its share: 400 of 800 slaves; master b waits for 3 below its own",
  ],
  [
    { kind: "share", before: ["b", "c"] },
    { caps: { slaves: 10 }, used: 7, want: 9, others: [b(0, 8, 4)] },
    "share",
    "master a has 7 of 10 slaves, and its share is 2; master b waits for 8 below its own, as does another one",
  ],
  [
    { kind: "behind" },
    { caps: { cpu: 8000 } },
    "cap",
    "a launch before it waits for room: all masters can't have that much more now",
  ],
])("%o is told with its numbers", (refusal, { caps, used = 0, want = 1, others = [], own = false }, code, reason) => {
  const told = toldRefusal(refusal, {
    names: own ? capsOfMaster("a") : capsOfAll,
    ...{ caps, ask: slaves(1), want: slaves(want), others },
    own: { name: "a", weight: 1, used: slaves(used), since: 0 },
  });
  expect(told).toEqual({ code, reason });
});
