import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants, homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ownNode = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));

/**
 * Runs a TypeScript program with the project's own Node, whatever Node runs this file, and ends as it ends. Plain
 * JavaScript on purpose: an older Node must be able to read it.
 * @param {URL} program
 * @param {{ args?: readonly string[], nodeFlags?: readonly string[] }} [how] the program's arguments (default: this
 * process's own), and flags of Node itself
 */
export function runWithOwnNode(program, { args = process.argv.slice(2), nodeFlags = [] } = {}) {
  if (!existsSync(ownNode)) {
    process.stderr.write(
      "The project's own Node is not installed; run `npm install` in the project's folder, then try again.\n",
    );
    process.exit(1);
  }
  const child = spawn(ownNode, [...nodeFlags, fileURLToPath(program), ...args], {
    stdio: "inherit",
    env: { NODE_COMPILE_CACHE: compiledFolder(process.env), ...process.env },
  });
  // A terminal sends its signals to the whole group: the program gets them itself. Others are passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`The project's own Node can't be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

/**
 * Where Node keeps what it made of the sources: the next start is a third quicker, and does not load the compiler that
 * strips types. A folder that can't be written to does no harm.
 */
function compiledFolder({ KUBESTACK_CACHE, XDG_CACHE_HOME, HOME }) {
  const caches = XDG_CACHE_HOME || join(HOME || homedir(), ".cache");
  return join(KUBESTACK_CACHE || join(caches, "kubestack"), "compiled");
}
