import { describe, expect, test } from "vitest";
import { readFunctionLine } from "../admin/reply-lines.ts";
import {
  countByLabel,
  countingRules,
  jobsWithoutLabel,
  RegisteredLabels,
  type WantedBuilds,
  wantedBuilds,
  withWorkersLabels,
} from "./wanted-builds.ts";

/** From lines of `status` and the functions of each worker to what is wanted. */
function builds(lines: readonly string[], workers: readonly string[] = []): WantedBuilds[] {
  const told = lines.flatMap((line) => {
    const count = readFunctionLine(line);
    return (count && wantedBuilds(count)) ?? [];
  });
  const labels = new RegisteredLabels(jobsWithoutLabel(told));
  for (const functions of workers) labels.saw({ clientId: "w", functions });
  return withWorkersLabels(told, labels);
}

const waiting = (of: readonly WantedBuilds[]) => Object.fromEntries(countByLabel(of, "waiting"));
const byNodepool = (of: readonly WantedBuilds[]) => Object.fromEntries(countByLabel(of, "nodepool"));

describe("what waits, from the server's counts", () => {
  test.each<[string, { total: number; running: number }, { waiting: number; nodepool: number }]>([
    ["all of it", { total: 3, running: 0 }, { waiting: 3, nodepool: 3 }],
    ["some, while others run: TOTAL has both", { total: 3, running: 2 }, { waiting: 1, nodepool: 3 }],
    ["none, while some run", { total: 2, running: 2 }, { waiting: 0, nodepool: 2 }],
    ["none", { total: 0, running: 0 }, { waiting: 0, nodepool: 0 }],
    ["never less than none", { total: 1, running: 4 }, { waiting: 0, nodepool: 1 }],
  ])("%s", (_, count, expected) => {
    expect({ waiting: countingRules.waiting(count), nodepool: countingRules.nodepool(count) }).toEqual(expected);
  });

  test("by Nodepool's rule running builds stay wanted: agents in use are set against them", () => {
    const running = builds(["build:a:linux\t2\t2\t2", "build:b:linux\t3\t1\t1"]);
    expect(waiting(running)).toEqual({ linux: 2 });
    expect(byNodepool(running)).toEqual({ linux: 5 });
  });

  test("orders to a master and others' functions are no demand", () => {
    expect(builds(["stop:m\t4\t0\t1", "set_description:m\t2\t0\t1", "reverse\t9\t0\t0", "build:a\t0\t0\t1"])).toEqual(
      [],
    );
  });

  test("each label has its own count, over all of its jobs", () => {
    const lines = ["build:a:linux\t2\t0\t0", "build:b:linux\t4\t1\t1", "build:a:mac\t1\t0\t0", "build:c\t5\t0\t0"];
    expect(waiting(builds(lines))).toEqual({ linux: 5, mac: 1, null: 5 });
    expect(byNodepool(builds(lines))).toEqual({ linux: 6, mac: 1, null: 5 });
  });
});

describe("builds that name no label", () => {
  test("go to the first label that a worker registered for their job", () => {
    const workers = ["build:b:mac build:a", "build:a:linux build:a:linux docker", "build:a:mac"];
    expect(builds(["build:a\t2\t0\t2"], workers)).toMatchObject([{ label: "linux", labelFrom: "worker", total: 2 }]);
  });

  test("go to any agent where no worker registered for their job", () => {
    expect(builds(["build:a\t2\t0\t0"], ["build:b:mac", "build:a"])).toMatchObject([{ label: null, labelFrom: null }]);
  });

  test("are found though the job's name holds blanks", () => {
    expect(builds(["build:my job\t1\t0\t1"], ["build:my build:my job:linux"])).toMatchObject([{ label: "linux" }]);
  });

  test("only their jobs are asked for, and only so many labels are kept of each", () => {
    const labels = new RegisteredLabels(new Set(["a"]));
    for (let n = 0; n < 1000; n += 1) labels.saw({ clientId: "w", functions: `build:a:l${n} build:b:l${n}` });
    expect(labels.of("a")).toHaveLength(64);
    expect(labels.of("b")).toEqual([]);
  });
});

describe("faults of the original KubeStack that must not come back", () => {
  test("a job's labels are a list, so that the first one is a label and not its first letter", () => {
    const labels = new RegisteredLabels(new Set(["a"]));
    labels.saw({ clientId: "w", functions: "build:a:linux build:a:docker" });
    expect(labels.of("a")).toEqual(["linux", "docker"]);
    expect(builds(["build:a\t1\t0\t1"], ["build:a:linux"])).toMatchObject([{ label: "linux" }]);
  });

  test("demand without a label raises nothing, and is counted, with workers and without", () => {
    expect(waiting(builds(["build:a\t3\t0\t0"]))).toEqual({ null: 3 });
    expect(waiting(builds(["build:a\t3\t0\t1", "build:b:mac\t1\t0\t0"], ["build:a:linux"]))).toEqual({
      linux: 3,
      mac: 1,
    });
  });

  test("what one label has is not taken from another one's demand", () => {
    const lines = ["build:a:linux\t50\t50\t50", "build:b:mac\t2\t0\t0"];
    expect(waiting(builds(lines))).toEqual({ mac: 2 });
    expect(byNodepool(builds(lines))).toEqual({ linux: 50, mac: 2 });
  });
});
