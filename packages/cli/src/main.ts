import { readFileSync } from "node:fs";
import { connectBus } from "@kubestack/bus";
import { hasCode, KubestackError } from "@kubestack/contracts";
import { environment } from "@kubestack/runtime";
import type { NatsAddress } from "./address/find-nats.ts";
import type { Context } from "./context.ts";
import { run } from "./program.ts";
import { terminalOf } from "./terminal.ts";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

/** How long the first connection may take: somebody waits at a prompt. */
const connectMs = 5000;

async function connect({ servers, credentialsFile, caFile, hint }: NatsAddress) {
  try {
    return await connectBus({ servers, name: "kubestackcmd", makesStores: false, credentialsFile, caFile, connectMs });
  } catch (error) {
    if (hint === undefined || !hasCode(error, "bus-unavailable")) throw error;
    throw new KubestackError("bus-unavailable", `${error.message} ${hint}`, { cause: error.cause });
  }
}

const context: Context = {
  terminal: terminalOf(process.stdout, process.stderr, environment),
  environment,
  version,
  now: () => Date.now(),
  connect,
  // It stays installed: a terminal's Ctrl-C comes twice, from the terminal and from the program that started this one.
  interrupted: () => new Promise((resolve) => process.on("SIGINT", () => resolve())),
};

// Whoever reads the output may stop when it has seen enough, as `head` does.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const code = await run(process.argv.slice(2), context);
// A pipe takes long output in parts; ending before it took all would lose the rest.
for (const stream of [process.stdout, process.stderr]) await new Promise((resolve) => stream.write("", resolve));
process.exit(code);
