import type { PoolsReply } from "@kubestack/contracts";
import type { Fix } from "../status/overview.ts";

/** What a person has to mend about node pools: what keeps one, or all of them, from being asked, and pods that none has room for. */
export function poolFixes(reply: PoolsReply | undefined, now: number): Fix[] {
  if (reply === undefined) return [];
  const { pools, unplaced, isLeader } = reply;
  const held = pools.flatMap(({ pool, hold }) =>
    hold === null || hold.until <= now ? [] : [{ about: `pool ${pool} is held`, since: null, sentence: hold.because }],
  );
  const byTrouble = Map.groupBy(
    pools.filter(({ trouble }) => trouble !== ""),
    ({ trouble }) => trouble,
  );
  const troubled = [...byTrouble].map(([sentence, of]) => ({
    about: of.length === 1 ? `pool ${of[0]?.pool}` : `${of.length} node pools`,
    since: null,
    sentence,
  }));
  const roomless = unplaced.map(({ pods, because }) => ({
    about: `no node for ${pods[0] ?? "a pod"}${pods.length > 1 ? ` and ${pods.length - 1} more` : ""}`,
    since: null,
    sentence: because,
  }));
  const nobody = { about: "node pools", since: null, sentence: "no process decides on them now" };
  return [
    ...(isLeader || pools.length === 0 ? [] : [nobody]),
    ...held,
    ...troubled,
    ...roomless.slice(0, shownRoomless),
  ];
}

const shownRoomless = 3;
