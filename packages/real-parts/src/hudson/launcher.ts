import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildOnce } from "../cache/build-once.ts";
import type { Jdk } from "../java/java.ts";
import type { PartContext } from "../part-options.ts";
import { runCommand } from "../process/run-command.ts";

const SOURCE = fileURLToPath(new URL("../../hudson/Launcher.java", import.meta.url));

/** Packages that Hudson and its libraries reach into by reflection, which a present Java allows only where it is told to. */
const OPENED = [
  ...[
    "lang",
    "lang.ref",
    "lang.reflect",
    "util",
    "util.concurrent",
    "util.concurrent.atomic",
    "text",
    "io",
    "net",
    "nio",
  ].map((name) => `java.base/java.${name}`),
  "java.base/sun.nio.ch",
  "java.desktop/java.awt.font",
];

/** Flags that let Hudson run on a present Java. */
export const OPEN_FLAGS: readonly string[] = OPENED.map((name) => `--add-opens=${name}=ALL-UNNAMED`);

/** The folder with the compiled launcher class; compiled for Java 17 into the cache if it is not there. */
export async function hudsonLauncher(kit: Jdk, context: PartContext): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(SOURCE))
    .digest("hex")
    .slice(0, 8);
  return buildOnce({ part: "hudson-launcher", version: hash }, context, async (draft) => {
    await runCommand({
      title: "compiling Hudson's launcher",
      command: kit.javac,
      args: ["--release", "17", "-d", draft, SOURCE],
      env: context.environment.bare,
      timeoutMs: 120_000,
      signal: context.signal,
    });
  });
}
