import type { Entry } from "./stored-values.ts";

/**
 * Which values were got since the connection broke last. One from before that may be of a store that is no more: its revision
 * says nothing until the key was read again.
 */
export class HeldValues {
  readonly #breaks: () => number;
  readonly #gotAfter = new WeakMap<object, number>();

  /** `breaks` says how often the connection has broken so far. */
  constructor(breaks: () => number) {
    this.#breaks = breaks;
  }

  /** How often it has broken; to be asked before what is got is asked for. */
  now(): number {
    return this.#breaks();
  }

  /** The entry was asked for when the connection had broken so often. */
  got<E extends Entry<object>>(entry: E, breaks: number): E {
    this.#gotAfter.set(entry.value, breaks);
    return entry;
  }

  /** Whether it is not known that the value was got since. */
  isFromBefore(value: object): boolean {
    return this.#gotAfter.get(value) !== this.#breaks();
  }
}
