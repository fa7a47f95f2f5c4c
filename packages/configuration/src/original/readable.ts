import { stat } from "node:fs/promises";

/**
 * What people should know about a file that holds its secrets itself: whether every user of this machine may read them.
 * Empty where nobody else may, or where the file system does not tell.
 */
export async function readableByAll(file: string): Promise<string[]> {
  const mode = await stat(file).then(
    (found) => found.mode,
    () => 0,
  );
  if ((mode & 0o004) === 0) return [];
  return [
    `${file} holds passwords and everybody on this machine may read it; chmod o-r ${file}, and better move them into files of their own (kubestackcmd config check ${file} says how)`,
  ];
}
