import { hasCode } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";

/** What is tried on the trial node, in this order. */
export const trials = ["create", "mark", "bring back", "secret", "delete"] as const;
export type Trial = (typeof trials)[number];

/** How the trials went. What was not come to is absent: `stopped` says why. */
export interface TrialReport {
  readonly node: string;
  readonly done: readonly Trial[];
  readonly refused: ReadonlyMap<Trial, unknown>;
  /** It was interrupted: what is neither done nor refused was not tried. */
  readonly stopped: boolean;
}

/** The beginning of a trial node's name. */
export const trialPrefix = "ks-doctor-";
const deleteTries = 3;

/**
 * Makes a node that nobody asks for and no agent comes to, does with it whatever slaves need done, and deletes it, also
 * where something failed or `signal` was aborted. Where its creation got no answer it may be there all the same: it is
 * deleted then too.
 */
export async function tryRights(master: Master, node: string, signal: AbortSignal): Promise<TrialReport> {
  const done: Trial[] = [];
  const refused = new Map<Trial, unknown>();
  const attempt = async (trial: Trial, act: () => Promise<unknown>): Promise<void> => {
    if (signal.aborted) return;
    try {
      await act();
      done.push(trial);
    } catch (error) {
      refused.set(trial, error);
    }
  };
  await attempt("create", () => master.createNode(specOf(node)));
  const mayExist = done.includes("create") || isUnanswered(refused.get("create"));
  try {
    if (done.includes("create")) {
      await attempt("mark", () => master.markOffline(node, "kubestackcmd doctor tries its rights"));
      await attempt("bring back", () => master.bringOnline(node));
      await attempt("secret", () => master.agentSecret(node));
    }
  } finally {
    if (mayExist) {
      const failure = await remove(master, node);
      if (failure === undefined) done.push("delete");
      else refused.set("delete", failure);
    }
  }
  return { node, done, refused, stopped: signal.aborted };
}

function specOf(name: string) {
  return {
    name,
    description: "Made by kubestackcmd doctor to try its rights, and deleted at once. It may be deleted at any time.",
    labels: [name],
    executors: 1,
    remoteFs: "/tmp",
    mode: "EXCLUSIVE",
  } as const;
}

function isUnanswered(error: unknown): boolean {
  return error !== undefined && !hasCode(error, "credential-refused", "master-refused", "already-exists", "not-found");
}

/** What keeps it from being deleted; a refusal is final, an answer that did not come is asked for again. */
async function remove(master: Master, node: string): Promise<unknown> {
  let failure: unknown;
  for (let tries = 0; tries < deleteTries; tries += 1) {
    try {
      await master.deleteNode(node);
      return undefined;
    } catch (error) {
      failure = error;
      if (hasCode(error, "credential-refused", "master-refused")) break;
    }
  }
  return failure;
}
