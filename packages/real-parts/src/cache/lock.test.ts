import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { takeLock } from "./lock.ts";

async function lockPath(): Promise<string> {
  const folder = await temporaryFolder("lock-test");
  onTestFinished(() => folder.remove());
  return join(folder.path, "part.lock");
}

test("a second taker waits until the first lets go", async () => {
  const path = await lockPath();
  const first = await takeLock(path);
  const onWait = vi.fn();
  let hasSecond = false;
  const second = takeLock(path, { onWait, pollMs: 5 }).then((lock) => {
    hasSecond = true;
    return lock;
  });
  await vi.waitFor(() => expect(onWait).toHaveBeenCalledOnce());
  expect(hasSecond).toBe(false);
  await first.release();
  await (await second).release();
  expect(existsSync(path)).toBe(false);
});

test("the lock of a process that is gone is taken over", async () => {
  const path = await lockPath();
  const child = spawn("/bin/true");
  await once(child, "exit");
  await writeFile(path, `${hostname()} ${child.pid} 12345 abcdef\n`);
  const lock = await takeLock(path, { pollMs: 5, signal: AbortSignal.timeout(5_000) });
  expect(await readFile(path, "utf8")).toContain(` ${process.pid} `);
  await lock.release();
});

test("a process number that now belongs to another process does not keep the lock", async () => {
  const path = await lockPath();
  await writeFile(path, `${hostname()} ${process.pid} 1 abcdef\n`);
  const lock = await takeLock(path, { pollMs: 5, signal: AbortSignal.timeout(5_000) });
  await lock.release();
});

test("a holder that is dead but not yet reaped counts as gone", async () => {
  const path = await lockPath();
  // the child of a shell that has become another program, which never asks for it
  const parent = spawn("/bin/sh", ["-c", "sleep 0 & echo $!; exec sleep 1000"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  const pid = Number(line.toString());
  await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, "utf8")).toMatch(/\) Z /));
  const ticks = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]?.split(" ")[19];
  await writeFile(path, `${hostname()} ${pid} ${ticks} abcdef\n`);
  const lock = await takeLock(path, { pollMs: 5, signal: AbortSignal.timeout(5_000) });
  await lock.release();
});

test("a fresh lock of another machine is believed, and waiting for it can be cut", async () => {
  const path = await lockPath();
  await writeFile(path, "elsewhere 1 1 abcdef\n");
  const cut = new AbortController();
  const taking = takeLock(path, { pollMs: 5, signal: cut.signal, onWait: () => cut.abort() });
  await expect(taking).rejects.toThrow(/abort/i);
  expect(await readFile(path, "utf8")).toContain("elsewhere");
});

test("letting go twice does not remove the next holder's lock", async () => {
  const path = await lockPath();
  const first = await takeLock(path);
  await first.release();
  const second = await takeLock(path);
  await first.release();
  expect(existsSync(path)).toBe(true);
  await second.release();
});
