import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { processStart } from "../process/process-start.ts";

/** How often the holder touches its lock, and how long an untouched lock of another machine is believed. */
const TOUCH_MS = 10_000;
const FOREIGN_STALE_MS = 60_000;

/** A lock that is held. */
export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Told once, when another process is seen holding the lock. */
  readonly onWait?: (() => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Between two looks at a lock that is held. Default 200. */
  readonly pollMs?: number | undefined;
}

/**
 * Takes the lock file `path`, waiting as long as its holder lives. The file names the holder's machine, process id and that process's
 * start, so that a dead holder's lock is taken over even where its number has been given to another process.
 *
 * Two takers who find the same dead holder at the same instant may, in the worst case, both go on; users of the lock therefore make
 * their result whole with one rename, and the lock only saves the work of doing it twice. Raises the signal's reason when cut.
 */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const mine = `${hostname()} ${process.pid} ${processStart(process.pid)} ${randomBytes(6).toString("hex")}\n`;
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let hasWaited = false; ; ) {
      options.signal?.throwIfAborted();
      if (await linkIfFree(draft, path)) return heldLock(path, mine);
      if (await removeIfDead(path, draft)) continue;
      if (!hasWaited) options.onWait?.();
      hasWaited = true;
      await pause(options.pollMs ?? 200, undefined, { signal: options.signal });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

function heldLock(path: string, mine: string): Lock {
  const touching = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined); // a lost lock shows itself at release; touching only keeps others waiting
  }, TOUCH_MS);
  touching.unref();
  return {
    async release() {
      clearInterval(touching);
      if ((await readFile(path, "utf8").catch(() => "")) === mine) await rm(path, { force: true });
    },
  };
}

/** A link appears with its content or not at all: nobody reads a lock that is half written. */
async function linkIfFree(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Moves a dead holder's lock aside; if in that instant another had already replaced it, puts that one back. */
async function removeIfDead(path: string, draft: string): Promise<boolean> {
  const seen = await readFile(path, "utf8").catch(() => undefined);
  if (seen === undefined) return true;
  if (await isHolderAlive(path, seen)) return false;
  const aside = `${draft}.aside`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, "utf8").catch(() => undefined);
  if (moved !== undefined && moved !== seen) await linkIfFree(aside, path);
  await rm(aside, { force: true });
  return true;
}

async function isHolderAlive(path: string, content: string): Promise<boolean> {
  const [host, pid, start] = content.trim().split(" ");
  if (host !== hostname()) {
    const touched = await stat(path).catch(() => undefined);
    return touched !== undefined && Date.now() - touched.mtimeMs < FOREIGN_STALE_MS;
  }
  return processStart(Number(pid)) === start;
}
