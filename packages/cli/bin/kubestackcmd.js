#!/usr/bin/env node
// Runs src/main.ts with the Node that the project brings along: an older one on the system can't read TypeScript.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const cli = join(dirname(realpathSync(fileURLToPath(import.meta.url))), "..");
const main = join(cli, "src", "main.ts");
const node = join(cli, "..", "..", "node_modules", "node", "bin", "node");

if (!existsSync(node)) {
  process.stderr.write(
    "kubestackcmd: the project's own Node is not installed yet; run `npm install` (or `npm start`) in the checkout first.\n",
  );
  process.exitCode = 1;
} else if (realpathSync(process.execPath) === realpathSync(node)) {
  await import(pathToFileURL(main).href);
} else {
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: "inherit" });
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  child.once("error", (error) => {
    process.stderr.write(
      `kubestackcmd: the project's own Node could not be started: ${error.message}; run \`npm install\` again.\n`,
    );
    process.exitCode = 1;
  });
  child.once("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code ?? 1;
      return;
    }
    for (const name of signals) process.off(name, pass);
    process.kill(process.pid, signal);
  });
}
