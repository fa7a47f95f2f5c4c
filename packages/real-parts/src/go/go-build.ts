import type { PartContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";
import { goToolchain } from "./go-toolchain.ts";

/** What to build, and where to. */
export interface GoBuild {
  /** For progress: `building kube-apiserver`. */
  readonly title: string;
  /** How long it takes the first time, for progress. */
  readonly hint: string;
  /** Arguments of `go`, from the verb on. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** Added to the environment, e.g. GOBIN. */
  readonly env: Readonly<Record<string, string>>;
}

/** A cold build on two slow cores must fit; Go's own cache keeps what was done when it does not. */
const BUILD_TIMEOUT_MS = 45 * 60_000;

/** Runs `go` without cgo; compiled packages stay in Go's cache, so that a build which was cut goes on where it was. */
export async function goBuild(build: GoBuild, context: PartContext): Promise<void> {
  const command = await goToolchain(context);
  await runCommand({
    title: build.title,
    hint: build.hint,
    command,
    args: build.args,
    cwd: build.cwd,
    env: { ...context.environment.all, CGO_ENABLED: "0", ...build.env },
    timeoutMs: BUILD_TIMEOUT_MS,
    signal: context.signal,
    progress: context.progress,
  });
}
