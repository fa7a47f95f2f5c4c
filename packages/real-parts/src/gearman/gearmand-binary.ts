import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { buildOnce } from "../cache/build-once.ts";
import { findPrograms } from "../find-program.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";

/** A gearmand, and the variables that it needs to find its libraries. */
export interface GearmandBinary {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

const PACKAGE = "gearman-job-server";

/**
 * A gearmand: one on PATH, else Debian's package with the libraries that this machine lacks, unpacked into the
 * cache (3 MB). It is never installed: the package would start a service of the system. No right of root is needed.
 * Raises `missing-part`.
 */
export async function gearmandBinary(options: PartOptions = {}): Promise<GearmandBinary> {
  const context = partContext(options);
  const [installed] = findPrograms("gearmand", context.environment.path);
  if (installed !== undefined) return { command: installed, env: {} };
  // The release decides both the package's version and the libraries that it goes with.
  const entry = { part: "gearmand", version: await releaseName() };
  const folder = await buildOnce(entry, context, (draft) => unpack(draft, context));
  return unpackedIn(folder);
}

/** `debian-12-x64`. */
async function releaseName(): Promise<string> {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, "m").exec(text)?.[1] ?? "unknown";
  return `${value("ID")}-${value("VERSION_ID")}-${process.arch}`;
}

async function unpackedIn(folder: string): Promise<GearmandBinary> {
  const libraries: string[] = [];
  for (const place of ["usr/lib", "lib"].map((part) => join(folder, part)).filter(existsSync)) {
    const names = await readdir(place);
    libraries.push(...names.filter((name) => name.includes("-linux-")).map((name) => join(place, name)));
  }
  return { command: join(folder, "usr/sbin/gearmand"), env: { LD_LIBRARY_PATH: libraries.join(":") } };
}

async function unpack(draft: string, context: PartContext): Promise<void> {
  const [aptGet] = findPrograms("apt-get", context.environment.path);
  const [dpkgDeb] = findPrograms("dpkg-deb", context.environment.path);
  if (aptGet === undefined || dpkgDeb === undefined) throw missing();
  const scratch = join(draft, "fetching");
  const apt = await privateApt(scratch);
  const run = (title: string, command: string, args: readonly string[]) =>
    runCommand({
      title,
      command,
      args,
      cwd: scratch,
      env: { ...context.environment.all, LC_ALL: "C" },
      timeoutMs: 5 * 60_000,
      signal: context.signal,
      progress: context.progress,
    });
  try {
    await run("refreshing a package list for gearmand", aptGet, [...apt, "update"]);
    const plan = await run("finding gearmand's libraries", aptGet, [
      ...apt,
      ...["--simulate", "--no-install-recommends", "install", PACKAGE],
    ]);
    const needed = [...plan.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []);
    // One that is installed, but on nobody's PATH, is not in the plan.
    await run("fetching gearmand", aptGet, [...apt, "download", ...new Set([PACKAGE, ...needed])]);
    for (const file of (await readdir(scratch)).filter((name) => name.endsWith(".deb")))
      await run(`unpacking ${file}`, dpkgDeb, ["--extract", join(scratch, file), draft]);
    await rm(scratch, { recursive: true });
    const { command, env } = await unpackedIn(draft);
    await runCommand({
      title: "asking gearmand for its version",
      command,
      args: ["--version"],
      env: { ...context.environment.bare, ...env },
      timeoutMs: 10_000,
      signal: context.signal,
    });
  } catch (error) {
    context.signal?.throwIfAborted();
    throw missing(error);
  }
}

/** Options of apt-get by which it keeps lists and files in `scratch` instead of the machine's own. */
async function privateApt(scratch: string): Promise<string[]> {
  const state = join(scratch, "state");
  const cache = join(scratch, "cache");
  await mkdir(join(state, "lists", "partial"), { recursive: true });
  await mkdir(join(cache, "archives", "partial"), { recursive: true });
  return [
    "-qq",
    ...["-o", `Dir::State=${state}`],
    ...["-o", "Dir::State::status=/var/lib/dpkg/status"],
    ...["-o", `Dir::Cache=${cache}`],
    // As root it would become a user who may not write here.
    ...["-o", "APT::Sandbox::User=root"],
    ...["-o", "Acquire::Languages=none"],
  ];
}

function missing(cause?: unknown): KubestackError {
  return new KubestackError(
    "missing-part",
    `gearmand is missing and could not be fetched: the tests of the gearman demand listener run against it; ` +
      `install the package ${PACKAGE} (its service may be switched off), or see that apt-get and dpkg-deb work here, or go on without those tests`,
    { retry: "never", cause },
  );
}
