import { createHash, randomUUID } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const lookEveryMs = 250;

/**
 * Does some work while no other process does the same for this folder. The lock is a file outside the folder (what is
 * installed gets removed first) that names its process, so that one left by a dead process is taken over.
 */
export async function withInstallLock(folder, say, work) {
  const name = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const place = join(tmpdir(), `kubestack-install-${userInfo().uid}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const lock = join(place, `${name}.lock`);
  for (let told = false; !take(lock); told = true) {
    if (!told) say("Another process installs the dependencies right now: waiting for it");
    await pause(lookEveryMs);
  }
  const release = () => {
    if (ownerOf(lock) === process.pid) rmSync(lock, { force: true });
  };
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** Makes the file with its content in one step, so that nobody reads it half written. */
function take(lock) {
  const own = `${lock}.${randomUUID()}`;
  writeFileSync(own, String(process.pid), { mode: 0o600 });
  try {
    linkSync(own, lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const owner = ownerOf(lock);
    if (owner !== undefined && !isAlive(owner)) putAside(lock, owner);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** Of two that find a dead owner's file, one moves it; who moved a living owner's file instead puts it back. */
function putAside(lock, owner) {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
    if (ownerOf(aside) !== owner) linkSync(aside, lock);
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}

function ownerOf(lock) {
  try {
    return Number(readFileSync(lock, "utf8"));
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
