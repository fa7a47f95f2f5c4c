import { hasCode, keys, podNameOf, type SlaveRecord } from "@kubestack/contracts";
import type { MasterScope } from "../master-scope.ts";

/** Between two looks at whether pods that are kept are still there, in milliseconds. */
const everyMs = 5_000;

/**
 * A slave's record outlives the slave, and tells people that its pod is kept: until that is gone, whoever deleted it. A record that
 * is wrong of it is found at the next look, or after the next taking over.
 */
export class RetainedRecords {
  readonly #scope: MasterScope;
  /** The slaves' pods, by the slaves' names. */
  readonly #pods = new Map<string, string>();
  #next = 0;

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  /** Takes in a record as it is now. */
  note(record: SlaveRecord): void {
    const { name, state, life } = record;
    if (state === "deleted" && life.pod.retained !== null) this.#pods.set(name, podNameOf(record));
  }

  async settle(now: number): Promise<void> {
    const { pods } = this.#scope.options;
    if (now < this.#next || this.#pods.size === 0 || pods.status().state !== "synced" || !this.#scope.isTrusted())
      return;
    this.#next = now + everyMs;
    const gone = [...this.#pods].filter(([, pod]) => pods.get(pod) === undefined);
    await Promise.all(gone.map(([name]) => this.#settle(name, now)));
  }

  async #settle(name: string, now: number): Promise<void> {
    const { bus, name: master } = this.#scope.options;
    const entry = await bus.slaves.get(keys.slave(master, name));
    if (entry !== undefined && entry.value.life.pod.retained !== null && this.#scope.isOwner()) {
      const { life } = entry.value;
      const pod = { ...life.pod, retained: null, goneAt: life.pod.goneAt ?? now };
      await bus.slaves.update(entry, { ...entry.value, life: { ...life, pod } }).catch((error: unknown) => {
        // Somebody else did it, or the record had its day.
        if (!hasCode(error, "stale-revision")) throw error;
      });
    }
    this.#pods.delete(name);
  }
}
