import type { FailureClass, Hold } from "@kubestack/contracts";

/** What a launch's failure holds back: nothing is launched from it, in it, or at it, for a while. */
export type HeldThing = Hold["what"];

/** Whatever would be launched into the namespace would fail so, from whichever template. */
const ofNamespaces: ReadonlySet<string> = new Set<FailureClass>(["quota-full", "no-right", "no-namespace"]);
/** Whatever would be launched for the master would fail so. */
const ofMasters: ReadonlySet<string> = new Set<FailureClass>(["master-refused", "node-not-made"]);

/** What is held after a launch that failed so; a class that is not known here holds its template. */
export function heldBy(failure: string | undefined): HeldThing {
  if (failure === undefined) return "template";
  if (ofNamespaces.has(failure)) return "namespace";
  return ofMasters.has(failure) ? "master" : "template";
}
