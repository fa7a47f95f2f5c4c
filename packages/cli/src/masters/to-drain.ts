import { KubestackError, type SlaveRecord } from "@kubestack/contracts";

/** What is to be drained. */
export type ToDrain =
  | { readonly kind: "master"; readonly master: string }
  | { readonly kind: "slave"; readonly master: string; readonly slave: string };

/** So many names are told at most where several are meant. */
const toldNames = 5;

/** Finds what a word means: a master by its whole name, else a living slave by its name or a beginning that is no other's. */
export function toDrain(
  what: string,
  there: {
    readonly masters: readonly string[];
    readonly slaves: readonly Pick<SlaveRecord, "name" | "master" | "state">[];
  },
): ToDrain {
  if (there.masters.includes(what)) return { kind: "master", master: what };
  const living = there.slaves.filter(({ name, state }) => state !== "deleted" && name.startsWith(what));
  const exact = living.find(({ name }) => name === what);
  const [first, ...others] = exact === undefined ? living : [exact];
  if (first !== undefined && others.length === 0) return { kind: "slave", master: first.master, slave: first.name };
  const names = living.slice(0, toldNames).map(({ name }) => name);
  const more = living.length > toldNames ? ", …" : "";
  throw new KubestackError(
    "not-found",
    first === undefined
      ? `Neither a master nor a living slave is called '${what}'; kubestackcmd list shows the slaves, masters the masters.`
      : `'${what}' may be ${living.length} slaves (${names.join(", ")}${more}); write more of the name.`,
    { retry: "never" },
  );
}
