import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openScreen } from "./screen.ts";

/** A terminal that understands just enough to say what a person would see. */
class Terminal {
  readonly isTTY = true;
  columns = 40;
  rows = 8;
  written = "";
  #lines: string[] = [""];
  #row = 0;
  #resized: (() => void) | undefined;

  write(text: string): void {
    this.written += text;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is told by control characters.
    for (const [part] of text.matchAll(/\u001b\[[?\d]*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) this.#take(part);
  }

  on(_event: "resize", handler: () => void): void {
    this.#resized = handler;
  }

  off(): void {
    this.#resized = undefined;
  }

  resize(columns: number): void {
    this.columns = columns;
    this.#resized?.();
  }

  get seen(): string[] {
    return this.#lines.filter((line) => line !== "");
  }

  #take(part: string): void {
    if (part === "\n") this.#row += 1;
    else if (part.endsWith("A")) this.#row -= Number.parseInt(part.slice(2), 10);
    else if (part.endsWith("K")) this.#lines[this.#row] = this.#lines[this.#row]?.replace(/ *$/, "") ?? "";
    else if (part.endsWith("H")) this.#row = 0;
    else if (part.endsWith("2J")) this.#lines = [];
    else if (part.endsWith("J")) this.#lines.length = Math.min(this.#lines.length, this.#row);
    else if (!part.startsWith("\u001b") && part !== "\r") this.#lines[this.#row] = part;
    while (this.#lines.length <= this.#row) this.#lines.push("");
  }
}

function setup() {
  const terminal = new Terminal();
  return { terminal, screen: openScreen(terminal, { TERM: "xterm" }) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is said stays above the picture, which is redrawn in place", () => {
  const { terminal, screen } = setup();
  let count = 0;
  screen.say("hello");
  screen.show(() => [`count ${count}`, "foot"]);
  count = 1;
  vi.advanceTimersByTime(300);
  expect(terminal.seen).toEqual(["hello", "count 1", "foot"]);
  screen.say("more");
  expect(terminal.seen).toEqual(["hello", "more", "count 1", "foot"]);
  screen.end();
  expect(terminal.seen).toEqual(["hello", "more"]);
});

test("a picture that has not changed is not drawn again", () => {
  const { terminal, screen } = setup();
  screen.show(() => ["same"]);
  const { length } = terminal.written;
  vi.advanceTimersByTime(5000);
  expect(terminal.written).toHaveLength(length);
});

test("a picture that grows and shrinks leaves nothing behind", () => {
  const { terminal, screen } = setup();
  let lines = ["a"];
  screen.show(() => lines);
  lines = ["a", "b", "c"];
  vi.advanceTimersByTime(300);
  expect(terminal.seen).toEqual(["a", "b", "c"]);
  lines = ["z"];
  vi.advanceTimersByTime(300);
  expect(terminal.seen).toEqual(["z"]);
});

test("it is never higher than the window, and told how wide it may be", () => {
  const { terminal, screen } = setup();
  screen.show(({ columns, rows }) => Array.from({ length: 20 }, (_, at) => `line ${at} of ${rows} x ${columns}`));
  expect(terminal.seen).toHaveLength(7);
  expect(terminal.seen[0]).toBe("line 0 of 7 x 39");
});

test("a changed size draws all of it anew", () => {
  const { terminal, screen } = setup();
  screen.say("hello");
  screen.show(({ columns }) => [`wide ${columns}`]);
  terminal.resize(20);
  expect(terminal.seen).toEqual(["hello", "wide 19"]);
});

test("the cursor is hidden only while there is a picture", () => {
  const { terminal, screen } = setup();
  screen.show(() => ["x"]);
  expect(terminal.written).toContain("\u001b[?25l");
  expect(terminal.written).not.toContain("\u001b[?25h");
  screen.end();
  expect(terminal.written).toMatch(/\?25h$/);
});

test("what is no terminal gets lines and nothing else", () => {
  const written: string[] = [];
  const output = { write: (text: string) => written.push(text), on: () => undefined, off: () => undefined };
  const screen = openScreen(output, { TERM: "xterm" });
  screen.show(() => ["picture"]);
  screen.say("line");
  screen.end();
  expect(written).toEqual(["line\n"]);
  expect(screen.width()).toBe(Number.POSITIVE_INFINITY);
});
