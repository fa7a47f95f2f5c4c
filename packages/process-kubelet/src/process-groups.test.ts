import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { executableFault } from "./find-executable.ts";
import { DEFAULT_PATH, type LaunchPlan } from "./launch-plan.ts";
import { isAlive } from "./process-alive.fixture.ts";
import { type ProcessGroups, processGroups } from "./process-groups.ts";

let folder = "";
let groups: ProcessGroups;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "groups-"));
  groups = processGroups(`test-${process.pid}-${Math.random().toString(36).slice(2)}`);
});

afterEach(async () => {
  await groups.close();
  await rm(folder, { recursive: true });
});

function plan(script: string, ...args: string[]): LaunchPlan {
  return { argv: ["sh", "-c", script, "sh", ...args], env: { PATH: DEFAULT_PATH }, workingDir: folder, niceness: 0 };
}

async function started(script: string) {
  let output = "";
  const group = await groups.start(plan(script), "uid/main", (_stream, bytes) => {
    output += bytes.toString();
  });
  return { group, output: () => output };
}

test("a process runs in a group of its own, and its output and exit code are told", async () => {
  const { group, output } = await started('echo "$PWD"; ps -o pgid= -p $$ 2>/dev/null; echo err >&2; exit 7');
  expect(await group.ended).toEqual({ code: 7, signalNumber: undefined });
  expect(output()).toContain(folder);
  expect(output()).toContain("err");
});

test("the command is its own process: a signal reaches it and the shell that opened the gate is gone", async () => {
  const { group, output } = await started("trap 'echo stopped; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
  await vi.waitFor(() => expect(output()).toContain("ready"));
  group.signal("SIGTERM");
  expect(await group.ended).toEqual({ code: 3, signalNumber: undefined });
  expect(output()).toContain("stopped");
});

test("a process stands back as it is told, and so does all that it starts", async () => {
  let output = "";
  const group = await groups.start({ ...plan("sh -c nice"), niceness: 7 }, "uid/main", (_stream, bytes) => {
    output += bytes.toString();
  });
  await group.ended;
  expect(output.trim()).toBe("7");
});

test("when the main process ends, its children end with it, also one that left the group", async () => {
  const { group, output } = await started(
    "sleep 600 & echo $!; setsid sh -c 'echo $$; exec sleep 600' & wait $!; exit 0",
  );
  await vi.waitFor(() => expect(output().trim().split("\n")).toHaveLength(2));
  const pids = output().trim().split("\n").map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  process.kill(group.pid, "SIGKILL");
  expect(await group.ended).toEqual({ code: null, signalNumber: 9 });
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]));
});

test("close kills all that runs", async () => {
  const { group } = await started("sleep 600");
  await groups.close();
  expect(isAlive(group.pid)).toBe(false);
  expect((await group.ended).signalNumber).toBe(9);
});

test("SIGKILL of the kubelet leaves no process, not even one in a session of its own", async () => {
  const parent = join(folder, "parent.ts");
  await writeFile(
    parent,
    `import { processGroups } from ${JSON.stringify(join(import.meta.dirname, "process-groups.ts"))};
const groups = processGroups("life-" + process.pid);
const plan = { argv: ["sh", "-c", "setsid sleep 601 & echo $!; echo $$; sleep 601"], env: { PATH: ${JSON.stringify(DEFAULT_PATH)} }, workingDir: "/" };
await groups.start(plan, "uid/main", (stream, bytes) => process.stdout.write(bytes));
setInterval(() => undefined, 1000);`,
  );
  const kubelet = spawn(process.execPath, [parent], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  kubelet.stdout.on("data", (bytes: Buffer) => {
    said += bytes.toString();
  });
  await vi.waitFor(() => expect(said.trim().split("\n")).toHaveLength(2), 10_000);
  const pids = said.trim().split("\n").map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  kubelet.kill("SIGKILL");
  await once(kubelet, "exit");
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), 10_000);
});

test("a watchdog that is killed is replaced", async () => {
  const first = groups.watchdogPid() ?? 0;
  process.kill(first, "SIGKILL");
  await vi.waitFor(() => expect(groups.watchdogPid()).not.toBe(first));
});

test("a file that may not be executed is told so", async () => {
  const file = join(folder, "plain");
  await writeFile(file, "");
  expect(await executableFault({ argv: [file], env: {}, workingDir: "/", niceness: 0 })).toBe(
    `exec: "${file}": permission denied`,
  );
});

test.each([
  ["sh", undefined],
  ["/bin/sh", undefined],
  ["no-such-program", 'exec: "no-such-program": executable file not found in $PATH'],
  ["/no/such", 'exec: "/no/such": stat /no/such: no such file or directory'],
  ["/bin", 'exec: "/bin": is a directory'],
])("%s: %s", async (name, fault) => {
  expect(await executableFault({ argv: [name], env: { PATH: DEFAULT_PATH }, workingDir: "/", niceness: 0 })).toBe(
    fault,
  );
});
