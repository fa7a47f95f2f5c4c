import { spawn } from "node:child_process";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { takeMasterOptions } from "./master-options.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ownNode = `${root}node_modules/node/bin/node`;
const vitest = `${root}node_modules/vitest/vitest.mjs`;
const givenMaster = `${root}packages/sandbox/bin/given-master.js`;
/** Of what it says, in characters. */
const tailLength = 4_000;

/** Longer than the longest test and hook may take, so that only a run that stands still is cut. */
const silenceMs = 15 * 60_000;
/** From the last test to the end of the process; Vitest itself gives up after ten seconds. */
const closeMs = 60_000;

/**
 * Runs Vitest with `args` and ends what it prints with `N passed, N failed` alone on the last line. Resolves with the exit code, which
 * always agrees with that line: what went wrong without being a test counts as one failure more. With `--master URL` only the suite of
 * masters runs, against that one.
 * @param {readonly string[]} args
 * @param {string} folder where relative paths among them begin
 * @returns {Promise<number>}
 */
export async function runTests(args, folder) {
  const hasSecret = Boolean(process.env.KUBESTACK_MASTER_SECRET);
  const { rest, master, fault } = takeMasterOptions(args, { folder, hasSecret });
  if (fault !== undefined) return report({ fault: { sentence: fault } });
  return report(await (master === undefined ? ended(spawnVitest(rest)) : runAgainst(master, rest)));
}

/** The run between a look whether it can begin and the removal of what it left at the master, however it ended. */
async function runAgainst(master, args) {
  const env = { ...process.env, KUBESTACK_TEST_MASTER: JSON.stringify(master) };
  const trouble = await atMaster("check", env);
  if (trouble !== undefined) return { fault: { sentence: trouble } };
  const run = await ended(spawnVitest(["--config", "test/given-master.config.ts", ...args], env));
  const left = await atMaster("sweep", env);
  return { ...run, left: left === undefined ? [] : [left] };
}

/** The sentence that the program ended with, if it failed. In a group of its own: Ctrl-C must not keep it from removing. */
function atMaster(task, env) {
  const stdio = ["ignore", "inherit", "pipe"];
  const child = spawn(ownNode, [givenMaster, task], { cwd: root, detached: true, stdio, env });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    said = (said + text).slice(-tailLength);
  });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve(`${ownNode} can't be started: ${error.message}`));
    child.on("close", (code) => resolve(code === 0 ? undefined : said.trimEnd()));
  });
}

function report(run) {
  const { passed, failed, skipped, faults } = run.outcome ?? { passed: 0, failed: 0, skipped: 0, faults: [] };
  const own = run.fault === undefined || (run.fault.weak && failed > 0) ? [] : [run.fault.sentence];
  const more = [...own, ...(run.left ?? [])];
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
function spawnVitest(args, env = process.env) {
  const stdio = ["ignore", "inherit", "inherit", "ipc"];
  return spawn(ownNode, [vitest, "run", ...args], { cwd: root, detached: true, stdio, env });
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
