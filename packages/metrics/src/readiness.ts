/** How one thing stands that must be well before a process is ready. */
export interface Standing {
  readonly name: string;
  readonly isReady: boolean;
  readonly detail: string;
}

/** Whether a process does its work: every condition is asked anew each time. */
export class Readiness {
  readonly #conditions = new Map<string, () => Omit<Standing, "name">>();

  /** Makes `ask` a condition; one that was named before is replaced. */
  require(name: string, ask: () => Omit<Standing, "name">): void {
    this.#conditions.set(name, ask);
  }

  /** How each condition stands, in the order they were named. */
  standings(): Standing[] {
    return [...this.#conditions].map(([name, ask]) => ({ name, ...ask() }));
  }
}
