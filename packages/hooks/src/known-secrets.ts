import type { SecretReference } from "@kubestack/contracts";

/** A secret is read again after this time, in milliseconds: a flood of requests must not become one of readings. */
export const secretAgeMs = 15_000;

/** Secrets as they were read not long ago. */
export class KnownSecrets {
  readonly #read: (reference: SecretReference) => Promise<string>;
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly value: Promise<string>; readonly at: number }>();

  /** `now` is a clock that never goes back, in milliseconds. */
  constructor(read: (reference: SecretReference) => Promise<string>, now: () => number) {
    this.#read = read;
    this.#now = now;
  }

  /** The secret; raises what its reading raised, also to those who ask a moment later. */
  of(reference: SecretReference): Promise<string> {
    const name = JSON.stringify(reference);
    const known = this.#known.get(name);
    if (known !== undefined && this.#now() - known.at < secretAgeMs) return known.value;
    const value = this.#read(reference);
    // Who asked is told; that nobody else was there to be told is no fault.
    value.catch(() => undefined);
    this.#known.set(name, { value, at: this.#now() });
    return value;
  }

  /** A hook is gone: its secret need not be kept. */
  forget(reference: SecretReference): void {
    this.#known.delete(JSON.stringify(reference));
  }
}
