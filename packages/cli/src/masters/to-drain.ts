import { KubestackError, type SlaveRecord } from "@kubestack/contracts";
import { livingSlave } from "../hold/held-slave.ts";

/** What is to be drained. */
export type ToDrain =
  | { readonly kind: "master"; readonly master: string }
  | { readonly kind: "slave"; readonly master: string; readonly slave: string };

/** Finds what a word means: a master by its whole name, else a living slave by its name or a beginning that is no other's. */
export function toDrain(
  what: string,
  there: {
    readonly masters: readonly string[];
    readonly slaves: readonly Pick<SlaveRecord, "name" | "master" | "state" | "life">[];
  },
): ToDrain {
  if (there.masters.includes(what)) return { kind: "master", master: what };
  const living = there.slaves.filter(({ name, state }) => state !== "deleted" && name.startsWith(what));
  if (living.length === 0)
    throw new KubestackError(
      "not-found",
      `Neither a master nor a living slave is called '${what}'; kubestackcmd list shows the slaves, masters the masters.`,
      { retry: "never" },
    );
  const { master, name } = livingSlave(what, living);
  return { kind: "slave", master, slave: name };
}
