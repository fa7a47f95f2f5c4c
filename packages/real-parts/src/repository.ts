import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KubestackError } from "@kubestack/contracts";

/**
 * The folder of the checkout: the nearest one above `from` (default: this file) that holds nx.json.
 * Raises `missing-part` where there is none: the control plane's Go module is found from there.
 */
export function repositoryRoot(from: string = fileURLToPath(import.meta.url)): string {
  for (let folder = dirname(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, "nx.json"))) return folder;
    if (folder === dirname(folder)) {
      throw new KubestackError(
        "missing-part",
        `no nx.json in any folder above ${from}: the real parts are built from a checkout of KubeStack; run from one`,
        { retry: "never" },
      );
    }
  }
}
