import { accessSync, constants, statSync } from "node:fs";
import { join } from "node:path";

/** Whether `file` is a regular file (links followed) that may be executed. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Every executable called `name` in `folders`, in their order: the first may be too old where a later one is not. */
export function findPrograms(name: string, folders: readonly string[]): string[] {
  return folders.map((folder) => join(folder, name)).filter(isExecutable);
}
