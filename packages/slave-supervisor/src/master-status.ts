import type { MasterStatus } from "@kubestack/contracts";
import type { MasterScope } from "./master-scope.ts";

/** What a master's supervisor says of itself besides what its parts show. */
export interface OwnWord {
  /** Why it is as it is, and since when, in milliseconds of NATS's time. */
  readonly detail: string;
  readonly since: number;
  /** Whether the ledger was compared with the pods since it was taken over. */
  readonly isRebuilt: boolean;
  /** What belongs to no slave and is left alone; undefined where nothing is. */
  readonly leftAlone: string | undefined;
}

/** How a master stands with this process, in one word and a sentence. */
export function masterStatus(scope: MasterScope, own: OwnWord): MasterStatus {
  const { bus, name: master } = scope.options;
  const { source } = scope.demand;
  const waiting = source?.state === "ok" ? source.items.filter(({ isRunning }) => isRunning !== true).length : null;
  const { state, detail } = standing(scope, own);
  return { master, state, detail, owner: bus.process, waiting, oldestWaitingSince: null, since: own.since };
}

function standing(scope: MasterScope, own: OwnWord): Pick<MasterStatus, "state" | "detail"> {
  const { bus, store } = scope.options;
  const { state, reason } = store.standing();
  if (state === "foreign") return { state: "refused", detail: reason };
  if (!scope.isOwner()) return { state: "waiting", detail: own.detail };
  if (state === "unknown") return { state: "starting", detail: reason };
  if (!own.isRebuilt) return { state: "starting", detail: "the ledger is compared with the pods first" };
  const verdict = scope.demand.verdict(bus.clock.now());
  if (verdict.usable) return { state: "ok", detail: own.leftAlone ?? own.detail };
  const isUnreachable = scope.demand.source?.state === "unknown";
  return { state: isUnreachable ? "unreachable" : "starting", detail: verdict.reason };
}
