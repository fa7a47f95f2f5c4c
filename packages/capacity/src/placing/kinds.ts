import type { PodNeeds, Requirement } from "@kubestack/contracts";
import type { WantedPods } from "../node.ts";
import type { Space, Vector } from "./space.ts";

/** Pods that are equal for a node: one shape and how many. */
export interface Kind {
  readonly needs: PodNeeds;
  readonly names: readonly string[];
  readonly ask: Vector;
}

/** The labels that any selector looks at; others make no pod another kind. */
export function selectedKeys(all: Iterable<PodNeeds>): ReadonlySet<string> {
  const keys = new Set<string>();
  const note = (selector: readonly Requirement[]) => {
    for (const { key } of selector) keys.add(key);
  };
  for (const { spread = [], apart = [] } of all) {
    for (const one of spread) note(one.selector);
    for (const one of apart) note(one.selector);
  }
  return keys;
}

/** Equal pods together. A name that comes twice counts once. */
export function kindsOf(wanted: readonly WantedPods[], keys: ReadonlySet<string>): Omit<Kind, "ask">[] {
  const kinds = new Map<string, { needs: PodNeeds; names: string[] }>();
  const known = new Map<PodNeeds, { needs: PodNeeds; names: string[] }>();
  const met = new Set<string>();
  for (const { needs, names } of wanted) {
    const kind = known.get(needs) ?? kindIn(kinds, needs, keys);
    known.set(needs, kind);
    for (const name of names) {
      if (met.has(name)) continue;
      met.add(name);
      kind.names.push(name);
    }
  }
  return [...kinds.values()].filter(({ names }) => names.length > 0);
}

function kindIn(
  kinds: Map<string, { needs: PodNeeds; names: string[] }>,
  needs: PodNeeds,
  keys: ReadonlySet<string>,
): { needs: PodNeeds; names: string[] } {
  const { labels = {}, namespace, ...rest } = needs;
  const told = Object.entries(labels).filter(([key]) => keys.has(key));
  const key = canonical({ ...rest, ...(keys.size === 0 ? {} : { namespace, labels: Object.fromEntries(told) }) });
  const kind = kinds.get(key) ?? { needs, names: [] };
  kinds.set(key, kind);
  return kind;
}

/** Equal texts for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}

/** Kinds with what one pod of each takes. */
export function measuredIn(space: Space, kinds: readonly Omit<Kind, "ask">[]): Kind[] {
  return kinds.map((kind) => ({ ...kind, ask: space.ask(kind.needs.requests) }));
}
