import { describe, expect, test } from "vitest";
import { readWhy, type WhyReading } from "./why.ts";

const table: readonly (readonly [string, WhyReading])[] = [
  // Jenkins 2.358 and later.
  ["There are no nodes with the label ‘linux && docker’", { kind: "label-offline", label: "linux && docker" }],
  ["All nodes of label ‘linux&&docker’ are offline", { kind: "label-offline", label: "linux&&docker" }],
  ['All nodes of label ‘"a b"||c’ are offline', { kind: "label-offline", label: '"a b"||c' }],
  ["Waiting for next available executor on ‘maven’", { kind: "executor", label: "maven" }],
  ["Waiting for next available executor on ‘ks-1’", { kind: "executor", node: "ks-1" }],
  ["Waiting for next available executor", { kind: "executor" }],
  ["‘ks-1’ is offline", { kind: "node-offline", node: "ks-1" }],
  ["‘Built-In Node’ doesn’t have label ‘maven’", { kind: "unsuitable", label: "maven" }],
  ["‘ks-1’ is reserved for jobs with matching label expression", { kind: "reserved" }],
  ["‘ks-1’ is not accepting tasks", { kind: "unsuitable" }],
  ["‘alice’ lacks permission to run on ‘ks-1’", { kind: "unsuitable" }],
  ["‘Built-In Node’ doesn’t have label ‘gpu’; ‘ks-1’ doesn’t have label ‘gpu’", { kind: "unsuitable", label: "gpu" }],
  ["‘ks-1’ is offline; ‘ks-2’ doesn’t have label ‘gpu’; ... and 12 more", { kind: "unsuitable", label: "gpu" }],
  [
    "Waiting for next available executor on ‘ks-7’; ‘ks-2’ doesn’t have label ‘gpu’",
    { kind: "unsuitable", label: "gpu" },
  ],
  ["‘ks-1’ is offline; ‘ks-2’ is offline", { kind: "unsuitable" }],
  ["‘a’ is reserved for jobs with matching label expression; ‘b’ is offline; ... and 3 more", { kind: "reserved" }],
  ["In the quiet period. Expires in 4.9 sec", { kind: "quiet-period" }],
  ["Finished waiting", { kind: "quiet-period" }],
  ["Build #12 is already in progress (ETA: 2 min 3 sec)", { kind: "blocked" }],
  ["Blocked by ‘deploy’", { kind: "blocked" }],
  ["Jenkins is about to shut down", { kind: "shutting-down" }],
  // Jenkins before 2.358: quotes of labels are curly, those of nodes are missing.
  ["Waiting for next available executor on linux&&docker", { kind: "executor", label: "linux&&docker" }],
  ["Waiting for next available executor on ks-1", { kind: "executor", node: "ks-1" }],
  ["ks-1 is offline", { kind: "node-offline", node: "ks-1" }],
  ["ks-1 doesn’t have label gpu", { kind: "unsuitable", label: "gpu" }],
  ["ks-1 is reserved for jobs tied to it", { kind: "reserved" }],
  // Jenkins 1.396 and Hudson 3.3: ASCII quotes or none.
  ["All nodes of label 'python&&linux' are offline", { kind: "label-offline", label: "python&&linux" }],
  ["Waiting for next available executor on python", { kind: "executor", label: "python" }],
  ["n3 is offline", { kind: "node-offline", node: "n3" }],
  ["my node is offline", { kind: "node-offline", node: "my node" }],
  ["ks-1 doesn't have label 'gpu'", { kind: "unsuitable", label: "gpu" }],
  ["Build #1 is already in progress (ETA:2 min)", { kind: "blocked" }],
  ["A build is already in progress", { kind: "blocked" }],
  ["Upstream project base is already building.", { kind: "blocked" }],
  ["Downstream project top is already building.", { kind: "blocked" }],
  ["Hudson is about to shut down", { kind: "shutting-down" }],
  // Words of plugins, of nobody, and broken ones say nothing about a label.
  ["Already running 2 builds on node", { kind: "unknown" }],
  ["Waiting for lock on [printer]", { kind: "unknown" }],
  ["Waiting for next available executorship", { kind: "unknown" }],
  ["All nodes of label ‘’ are offline", { kind: "unknown" }],
  ["All nodes of label ‘x’", { kind: "unknown" }],
  [" is offline", { kind: "unknown" }],
  ["???", { kind: "unknown" }],
  ["", { kind: "unknown" }],
];

describe("readWhy", () => {
  const isNode = (name: string) => /^ks-\d$/.test(name);

  test.each(table)("%s", (why, reading) => {
    expect(readWhy(why, isNode)).toEqual(reading);
  });

  test("takes a bare name for a label where no node is known", () => {
    expect(readWhy("Waiting for next available executor on ks-1")).toEqual({ kind: "executor", label: "ks-1" });
  });

  test("is quick with what is long and hostile", () => {
    const long = ["; ".repeat(500_000), " is offline".repeat(200_000), `All nodes of label ${"‘".repeat(1_000_000)}`];
    const before = performance.now();
    for (const why of long) readWhy(why, isNode);
    expect(performance.now() - before).toBeLessThan(500);
  });
});
