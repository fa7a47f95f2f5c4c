import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The file that tells kubestackcmd where the NATS of a running sandbox is. */
export function addressFileIn(cacheDir: string): string {
  return join(cacheDir, "sandbox", "nats");
}

/**
 * Writes the address into the file, in one step; of several sandboxes the last one is the one that is found. Returns
 * what removes it again, unless another sandbox has written its own meanwhile.
 */
export async function publishAddress(file: string, address: string): Promise<() => Promise<void>> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${address}\n`, { mode: 0o600 });
  await rename(draft, file);
  return async () => {
    const present = await readFile(file, "utf8").catch(() => "");
    if (present.trim() === address) await rm(file, { force: true });
  };
}
