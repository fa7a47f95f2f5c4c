import type { Environment } from "@kubestack/runtime";
import type { Terminal } from "./context.ts";
import type { Canvas } from "./text/table.ts";

type Output = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">;

/** The terminal as it is. Into a pipe or a file nothing is cut and nothing coloured. */
export function terminalOf(out: Output, err: Output, environment: Environment): Terminal {
  const errors = canvasOf(err, environment);
  return Object.assign(canvasOf(out, environment), {
    errors,
    out: (text: string) => void out.write(text),
    err: (text: string) => void err.write(text),
  });
}

function canvasOf(output: Output, environment: Environment): Canvas {
  const isTerminal = output.isTTY === true;
  return {
    // Asked each time: the window may have been resized.
    get width() {
      return isTerminal && output.columns > 0 ? output.columns : undefined;
    },
    colour: isTerminal && !environment.NO_COLOR && environment.TERM !== "dumb",
  };
}
