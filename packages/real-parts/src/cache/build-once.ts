import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { PartContext } from "../part-options.ts";
import { processStart } from "../process/process-start.ts";
import { takeLock } from "./lock.ts";

/** Which entry of the cache: `<cache>/<part>/<version>`. */
export interface CacheEntry {
  readonly part: string;
  /** Everything that a change of must lead to a new build. */
  readonly version: string;
}

/** The folder of `entry`, whether or not it is there. */
export function cacheFolder(cacheDir: string, entry: CacheEntry): string {
  return join(cacheDir, entry.part, entry.version.replaceAll(/[^A-Za-z0-9._-]/g, "_"));
}

/**
 * The folder of `entry`, made by `build` if it is not there yet. `build` fills an empty folder beside it, which becomes the entry by
 * one rename: what is cut half-way is never taken as whole, and is swept by the next build of the same entry. Of several processes
 * that want the same entry one builds and the others wait.
 */
export async function buildOnce(
  entry: CacheEntry,
  context: PartContext,
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = cacheFolder(context.environment.cacheDir, entry);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const lock = await takeLock(`${folder}.lock`, {
    signal: context.signal,
    onWait: () => context.progress(`${entry.part}: waiting for another process that builds it`),
  });
  try {
    if (existsSync(folder)) return folder;
    await sweep(folder);
    const draft = `${folder}.building-${process.pid}-${randomBytes(4).toString("hex")}`;
    await mkdir(draft);
    try {
      await build(draft);
      context.signal?.throwIfAborted();
      await rename(draft, folder);
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      if (!existsSync(folder)) throw error; // else another process was as quick, and its whole result stands
    }
    return folder;
  } finally {
    await lock.release();
  }
}

/** What killed processes left: half-built folders (we hold the lock, so nobody builds), and drafts of locks they waited for. */
async function sweep(folder: string): Promise<void> {
  const name = basename(folder);
  const isLeftOver = (entry: string) =>
    entry.startsWith(`${name}.building-`) ||
    (entry.startsWith(`${name}.lock.`) && processStart(Number(entry.slice(name.length).split(".")[2])) === "gone");
  for (const entry of (await readdir(dirname(folder))).filter(isLeftOver)) {
    await rm(join(dirname(folder), entry), { recursive: true, force: true });
  }
}
