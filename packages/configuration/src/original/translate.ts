import type { Translation } from "@kubestack/runtime";
import { inPlace, modernFormOf } from "./convert.ts";
import { faultsOfOriginal } from "./faults.ts";
import { isOriginal, modernKeysIn, type Values } from "./keys.ts";
import { mixedError } from "./mixed.ts";
import { writtenAt } from "./written.ts";

/**
 * A file of the original KubeStack's in our form, undefined for one of ours. `path` is the file's absolute path: its secrets
 * are named as what stands there. Raises `invalid-config` where keys of both forms are mixed, which prints all of it in ours.
 */
export function translateOriginal(file: Values, path: string): Translation | undefined {
  if (!isOriginal(file)) return undefined;
  if (modernKeysIn(file).length > 0) throw mixedError(file, path);
  return {
    values: { ...modernFormOf(file, inPlace(path)) },
    faults: faultsOfOriginal(file),
    written: writtenAt(file),
  };
}
