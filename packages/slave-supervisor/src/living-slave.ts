import { KubestackError } from "@kubestack/contracts";
import type { MasterScope } from "./master-scope.ts";
import type { Slave } from "./roster.ts";

/** A slave that somebody asks something of. Raises `not-owner`, and `not-found` where the master has none of this name that lives. */
export function livingSlave(scope: MasterScope, name: string): Slave {
  const { name: master } = scope.options;
  if (!scope.isOwner()) throw new KubestackError("not-owner", `Master ${master} is supervised by another process.`);
  const slave = scope.roster.get(name);
  if (slave !== undefined && slave.record.state !== "deleted") return slave;
  throw new KubestackError("not-found", `Master ${master} has no living slave ${name}; kubestackcmd list shows them.`);
}
