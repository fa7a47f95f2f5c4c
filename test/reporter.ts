import type { Reporter, SerializedError, TestCase, TestModule, TestRunEndReason, TestSuite } from "vitest/node";

/** What the runner is told: which files run now, and in the end how it went. */
export interface TestReport {
  /** Files that are being run, for the sentence about a run that stands still. */
  readonly running: readonly string[];
  /** Only when all is over. */
  readonly outcome?: TestOutcome;
}

export interface TestOutcome {
  readonly passed: number;
  /** Tests that failed, and everything else that makes a run worthless: each is one more. */
  readonly failed: number;
  readonly skipped: number;
  /** What failed apart from tests, one sentence each. */
  readonly faults: readonly string[];
}

/**
 * Counts tests, not files, for the closing line of `npm test`; the failures themselves are printed by Vitest's own reporter. A parent
 * process with a channel is told and prints the line when everything has ended; without one the line is printed here.
 */
export class CountingReporter implements Reporter {
  readonly #running = new Set<string>();

  constructor() {
    process.once("disconnect", () => process.exit(1));
    process.channel?.unref(); // listening must not keep the process alive
  }

  onTestModuleStart(module: TestModule): void {
    this.#running.add(module.relativeModuleId);
    this.#tell();
  }

  onTestModuleEnd(module: TestModule): void {
    this.#running.delete(module.relativeModuleId);
    this.#tell();
  }

  onTestCaseResult(_test: TestCase): void {
    this.#tell();
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[], reason: TestRunEndReason): void {
    const outcome = outcomeOf(modules, errors, reason);
    this.#tell(outcome);
    if (process.send !== undefined) return;
    for (const fault of outcome.faults) process.stdout.write(`${fault}\n`);
    process.stdout.write(`${outcome.passed} passed, ${outcome.failed} failed\n`);
  }

  #tell(outcome?: TestOutcome): void {
    const running = [...this.#running];
    process.send?.(outcome === undefined ? { running } : ({ running, outcome } satisfies TestReport));
  }
}

function outcomeOf(
  modules: readonly TestModule[],
  errors: readonly SerializedError[],
  reason: TestRunEndReason,
): TestOutcome {
  const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
  const faults = errors.map((error) => `An error that no test caught: ${error.message}`);
  for (const module of modules) {
    for (const test of module.children.allTests()) count[test.result().state] += 1;
    for (const part of [module, ...module.children.allSuites()]) faults.push(...faultsOf(part));
  }
  if (reason === "interrupted") faults.push("The run was interrupted.");
  else if (count.pending > 0) faults.push(`${count.pending} tests were never run.`);
  if (count.passed + count.failed === 0 && faults.length === 0) faults.push("No test was run.");
  return { passed: count.passed, failed: count.failed + faults.length, skipped: count.skipped, faults };
}

/** Errors outside of the tests: a file that can't be read, a hook that threw. */
function faultsOf(part: TestModule | TestSuite): string[] {
  const where = part.type === "module" ? part.relativeModuleId : `${part.module.relativeModuleId} > ${part.fullName}`;
  return part.errors().map((error) => `${where}: ${error.message.split("\n", 1)[0]}`);
}
