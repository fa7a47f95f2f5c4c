#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { ensureInstalled, runWithOwnNode } from "./install.js";
import { runTests } from "./run-tests.js";

// The project's own checks, from a checkout with nothing installed: `npm test`, `npm run check`, `npm run bench`.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const nx = `${root}node_modules/nx/dist/bin/nx.js`;

/** Where the person is: npm itself goes to the root. */
const startFolder = process.env.INIT_CWD ?? process.cwd();

const tasks = {
  test: (options) => runTests(options, startFolder),
  /** Three targets of the workspace side by side; one whose inputs are the same as when it last succeeded is not run again. */
  check: (options) =>
    runWithOwnNode(nx, ["run-many", "--targets=lint,typecheck,architecture", "--projects=kubestack", ...options]),
  bench: (options) => runWithOwnNode(`${root}test/bench/main.ts`, options),
  chaos: (options) => runWithOwnNode(`${root}test/chaos/main.ts`, options),
  fuzz: (options) => runWithOwnNode(`${root}test/fuzz/main.ts`, options),
};

const [name = "", ...options] = process.argv.slice(2);
if (!Object.hasOwn(tasks, name)) {
  process.stderr.write(`Usage: node packages/sandbox/bin/project.js ${Object.keys(tasks).join("|")} [options]\n`);
  process.exit(2);
}
process.chdir(root);
await ensureInstalled();
process.exit(await tasks[name](options));
