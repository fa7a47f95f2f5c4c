import { styleText } from "node:util";
import type { SlaveState } from "@kubestack/contracts";

/** The few styles that the command line uses; colour only repeats what the words say. */
export type Style = "red" | "green" | "yellow" | "cyan" | "dim" | "bold";

/** The text in a style, or as it is where colours are off or no style is given. */
export function paint(text: string, style: Style | undefined, colour: boolean): string {
  return colour && style !== undefined ? styleText(style, text, { validateStream: false }) : text;
}

/** One colour for each state of a slave, the same in every screen. */
export const stateStyles: Readonly<Record<SlaveState, Style>> = {
  requested: "yellow",
  scheduled: "yellow",
  online: "green",
  busy: "cyan",
  draining: "dim",
  deleted: "dim",
};
