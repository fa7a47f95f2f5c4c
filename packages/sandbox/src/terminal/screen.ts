import { isDumb, wantsColour } from "./capabilities.ts";
import { LiveScreen } from "./live-screen.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What is drawn in place, anew for each size; at most `rows` lines of at most `columns` characters are shown. */
export type Picture = (size: Size) => readonly string[];

/** Where a person reads: a terminal that is redrawn in place, or a plain stream of lines. */
export interface Screen {
  /** Whether pictures are shown; where not, everything has to be said in lines. */
  readonly isLive: boolean;
  readonly colour: boolean;
  /** Columns that a line may use; Infinity where nobody counts. */
  width(): number;
  /** Prints text that stays. */
  say(text: string): void;
  /** Shows a picture below what was said, until another one takes its place; undefined takes it away. */
  show(picture: Picture | undefined): void;
  /** Leaves the terminal as it was found. */
  end(): void;
}

/** What a screen writes to. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
  on(event: "resize", handler: () => void): unknown;
  off(event: "resize", handler: () => void): unknown;
}

export function openScreen(output: Output, environment: Readonly<Record<string, string | undefined>>): Screen {
  const isLive = output.isTTY === true && !isDumb(environment);
  if (isLive) return new LiveScreen(output, wantsColour(environment));
  return {
    isLive: false,
    colour: false,
    width: () => Number.POSITIVE_INFINITY,
    say: (text) => void output.write(`${text}\n`),
    show: () => undefined,
    end: () => undefined,
  };
}
