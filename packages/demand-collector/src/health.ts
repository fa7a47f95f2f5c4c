import { hasCode, type MasterEventKind, sentenceOf } from "@kubestack/contracts";

/** How a master answers, as the last reading found it. */
export interface MasterHealth {
  readonly state: "starting" | "ok" | "unreachable" | "refused";
  readonly detail: string;
  readonly since: number;
  readonly session: string | null;
}

export const unknownHealth: MasterHealth = { state: "starting", detail: "not read yet", since: 0, session: null };

/** The health after a reading, and what there is to announce. */
export function afterReading(
  health: MasterHealth,
  reading: { at: number; session: string | null; error?: unknown },
): { health: MasterHealth; event?: MasterEventKind } {
  if (reading.error !== undefined) {
    const refused = hasCode(reading.error, "credential-refused", "master-refused", "not-a-master");
    const state = refused ? "refused" : "unreachable";
    const detail = sentenceOf(reading.error);
    if (health.state === state) return { health: { ...health, detail } };
    return {
      health: { ...health, state, detail, since: reading.at },
      event: refused ? "refused" : "unreachable",
    };
  }
  const restarted = health.session !== null && reading.session !== null && health.session !== reading.session;
  const next: MasterHealth = {
    state: "ok",
    detail: "answers",
    since: health.state === "ok" ? health.since : reading.at,
    session: reading.session,
  };
  if (restarted) return { health: next, event: "restarted" };
  return health.state === "ok" ? { health: next } : { health: next, event: "reachable" };
}
