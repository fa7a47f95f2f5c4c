import type { Logger } from "@kubestack/runtime";

/** Tells each trouble once, however often it is met, and once when it is over. */
export class ToldOnce {
  readonly #log: Logger;
  readonly #troubles = new Map<string, string>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** `of`: what it is a trouble of; an empty sentence: it is over. */
  tell(of: string, sentence: string): void {
    const before = this.#troubles.get(of) ?? "";
    if (sentence === before) return;
    if (sentence === "") this.#troubles.delete(of);
    else this.#troubles.set(of, sentence);
    if (sentence === "") this.#log.info({ of }, `${of}: all is well again`);
    else this.#log.warn({ of }, sentence);
  }

  /** What is wrong with this one now; empty: nothing. */
  of(what: string): string {
    return this.#troubles.get(what) ?? "";
  }

  /** What is wrong now. */
  get all(): readonly string[] {
    return [...this.#troubles.values()];
  }
}
