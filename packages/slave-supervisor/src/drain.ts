import { KubestackError } from "@kubestack/contracts";
import { livingSlave } from "./living-slave.ts";
import type { MasterScope } from "./master-scope.ts";

/** Takes one of a master's slaves out of service because somebody asked for it: at once, or after its build. */
export async function drain(
  scope: MasterScope,
  { slave: name, reason }: { readonly slave: string; readonly reason: string },
): Promise<{ slave: string; state: string }> {
  const { roster } = scope;
  const slave = livingSlave(scope, name);
  const at = scope.options.bus.clock.now();
  // Who is to go is held no longer, whoever held it.
  await roster.apply(slave, ({ life }) => [
    ...(life.held === null ? [] : [{ type: "hold.released", reason, at } as const]),
    { type: "drain.requested", reason, outcome: "withdrawn", at },
  ]);
  const { state, life } = (roster.get(name) ?? slave).record;
  if ((state !== "draining" && state !== "deleted" && !life.goesAfterBuild) || life.held !== null)
    throw new KubestackError("bus-unavailable", `The drain of ${name} could not be saved; try again.`);
  return { slave: name, state };
}
