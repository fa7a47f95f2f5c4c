import { KubestackError, type SlaveRecord } from "@kubestack/contracts";
import { refusedHold } from "@kubestack/slave";

/** So many names are told at most where several are meant. */
const toldNames = 5;

/**
 * The living slave that is called so, by its name or a beginning that is no other's. Raises `not-found`, which says of one that is
 * over that it is.
 */
export function livingSlave<T extends Pick<SlaveRecord, "name" | "state" | "life">>(
  what: string,
  slaves: readonly T[],
): T {
  const called = slaves.filter(({ name }) => what !== "" && name.startsWith(what));
  const exact = called.filter(({ name }) => name === what);
  const living = called.filter(({ state }) => state !== "deleted");
  const meant = exact.length > 0 ? exact : living.length > 0 ? living : called;
  const [first, ...others] = meant;
  if (first === undefined)
    throw notFound(`No living slave is called '${what}', or begins so; kubestackcmd list shows them.`);
  if (others.length > 0) {
    const names = meant.slice(0, toldNames).map(({ name }) => name);
    const more = meant.length > toldNames ? ", …" : "";
    throw notFound(`'${what}' may be ${meant.length} slaves (${names.join(", ")}${more}); write more of the name.`);
  }
  if (first.state === "deleted") throw notFound(refusedHold(first) ?? `${first.name} is over.`);
  return first;
}

function notFound(sentence: string): KubestackError {
  return new KubestackError("not-found", sentence, { retry: "never" });
}
