import { setTimeout as pause } from "node:timers/promises";
import { afterAll } from "vitest";

/**
 * After each test file: a child process, a server or a timer that still keeps the process alive is told and fails the file. Vitest ends
 * its workers by force, so that without this nobody would notice.
 */
const watched = ["ProcessWrap", "TCPServerWrap", "PipeServerWrap", "Timeout", "FSEventWrap", "StatWatcher"];
/** What was closed a moment ago needs a few turns of the event loop, a killed process somewhat longer. */
const patienceMs = 3_000;
const stepMs = 20;

const before = countOf(process.getActiveResourcesInfo());

afterAll(async () => {
  let left = leftovers();
  for (let waitedMs = 0; left.length > 0 && waitedMs < patienceMs; waitedMs += stepMs) {
    await pause(stepMs, undefined, { ref: false });
    left = leftovers();
  }
  if (left.length > 0)
    throw new Error(`the tests of this file left behind what keeps a process alive: ${left.join(", ")}`);
});

function leftovers(): string[] {
  const now = countOf(process.getActiveResourcesInfo());
  return watched.flatMap((kind) => {
    const more = (now.get(kind) ?? 0) - (before.get(kind) ?? 0);
    return more > 0 ? [`${more} ${kind}`] : [];
  });
}

function countOf(kinds: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}
