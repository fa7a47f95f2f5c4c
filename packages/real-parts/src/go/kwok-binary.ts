import { join } from "node:path";
import { buildOnce } from "../cache/build-once.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import { goBuild } from "./go-build.ts";

const VERSION = "0.8.0";

/** The path of kwok 0.8.0, built into the cache if it is not there (about two minutes). Raises `missing-part`. */
export async function kwokBinary(options: PartOptions = {}): Promise<string> {
  const context = partContext(options);
  const folder = await buildOnce({ part: "kwok", version: VERSION }, context, (draft) =>
    goBuild(
      {
        title: `building kwok ${VERSION}`,
        hint: "first time about 2 min",
        args: ["install", "-trimpath", `sigs.k8s.io/kwok/cmd/kwok@v${VERSION}`],
        cwd: draft,
        env: { GOBIN: draft },
      },
      context,
    ),
  );
  return join(folder, "kwok");
}
