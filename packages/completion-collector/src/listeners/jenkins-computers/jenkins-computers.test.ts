import type { Computer } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { expect, test } from "vitest";
import type { Finding } from "../listener.ts";
import { jenkinsComputers } from "./index.ts";

function computer(name: string, ...urls: string[]): Computer {
  const builds = urls.map((url) => ({ url, number: 1 }));
  return { name, online: true, markedOffline: false, idle: urls.length === 0, executors: 1, labels: null, builds };
}

test("a fact bears the time at which the reading began that showed it: another process compares it with later readings", async () => {
  const findings: Finding[] = [];
  const listener = jenkinsComputers.connect(
    { type: "jenkins-computers" },
    {
      name: "m",
      bus: { subscribe: () => () => undefined },
      hooks: undefined,
      master: { readBuild: async () => ({ result: "SUCCESS" }) } as unknown as Master,
      log: createLogger({ level: "silent" }),
      found: async (finding) => {
        findings.push(finding);
      },
      hint: () => undefined,
      now: () => 0,
      timing: systemTiming,
    },
  );
  await listener.saw({ kind: "round", computers: [computer("n", "job/a/1/")], readAt: 1000 });
  await listener.saw({ kind: "round", computers: [computer("n")], readAt: 3000 });
  expect(findings.map(({ phase, at, result }) => [phase, at, result])).toEqual([
    ["started", 1000, null],
    ["finished", 3000, "SUCCESS"],
  ]);
});
