import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string | undefined;

/** Where a parser that reads files gets them from: made when it is first asked for. */
export function scratchFolder(): string {
  folder ??= mkdtempSync(join(tmpdir(), "kubestack-fuzz-"));
  return folder;
}

/** To be called once nothing is read any more. */
export function removeScratch(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}
