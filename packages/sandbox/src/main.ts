import { resolve } from "node:path";
import { helpText, readArguments } from "./arguments.ts";

const wanted = readArguments(process.argv.slice(2));
switch (wanted.kind) {
  case "help":
    process.stdout.write(helpText);
    break;
  case "wrong":
    process.stderr.write(`${wanted.sentence}\n`);
    process.exitCode = 2;
    break;
  case "configured":
    process.exit(
      await import("./run-configured.ts").then(({ runConfigured }) => runConfigured(fromCaller(wanted.file))),
    );
    break;
  case "sandbox":
    process.stdout.write("Starting a sandbox: NATS, Kubernetes, a master with jobs, all of KubeStack.\n");
    process.exit(await import("./run-sandbox.ts").then(({ runSandbox }) => runSandbox(wanted.once)));
}

/** npm runs this in the project's folder, and says where it was called. */
function fromCaller(file: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), file);
}
