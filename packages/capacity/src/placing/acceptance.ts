import type { PodNeeds } from "@kubestack/contracts";
import { type Host, refusalOf, zoneLabel } from "./refusal.ts";

/** Which hosts refuse which pods, asked once for hosts that are equal in all that any of these pods looks at. */
export class Acceptance {
  readonly #keys: readonly string[];
  readonly #refusals = new Map<PodNeeds, Map<string, string | null>>();
  readonly #signatures = new Map<Host, string>();

  constructor(all: Iterable<PodNeeds>) {
    const keys = new Set([zoneLabel]);
    for (const { nodeSelector = {}, affinity = [] } of all) {
      for (const key of Object.keys(nodeSelector)) keys.add(key);
      for (const { key } of affinity.flat()) keys.add(key);
    }
    this.#keys = [...keys].sort();
  }

  /** Why a host refuses such a pod, whatever room it has; null where it takes it. */
  refusal(needs: PodNeeds, host: Host): string | null {
    const of = this.#refusals.get(needs) ?? new Map<string, string | null>();
    this.#refusals.set(needs, of);
    const signature = this.#signatureOf(host);
    const known = of.get(signature);
    if (known !== undefined) return known;
    const refusal = refusalOf(needs, host) ?? null;
    of.set(signature, refusal);
    return refusal;
  }

  #signatureOf(host: Host): string {
    const known = this.#signatures.get(host);
    if (known !== undefined) return known;
    const name = this.#keys.includes("metadata.name") ? host.name : undefined;
    const labels = this.#keys.map((key) => host.labels[key] ?? null);
    const signature = JSON.stringify([name, labels, host.taints, host.zones]);
    this.#signatures.set(host, signature);
    return signature;
  }
}
