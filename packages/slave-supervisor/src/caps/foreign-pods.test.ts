import { expect, test } from "vitest";
import { countedPod } from "./foreign-pods.ts";

const metadata = { name: "maven-x1", uid: "u", resourceVersion: "1" };
const container = (cpu: string, memory: string) => ({ name: "c", resources: { requests: { cpu, memory } } });

test.each<[string, object, object | null]>([
  ["one that waits for a node counts", { status: { phase: "Pending" } }, { slaves: 1, cpu: 0, memory: 0 }],
  [
    "all its containers count",
    { spec: { containers: [container("500m", "1Gi"), container("1", "1Gi")] }, status: { phase: "Running" } },
    { slaves: 1, cpu: 1500, memory: 2 * 1024 ** 3 },
  ],
  ["one that nobody has said anything of yet counts", {}, { slaves: 1, cpu: 0, memory: 0 }],
  ["one that is over does not", { status: { phase: "Succeeded" } }, null],
  ["nor does one that failed", { status: { phase: "Failed" } }, null],
  ["what is odd in one is nothing", { spec: "x", status: 7 }, { slaves: 1, cpu: 0, memory: 0 }],
])("%s", (_, pod, counted) => expect(countedPod({ metadata, ...pod })).toEqual(counted));
