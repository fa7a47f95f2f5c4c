import { open, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { buildOnce } from "../cache/build-once.ts";
import { findPrograms } from "../find-program.ts";
import { installPackage } from "../java/apt-packages.ts";
import { type PartContext, type PartOptions, partContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";

const VERSION = "3.3.2";
/** Fixed, so that the same plugin is used everywhere. */
const MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
/** The real one has 31.5 MB. */
const LEAST_BYTES = 25_000_000;

/** The path of Hudson 3.3.2's war: from the cache, else fetched with Maven (30 MB). Raises `missing-part`. */
export async function hudsonWar(options: PartOptions = {}): Promise<string> {
  const context = partContext(options);
  const folder = await buildOnce({ part: "hudson", version: VERSION }, context, (draft) => fetchWar(draft, context));
  return join(folder, "hudson.war");
}

async function fetchWar(draft: string, context: PartContext): Promise<void> {
  await runCommand({
    title: `fetching Hudson ${VERSION}`,
    hint: "30 MB, and Maven's own parts the first time",
    command: await maven(context),
    args: [
      "--quiet",
      "--batch-mode",
      MAVEN_PLUGIN,
      `-Dartifact=org.eclipse.hudson:hudson-war:${VERSION}:war`,
      `-DoutputDirectory=${draft}`,
    ],
    cwd: draft,
    env: context.environment.all,
    timeoutMs: 15 * 60_000,
    signal: context.signal,
    progress: context.progress,
  });
  const war = (await readdir(draft)).find((name) => name.endsWith(".war"));
  if (war === undefined || !(await isWholeWar(join(draft, war)))) {
    throw new KubestackError("missing-part", `Maven gave no whole war of Hudson ${VERSION}; try again`);
  }
  await rename(join(draft, war), join(draft, "hudson.war"));
}

/** A zip's first four bytes, a plausible size, and an end-of-directory record: a download that was cut has none. */
export async function isWholeWar(path: string, leastBytes = LEAST_BYTES): Promise<boolean> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size < Math.max(leastBytes, 22)) return false;
    const head = Buffer.alloc(4);
    await file.read(head, 0, 4, 0);
    const tail = Buffer.alloc(Math.min(size, 65_557)); // the record of 22 bytes and the longest comment after it
    await file.read(tail, 0, tail.length, size - tail.length);
    return head.equals(Buffer.from("PK\u0003\u0004")) && tail.includes(Buffer.from("PK\u0005\u0006"));
  } finally {
    await file.close();
  }
}

async function maven(context: PartContext): Promise<string> {
  const find = () => findPrograms("mvn", context.environment.path)[0];
  const found = find();
  if (found !== undefined) return found;
  const installed = (await installPackage(["maven"], context)) ? find() : undefined;
  if (installed !== undefined) return installed;
  throw new KubestackError(
    "missing-part",
    "Maven (mvn) is missing and could not be installed: the sandbox's master is fetched with it; " +
      "install the package maven, or go on without it against a Jenkins of your own: npm start -- --config FILE",
    { retry: "never" },
  );
}
