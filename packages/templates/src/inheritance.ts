/** What a template says of whom it stands on. */
export interface Heir {
  readonly name: string;
  /** Names of its parents: a later one is stronger than those before it, and what the template says itself is strongest. */
  readonly inheritFrom?: readonly string[] | undefined;
}

/** A name in `inheritFrom` that can't be followed. */
export interface InheritanceFault {
  /** Whose, by its place in the list of templates. */
  readonly template: number;
  /** Which of its parents. */
  readonly parent: number;
  readonly message: string;
}

/**
 * A template with all that it stands on, the weakest first: what its parents stand on, left to right, its parents, and it.
 * One that is met on several ways counts once, where it is met first: what stands on it is stronger, whoever brings it in.
 * Names that lead nowhere, or in a circle, are passed over: `inheritanceFaults` tells them.
 */
export function lineOf<T extends Heir>(template: T, all: readonly T[]): readonly T[] {
  return lineIn(template, namesOf(all));
}

/** Templates by their names; of two with one name the later. */
export function namesOf<T extends Heir>(all: readonly T[]): ReadonlyMap<string, T> {
  return new Map(all.map((one) => [one.name, one]));
}

/** The same as `lineOf`, for many templates of one list: each costs no more than what it stands on. */
export function lineIn<T extends Heir>(template: T, byName: ReadonlyMap<string, T>): readonly T[] {
  const line: T[] = [];
  const met = new Set<T>();
  const add = (one: T): void => {
    if (met.has(one)) return;
    met.add(one);
    for (const name of one.inheritFrom ?? []) {
      const parent = byName.get(name);
      if (parent !== undefined) add(parent);
    }
    line.push(one);
  };
  add(template);
  return line;
}

/** Every name that leads to no template, or back to the template itself. */
export function inheritanceFaults(all: readonly Heir[]): readonly InheritanceFault[] {
  const byName = new Map(all.map((one) => [one.name, one]));
  return all.flatMap((template, at) =>
    (template.inheritFrom ?? []).flatMap((name, parent) => {
      if (!byName.has(name)) return [{ template: at, parent, message: `names no template (${name}); correct it` }];
      const way = wayBack(template.name, name, byName);
      if (way === undefined) return [];
      const circle = [template.name, ...way].join(" → ");
      return [{ template: at, parent, message: `leads back to the template itself (${circle}); take one of them out` }];
    }),
  );
}

/** The shortest way from one template to another over parents; undefined where there is none. */
function wayBack(to: string, from: string, byName: ReadonlyMap<string, Heir>): readonly string[] | undefined {
  const ways = new Map<string, readonly string[]>([[from, [from]]]);
  for (const [name, way] of ways) {
    if (name === to) return way;
    for (const parent of byName.get(name)?.inheritFrom ?? []) if (!ways.has(parent)) ways.set(parent, [...way, parent]);
  }
  return undefined;
}
