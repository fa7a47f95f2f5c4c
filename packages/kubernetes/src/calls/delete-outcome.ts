import { hasCode } from "@kubestack/contracts";

/**
 * What a delete, or an order to stop, met. `accepted`: it goes, and is gone only when it is seen gone. `gone`: nothing of that name is there.
 * `not-this-one`: another object has the name now; it was not touched.
 */
export type DeleteOutcome = "accepted" | "gone" | "not-this-one";

/** Turns the two refusals that a repeated delete expects into outcomes; everything else is raised. */
export async function outcomeOf(deleting: Promise<unknown>): Promise<DeleteOutcome> {
  try {
    await deleting;
    return "accepted";
  } catch (error) {
    if (hasCode(error, "not-found")) return "gone";
    if (hasCode(error, "stale-revision")) return "not-this-one";
    throw error;
  }
}
