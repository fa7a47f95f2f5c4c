import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Wanted =
  | { readonly kind: "help" }
  | { readonly kind: "wrong"; readonly sentence: string }
  | { readonly kind: "configured"; readonly file: string }
  | { readonly kind: "sandbox"; readonly once: boolean };

export const helpText = `npm start                    a whole KubeStack on this machine: NATS, Kubernetes, a
                             master with sample jobs, and every service
npm start -- --once          the same; runs the sample builds once, says what came of
                             them, and takes all down
npm start -- --config FILE   no sandbox: every service, against the NATS, cluster and
                             masters that FILE names
npm start -- --help          this text

Ctrl-C takes everything down; once more does it by force.
`;

/** Reads the arguments behind `npm start --`. */
export function readArguments(args: readonly string[]): Wanted {
  let values: { once?: boolean; config?: string; help?: boolean };
  try {
    values = parseArgs({
      args: [...args],
      options: { once: { type: "boolean" }, config: { type: "string" }, help: { type: "boolean", short: "h" } },
    }).values;
  } catch (error) {
    return wrong(sentence(error));
  }
  if (values.help === true) return { kind: "help" };
  if (values.config === undefined) return { kind: "sandbox", once: values.once ?? false };
  if (values.once === true) return wrong("--once belongs to the sandbox: leave out --once, or --config.");
  if (values.config === "") return wrong("--config wants the path of a file.");
  return { kind: "configured", file: values.config };
}

function wrong(text: string): Wanted {
  return { kind: "wrong", sentence: `${text} See npm start -- --help.` };
}

/** Node's own sentences end with advice for programmers. */
function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return `${text.split(/\.(?:\s|$)/)[0]}.`;
}
