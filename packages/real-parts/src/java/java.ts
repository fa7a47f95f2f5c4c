import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { findPrograms, isExecutable } from "../find-program.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";
import { isAtLeast, parseVersion, type Version } from "../version.ts";
import { installPackage } from "./apt-packages.ts";

/** A Java with its compiler. */
export interface Jdk {
  readonly java: string;
  readonly javac: string;
}

const LEAST: Version = [17];
const JDK_PACKAGES = ["openjdk-17-jdk-headless", "default-jdk-headless"];

/**
 * The path of a `java` 17 or later, of JAVA_HOME or PATH; as root it is installed where there is none. Agents need no more than this.
 * Raises `missing-part`.
 */
export async function java(options: PartOptions = {}): Promise<string> {
  const context = partContext(options);
  const found = await firstNewEnough(context);
  if (found !== undefined) return found;
  if (await installPackage(JDK_PACKAGES, context)) return (await firstNewEnough(context)) ?? raiseMissing();
  return raiseMissing();
}

/** The same with the compiler that belongs to it, which only a JDK has. Raises `missing-part`. */
export async function jdk(options: PartOptions = {}): Promise<Jdk> {
  const context = partContext(options);
  const found = await firstJdk(context);
  if (found !== undefined) return found;
  if (await installPackage(JDK_PACKAGES, context)) return (await firstJdk(context)) ?? raiseMissing();
  return raiseMissing();
}

function candidates(context: PartContext): string[] {
  const home = context.environment.javaHome;
  return findPrograms("java", [...(home === undefined ? [] : [join(home, "bin")]), ...context.environment.path]);
}

async function firstNewEnough(context: PartContext): Promise<string | undefined> {
  for (const program of candidates(context)) if (await isNewEnough(program, context)) return program;
  return undefined;
}

async function firstJdk(context: PartContext): Promise<Jdk | undefined> {
  for (const program of candidates(context)) {
    // the compiler beside the real program, since /usr/bin/java may be a link into a JDK
    const javac = [program, realpathSync(program)].map((file) => join(dirname(file), "javac")).find(isExecutable);
    if (javac !== undefined && (await isNewEnough(program, context))) return { java: program, javac };
  }
  return undefined;
}

async function isNewEnough(program: string, context: PartContext): Promise<boolean> {
  const said = await runCommand({
    title: "asking java for its version",
    command: program,
    args: ["-version"],
    env: context.environment.bare,
    timeoutMs: 30_000,
    signal: context.signal,
  }).catch(() => {
    context.signal?.throwIfAborted();
    return "";
  });
  const version = parseVersion(said);
  return version !== undefined && isAtLeast(version, LEAST);
}

function raiseMissing(): never {
  throw new KubestackError(
    "missing-part",
    `a Java development kit, version ${LEAST.join(".")} or later, is missing and could not be installed: the master of the sandbox and its agents run on it; ` +
      `install ${JDK_PACKAGES[0]} or set JAVA_HOME, or go on without it against a Jenkins of your own: npm start -- --config FILE`,
    { retry: "never" },
  );
}
