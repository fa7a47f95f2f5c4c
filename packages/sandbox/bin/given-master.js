#!/usr/bin/env node
/**
 * Before and after `npm test -- --master URL`: `check` says whether the suite can begin, `sweep` removes what it left. Ends with 1 and
 * one sentence on standard error where that fails. The master is in KUBESTACK_TEST_MASTER, as JSON.
 */
import { sentenceOf } from "@kubestack/contracts";
import { checkMaster } from "../src/given-master/check.ts";
import { secretOf } from "../src/given-master/given-master.ts";
import { sweepMaster } from "../src/given-master/sweep.ts";

const tasks = { check: checkMaster, sweep: sweepMaster };
const [task] = process.argv.slice(2);
const { KUBESTACK_TEST_MASTER: given = "{}", KUBESTACK_MASTER_SECRET: secret = "" } = process.env;
try {
  const master = JSON.parse(given);
  await tasks[task](master, await secretOf(master, secret));
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exitCode = 1;
}
