import { createHash } from "node:crypto";
import type { Bus } from "@kubestack/bus";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import { backoffMs, type Logger, type Timing } from "@kubestack/runtime";

/** The installation's name where none is configured: the same for every process that serves these masters from this namespace. */
export function installName(namespaceUid: string, masters: readonly string[]): string {
  const digest = createHash("sha256").update(JSON.stringify([namespaceUid, [...masters].sort()]));
  return `ks-${digest.digest("hex").slice(0, 10)}`;
}

/** The name that masters were served under before: a default one must not change with the masters' names. */
export async function keptInstall(bus: Pick<Bus, "masters">): Promise<string | undefined> {
  const kept = await bus.masters.list(undefined, () => undefined);
  return kept.map(({ value }) => value.install).sort()[0];
}

export interface InstallQuestion {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly masters: readonly string[];
  readonly log: Logger;
  readonly timing: Timing;
  readonly signal: AbortSignal;
}

/** Finds the default name out, however long the cluster can't be reached; what went wrong is told meanwhile. */
export async function defaultInstall(question: InstallQuestion): Promise<string | undefined> {
  const { cluster, namespace, masters, log, timing, signal } = question;
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const uid = await cluster.namespaceUid(namespace);
      if (uid !== undefined) return installName(uid, masters);
      throw new KubestackError(
        "not-found",
        `Namespace ${namespace} does not exist: create it (kubectl create namespace ${namespace}), or name another one in kubernetes.namespace.`,
      );
    } catch (error) {
      log.error({ namespace }, `slaves can't be launched yet: ${sentenceOf(error)}`);
      await timing.sleep(backoffMs(attempt, { leastMs: 1000, mostMs: 15_000 }, timing.random()), signal);
    }
  }
  return undefined;
}
