#!/usr/bin/env node
/**
 * A simulated master as a process of its own, on loopback, until it is asked to end. Run with Node 24 or newer.
 *
 *   simulator.js DIR [--port N] [--context PATH]
 *
 * It writes `url`, `user`, `password` and `token` into the folder DIR, each alone in a file that only its owner may read.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startJenkinsSimulator } from "../src/index.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string", default: "0" }, context: { type: "string", default: "" } },
});
const [dir] = positionals;
if (dir === undefined) {
  process.stderr.write("Usage: simulator.js DIR [--port N] [--context PATH]\n");
  process.exit(2);
}
const simulator = await startJenkinsSimulator({ port: Number(values.port), context: values.context });
for (const name of ["url", "user", "password", "token"])
  await writeFile(join(dir, name), simulator[name], { mode: 0o600 });
process.stdout.write(`${simulator.url}\n`);
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => simulator.stop().then(() => process.exit(0)));
