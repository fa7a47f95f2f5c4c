import type { Output, Picture, Screen, Size } from "./screen.ts";

const redrawMs = 250;
/** Terminals that know it show everything between the two at once. */
const [begin, finish] = ["\u001b[?2026h", "\u001b[?2026l"];
const [hideCursor, showCursor] = ["\u001b[?25l", "\u001b[?25h"];
const [clearLine, clearBelow, clearAll] = ["\u001b[K", "\u001b[J", "\u001b[H\u001b[2J"];
/** Said lines that a changed size may show again. */
const keptLines = 100;

/** A terminal whose lowest lines are a picture that is redrawn in place. */
export class LiveScreen implements Screen {
  readonly isLive = true;
  readonly colour: boolean;
  readonly #output: Output;
  readonly #said: string[] = [];
  #picture: Picture | undefined;
  #drawn: readonly string[] = [];
  #redrawing: NodeJS.Timeout | undefined;

  constructor(output: Output, colour: boolean) {
    this.#output = output;
    this.colour = colour;
    output.on("resize", this.#resized);
  }

  width(): number {
    return this.#size().columns - 1;
  }

  say(text: string): void {
    this.#said.push(...text.split("\n"));
    this.#said.splice(0, Math.max(0, this.#said.length - keptLines));
    const lines = this.#lines();
    this.#output.write(
      `${begin}${this.#home()}${clearBelow}${text}\n${lines.map((line) => `${line}\n`).join("")}${finish}`,
    );
    this.#drawn = lines;
  }

  show(picture: Picture | undefined): void {
    this.#picture = picture;
    if (picture !== undefined && this.#redrawing === undefined) {
      this.#output.write(hideCursor);
      this.#redrawing = setInterval(() => this.#draw(), redrawMs);
      this.#redrawing.unref();
    }
    this.#draw();
    if (picture === undefined) this.#rest();
  }

  end(): void {
    this.show(undefined);
    this.#output.off("resize", this.#resized);
  }

  /** What a line took before may be another number of lines now: the whole window is drawn anew. */
  readonly #resized = (): void => {
    if (this.#picture === undefined) return;
    const { columns, rows } = this.#size();
    const lines = this.#lines();
    let room = rows - lines.length - 1;
    const shown: string[] = [];
    for (const line of this.#said.toReversed()) {
      room -= Math.max(1, Math.ceil(line.length / columns));
      if (room < 0) break;
      shown.unshift(line);
    }
    this.#output.write(`${begin}${clearAll}${[...shown, ...lines].map((line) => `${line}\n`).join("")}${finish}`);
    this.#drawn = lines;
  };

  #draw(): void {
    const lines = this.#lines();
    if (lines.length === this.#drawn.length && lines.every((line, at) => line === this.#drawn[at])) return;
    const body = lines.map((line) => `${line}${clearLine}\n`).join("");
    this.#output.write(`${begin}${this.#home()}${body}${clearBelow}${finish}`);
    this.#drawn = lines;
  }

  /** To the first line of the picture. */
  #home(): string {
    return this.#drawn.length === 0 ? "" : `\u001b[${this.#drawn.length}A\r`;
  }

  #lines(): readonly string[] {
    const { columns, rows } = this.#size();
    // The last column stays free: a character in it may begin a new line. So does the last row, for the cursor.
    return this.#picture?.({ columns: columns - 1, rows: rows - 1 }).slice(0, rows - 1) ?? [];
  }

  #size(): Size {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  #rest(): void {
    if (this.#redrawing === undefined) return;
    clearInterval(this.#redrawing);
    this.#redrawing = undefined;
    this.#output.write(showCursor);
  }
}
