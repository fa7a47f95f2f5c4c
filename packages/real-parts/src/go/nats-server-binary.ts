import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildOnce, cacheFolder } from "../cache/build-once.ts";
import { findPrograms } from "../find-program.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";
import { isAtLeast, parseVersion, type Version } from "../version.ts";
import { goBuild } from "./go-build.ts";

const VERSION = "2.15.2";
/** Older servers ignore per-key expiry without a word. */
const LEAST: Version = [2, 12];

/**
 * The path of a nats-server: the one built before, else one on PATH that is 2.12 or later, else 2.15.2 built into the cache
 * (about a minute). Raises `missing-part`.
 */
export async function natsServerBinary(options: PartOptions = {}): Promise<string> {
  const context = partContext(options);
  const entry = { part: "nats-server", version: VERSION };
  const cached = join(cacheFolder(context.environment.cacheDir, entry), "nats-server");
  if (existsSync(cached)) return cached;
  for (const program of findPrograms("nats-server", context.environment.path)) {
    if (await isNewEnough(program, context)) return program;
  }
  const folder = await buildOnce(entry, context, (draft) =>
    goBuild(
      {
        title: `building nats-server ${VERSION}`,
        hint: "first time about 1 min",
        args: ["install", "-trimpath", `github.com/nats-io/nats-server/v2@v${VERSION}`],
        cwd: draft,
        env: { GOBIN: draft },
      },
      context,
    ),
  );
  return join(folder, "nats-server");
}

async function isNewEnough(program: string, context: PartContext): Promise<boolean> {
  const said = await runCommand({
    title: "asking nats-server for its version",
    command: program,
    args: ["--version"],
    env: context.environment.bare,
    timeoutMs: 10_000,
    signal: context.signal,
  }).catch(() => {
    context.signal?.throwIfAborted();
    return "";
  });
  const version = parseVersion(said);
  return version !== undefined && isAtLeast(version, LEAST);
}
