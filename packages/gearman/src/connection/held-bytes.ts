/** Bytes that wait for the rest of a line or packet. It grows by doubling, so that any number of small pieces costs linear time. */
export class HeldBytes {
  #store: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(bytes: Buffer): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#store.length) {
      const grown = Buffer.allocUnsafe(Math.max(needed, this.#store.length * 2, 256));
      this.#store.copy(grown, 0, 0, this.#length);
      this.#store = grown;
    }
    bytes.copy(this.#store, this.#length);
    this.#length = needed;
  }

  /** What is held, as a view that holds until the next change. */
  view(): Buffer {
    return this.#store.subarray(0, this.#length);
  }

  /** Forgets everything, and gives a large store back. */
  clear(): void {
    this.#length = 0;
    if (this.#store.length > 64 * 1024) this.#store = Buffer.alloc(0);
  }
}
