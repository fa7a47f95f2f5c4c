/** How much may still be tried: counted in steps, not in time, so that a decision is the same on any machine. */
export class Effort {
  #left: number;

  constructor(steps: number) {
    this.#left = steps;
  }

  spend(steps: number): void {
    this.#left -= steps;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }
}

/** Numbers from 0 to 1 that look random and are the same each time. */
export function sequence(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
