import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ownNode = `${root}node_modules/node/bin/node`;
const vitest = `${root}node_modules/vitest/vitest.mjs`;

/** Longer than the longest test and hook may take, so that only a run that stands still is cut. */
const silenceMs = 15 * 60_000;
/** From the last test to the end of the process; Vitest itself gives up after ten seconds. */
const closeMs = 60_000;

/**
 * Runs Vitest with `args` and ends what it prints with `N passed, N failed` alone on the last line. Resolves with the exit code, which
 * always agrees with that line: what went wrong without being a test counts as one failure more.
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export async function runTests(args) {
  const run = await ended(spawnVitest(args));
  const { passed, failed, skipped, faults } = run.outcome ?? { passed: 0, failed: 0, skipped: 0, faults: [] };
  const more = run.fault === undefined || (run.fault.weak && failed > 0) ? [] : [run.fault.sentence];
  for (const fault of [...faults, ...more]) process.stdout.write(`${fault}\n`);
  if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
  const failures = failed + more.length;
  process.stdout.write(`${passed} passed, ${failures} failed\n`);
  return run.interrupted ?? (failures === 0 ? 0 : 1);
}

/**
 * With a channel, over which test/reporter.ts tells how it goes and learns if this process is gone; in a group of its own, because a
 * worker that is caught in a loop ends by force only.
 */
function spawnVitest(args) {
  const stdio = ["ignore", "inherit", "inherit", "ipc"];
  return spawn(ownNode, [vitest, "run", ...args], { cwd: root, detached: true, stdio });
}

/** What was reported, and the fault of the run as a whole if there is one; a weak one only follows from failed tests. */
function ended(child) {
  const run = { outcome: undefined, fault: undefined, interrupted: undefined };
  let clock;
  const cutAfter = (ms, sentence) => {
    clearTimeout(clock);
    clock = setTimeout(() => {
      run.fault = { sentence: sentence() };
      process.kill(-child.pid, "SIGKILL");
    }, ms);
  };
  child.on("message", ({ running, outcome }) => {
    run.outcome = outcome;
    if (outcome !== undefined)
      cutAfter(closeMs, () => "Vitest did not end after the last test: something was left open.");
    else cutAfter(silenceMs, () => `No test ended for ${silenceMs / 60_000} minutes; running: ${running.join(", ")}.`);
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => {
      run.interrupted ??= 128 + constants.signals[signal];
      child.kill(signal);
    });
  }
  return new Promise((resolve) => {
    const end = (fault) => {
      clearTimeout(clock);
      run.fault ??= fault;
      resolve(run);
    };
    child.on("error", (error) => end({ sentence: `Vitest can't be started: ${error.message}` }));
    child.on("exit", (code, signal) => {
      if (run.outcome === undefined) end({ sentence: `Vitest ended (${signal ?? code}) before the tests had ended.` });
      else if (code !== 0) end({ sentence: `Vitest ended with ${signal ?? code}.`, weak: true });
      else end(undefined);
    });
  });
}
