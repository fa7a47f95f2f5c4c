import type { Environment } from "@kubestack/runtime";
import type { Terminal } from "./context.ts";

type Output = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** The terminal as it is. Into a pipe or a file nothing is cut and nothing coloured. */
export function terminalOf(out: Output, err: Output, environment: Environment): Terminal {
  const isTerminal = out.isTTY === true;
  return {
    // Asked each time: the window may have been resized.
    get width() {
      return isTerminal && out.columns > 0 ? out.columns : undefined;
    },
    colour: isTerminal && !environment.NO_COLOR && environment.TERM !== "dumb",
    out: (text) => void out.write(text),
    err: (text) => void err.write(text),
  };
}
