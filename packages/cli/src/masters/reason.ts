import { InvalidArgumentError } from "commander";

/** Characters that a reason has at most, as the commands take it. */
export const longestReason = 512;

/** What a person writes behind `--reason`. */
export function parseReason(text: string): string {
  if (text.length > longestReason) throw new InvalidArgumentError(`write at most ${longestReason} characters.`);
  return text;
}
