#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { ensureInstalled, runWithOwnNode } from "./install.js";
import { runTests } from "./run-tests.js";

// The project's own checks, from a checkout with nothing installed: `npm test`, `npm run check`, `npm run bench`.

const root = fileURLToPath(new URL("../../../", import.meta.url));

const tasks = {
  test: runTests,
  /** Format, lint, types and architecture: three targets of the workspace, side by side, each only if its inputs changed. */
  check: (args) => runWithOwnNode(`${root}node_modules/nx/dist/bin/nx.js`, ["run-many", "-t", "lint", "types", "architecture", "-p", "kubestack", ...args]),
  bench: (args) => runWithOwnNode(`${root}test/bench/main.ts`, args),
};

const [name, ...args] = process.argv.slice(2);
const task = Object.hasOwn(tasks, name ?? "") ? tasks[name] : undefined;
if (task === undefined) {
  process.stderr.write(`Usage: node packages/sandbox/bin/project.js ${Object.keys(tasks).join("|")} [options]\n`);
  process.exit(2);
}
process.chdir(root);
await ensureInstalled();
process.exit(await task(args));
