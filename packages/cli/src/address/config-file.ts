import { existsSync } from "node:fs";
import { KubestackError } from "@kubestack/contracts";
import type { Environment } from "@kubestack/runtime";
import { type GivenAddress, usualFile } from "./choose-source.ts";

/** The configuration that is named, or the one at the usual place; undefined where there is none. */
export function configFileIfAny({ config }: GivenAddress, environment: Environment): string | undefined {
  return config ?? (environment.KUBESTACK_CONFIG || (existsSync(usualFile) ? usualFile : undefined));
}

/** The same for a verb that can't do without: `invalid-config` where there is none. `why` begins the sentence. */
export function configFile(given: GivenAddress, environment: Environment, why: string): string {
  const file = configFileIfAny(given, environment);
  if (file !== undefined) return file;
  throw new KubestackError(
    "invalid-config",
    `${why}, and there is none at ${usualFile}: name it with --config FILE or KUBESTACK_CONFIG.`,
    { retry: "never" },
  );
}
