import { access, constants, stat } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { LaunchPlan } from "./launch-plan.ts";

/** Why the first word of `plan` cannot be started, in a container runtime's words; nothing where it can. */
export async function executableFault(plan: LaunchPlan): Promise<string | undefined> {
  const [name] = plan.argv;
  if (name.includes("/")) {
    const path = isAbsolute(name) ? name : join(plan.workingDir, name);
    const fault = await fileFault(path);
    return fault === undefined ? undefined : `exec: "${name}": ${fault}`;
  }
  for (const folder of (plan.env.PATH ?? "").split(":").filter((entry) => entry !== "")) {
    if ((await fileFault(join(folder, name))) === undefined) return undefined;
  }
  return `exec: "${name}": executable file not found in $PATH`;
}

async function fileFault(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return `stat ${path}: no such file or directory`;
  if (found.isDirectory()) return "is a directory";
  return access(path, constants.X_OK).then(
    () => undefined,
    () => "permission denied",
  );
}
