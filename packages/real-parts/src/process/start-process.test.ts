import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { processStart } from "./process-start.ts";
import { type ProcessOptions, startProcess } from "./start-process.ts";
import { temporaryFolder } from "./temporary-folder.ts";

async function shell(script: string): Promise<ProcessOptions & { dir: string }> {
  const folder = await temporaryFolder("process-test");
  onTestFinished(() => folder.remove());
  return {
    dir: folder.path,
    name: "child",
    command: "/bin/sh",
    args: ["-c", script],
    cwd: folder.path,
    env: { PATH: "/usr/bin:/bin" },
    logFile: join(folder.path, "child.log"),
  };
}

function isAlive(pid: number): boolean {
  return processStart(pid) !== "gone";
}

test("it is up when the callback says so, and stop ends its whole group", async () => {
  const options = await shell("sleep 1000 & echo $! > grandchild; touch up; wait");
  const running = await startProcess({ ...options, isReady: () => existsSync(join(options.dir, "up")) });
  const grandchild = Number(await readFile(join(options.dir, "grandchild"), "utf8"));
  expect(isAlive(grandchild)).toBe(true);
  await running.stop();
  await running.stop();
  expect(running.isRunning()).toBe(false);
  await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false));
});

test("an end before it is ready is told at once, with the end of the log", async () => {
  const options = await shell("echo first; echo no such disk >&2; exit 3");
  const starting = startProcess({ ...options, isReady: () => false, readyTimeoutMs: 60_000 });
  await expect(starting).rejects.toThrow(/exit code 3.*\n.*no such disk/s);
});

test("one that is not ready in time is stopped", async () => {
  const options = await shell("echo $$ > pid; exec sleep 1000");
  const starting = startProcess({ ...options, isReady: () => false, readyTimeoutMs: 300, graceMs: 0 });
  await expect(starting).rejects.toThrow(/not ready within 0.3 s/);
  expect(isAlive(Number(await readFile(join(options.dir, "pid"), "utf8")))).toBe(false);
});

test("waiting ends when the log says that there is no hope", async () => {
  const options = await shell("exec sleep 1000");
  const starting = startProcess({ ...options, isReady: () => false, isHopeless: () => true, graceMs: 0 });
  await expect(starting).rejects.toThrow(/can't go on/);
});

test("one that ignores SIGTERM is killed after its grace", async () => {
  const options = await shell("trap '' TERM; touch up; while :; do sleep 1; done");
  const running = await startProcess({ ...options, isReady: () => existsSync(join(options.dir, "up")), graceMs: 100 });
  await running.stop();
  expect((await running.ended).signal).toBe("SIGKILL");
});

test("a stopped process can be ended in good order", async () => {
  const options = await shell("trap 'touch bye; exit 0' TERM; touch up; while :; do sleep 0.05; done");
  const running = await startProcess({ ...options, isReady: () => existsSync(join(options.dir, "up")) });
  running.send("SIGSTOP");
  await running.stop();
  expect(existsSync(join(options.dir, "bye"))).toBe(true);
});

test("a signal ends the child and the waiting for it", async () => {
  const cut = new AbortController();
  const options = await shell("echo $$ > pid; exec sleep 1000");
  const starting = startProcess({
    ...options,
    signal: cut.signal,
    isReady: () => {
      if (existsSync(join(options.dir, "pid"))) cut.abort(new Error("cut"));
      return false;
    },
  });
  await expect(starting).rejects.toThrow("cut");
  expect(isAlive(Number(await readFile(join(options.dir, "pid"), "utf8")))).toBe(false);
});

test("a signal that comes later leaves what is up to its stop", async () => {
  const cut = new AbortController();
  const options = await shell("trap 'touch told' TERM; touch up; while :; do sleep 0.05; done");
  const isReady = () => existsSync(join(options.dir, "up"));
  const running = await startProcess({ ...options, isReady, signal: cut.signal, graceMs: 0 });
  cut.abort();
  expect(running.isRunning()).toBe(true);
  await running.stop();
  expect(existsSync(join(options.dir, "told"))).toBe(false);
});

test("a program that is not there is one clear error", async () => {
  const options = await shell("");
  const file = join(options.dir, "no-program");
  await writeFile(file, "not a program");
  await expect(startProcess({ ...options, command: file })).rejects.toThrow(/child could not be started/);
});
