import { HeldBytes } from "../connection/held-bytes.ts";

/** Lines longer than this, in bytes, are skipped: a worker's line names all its functions, and a few thousand fit. */
const usualMostBytes = 1024 * 1024;

const newline = 0x0a;

/**
 * Cuts a stream into lines, whatever pieces it comes in: linear in its length, with one line in memory at most. A line that
 * is too long is skipped and counted. Lines end in LF; a CR before it is no part of the line.
 */
export class LineSplitter {
  /** Lines that were skipped. */
  tooLong = 0;
  readonly #mostBytes: number;
  readonly #held = new HeldBytes();
  #skipping = false;

  constructor(mostBytes: number = usualMostBytes) {
    this.#mostBytes = mostBytes;
  }

  /** Whether a line has begun that is not over. */
  get isInside(): boolean {
    return this.#skipping || this.#held.length > 0;
  }

  /** Tells each line that ends in `chunk` until `each` says false; how many bytes of the chunk were read. */
  push(chunk: Buffer, each: (line: string) => boolean): number {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(newline, at);
      this.#hold(chunk.subarray(at, end < 0 ? chunk.length : end));
      if (end < 0) return chunk.length;
      at = end + 1;
      const line = this.#take();
      if (line !== undefined && !each(line)) return at;
    }
    return chunk.length;
  }

  #hold(piece: Buffer): void {
    if (this.#skipping) return;
    if (this.#held.length + piece.length <= this.#mostBytes) {
      this.#held.append(piece);
      return;
    }
    this.#skipping = true;
    this.#held.clear();
  }

  #take(): string | undefined {
    if (this.#skipping) {
      this.#skipping = false;
      this.tooLong += 1;
      return undefined;
    }
    const bytes = this.#held.view();
    const line = bytes.toString("utf8", 0, bytes.at(-1) === 0x0d ? bytes.length - 1 : bytes.length);
    this.#held.clear();
    return line;
  }
}
