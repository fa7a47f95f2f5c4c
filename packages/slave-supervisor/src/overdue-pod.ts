import type { NodeHealth } from "@kubestack/kubernetes";

/**
 * Where the cluster's machines may not be read, an overdue pod is deleted by force only after this time, in milliseconds.
 * A kubelet that lives, however slow its volumes are, is done by then; one that is dead was given up by its control plane
 * minutes ago.
 */
export const unseenMs = 10 * 60_000;

/**
 * Whether a pod that is being deleted, and should be gone for so long, is taken out of the store by force. That ends no
 * process: so it is done only where none is left to end, as far as anybody can know. What still runs on a machine that is
 * only cut off can do no harm: its node is gone from the master, and names are never used twice.
 */
export function goesByForce(machine: NodeHealth, overdueMs: number): boolean {
  switch (machine) {
    case "gone":
    case "not-ready":
      return true;
    case "unknown":
      return overdueMs >= unseenMs;
    case "ready":
      return false;
  }
}
