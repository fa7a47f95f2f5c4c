import type { Master } from "@kubestack/jenkins";

/** Secrets that are kept of one master at most: they are asked for a moment after they were told. */
const mostKept = 1_000;

/**
 * What masters told with the creation of a node, so that it need not be asked for. It is never needed: another process, or one that was
 * started anew, asks the master.
 */
export class FreshSecrets {
  readonly #kept = new WeakMap<Master, Map<string, string>>();

  keep(master: Master, name: string, secret: string): void {
    const kept = this.#kept.get(master) ?? new Map<string, string>();
    this.#kept.set(master, kept.set(name, secret));
    const [oldest] = kept.keys();
    if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  }

  /** Answers it once. */
  take(master: Master, name: string): string | undefined {
    const secret = this.#kept.get(master)?.get(name);
    this.#kept.get(master)?.delete(name);
    return secret;
  }
}
