import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guardFolder, releaseFolder } from "./guard.ts";

/** A folder of one world: only its owner may look into it. */
export interface TemporaryFolder {
  readonly path: string;
  /** Removes it and all in it; may be called twice. */
  remove(): Promise<void>;
}

/**
 * Makes an empty folder `kubestack-<what>-…` with mode 0700 in the system's temporary folder. It is removed by `remove`, or when this
 * process is gone, even by SIGKILL.
 */
export async function temporaryFolder(what: string): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `kubestack-${what}-`)));
  guardFolder(path);
  return {
    path,
    async remove() {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      releaseFolder(path);
    },
  };
}
