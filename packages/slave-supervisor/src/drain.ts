import { KubestackError } from "@kubestack/contracts";
import type { MasterScope } from "./master-scope.ts";

/** Takes one of a master's slaves out of service because somebody asked for it: at once, or after its build. */
export async function drain(
  scope: MasterScope,
  { slave: name, reason }: { readonly slave: string; readonly reason: string },
): Promise<{ slave: string; state: string }> {
  const { options, roster } = scope;
  const { name: master, bus } = options;
  if (!scope.isOwner()) throw new KubestackError("not-owner", `Master ${master} is supervised by another process.`);
  const slave = roster.get(name);
  if (slave === undefined || slave.record.state === "deleted")
    throw new KubestackError(
      "not-found",
      `Master ${master} has no living slave ${name}; kubestackcmd list shows them.`,
    );
  await roster.apply(slave, () => [{ type: "drain.requested", reason, outcome: "withdrawn", at: bus.clock.now() }]);
  const { state, life } = (roster.get(name) ?? slave).record;
  if (state !== "draining" && state !== "deleted" && !life.goesAfterBuild)
    throw new KubestackError("bus-unavailable", `The drain of ${name} could not be saved; try again.`);
  return { slave: name, state };
}
