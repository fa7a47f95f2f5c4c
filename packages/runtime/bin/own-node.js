import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

const ownNode = fileURLToPath(new URL("../../../node_modules/node/bin/node", import.meta.url));

/**
 * Runs a TypeScript program with the project's own Node, whatever Node runs this file, and ends as it ends. Plain
 * JavaScript on purpose: an older Node must be able to read it.
 */
export function runWithOwnNode(program, options = process.argv.slice(2)) {
  if (!existsSync(ownNode)) {
    process.stderr.write(
      "The project's own Node is not installed; run `npm install` in the project's folder, then try again.\n",
    );
    process.exit(1);
  }
  const child = spawn(ownNode, [fileURLToPath(program), ...options], { stdio: "inherit" });
  // A terminal sends its signals to the whole group: the program gets them itself. Others are passed on.
  process.on("SIGINT", () => {});
  for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`The project's own Node can't be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
