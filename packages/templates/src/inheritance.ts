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
  const byName = namesOf(all);
  const endless = withoutEnd(all, byName);
  return all.flatMap((template, at) =>
    (template.inheritFrom ?? []).flatMap((name, parent) => {
      if (!byName.has(name)) return [{ template: at, parent, message: `names no template (${name}); correct it` }];
      const way = endless.has(template.name) ? wayBack(template.name, name, byName) : undefined;
      if (way === undefined) return [];
      const circle = shortened([template.name, ...way]).join(" → ");
      return [{ template: at, parent, message: `leads back to the template itself (${circle}); take one of them out` }];
    }),
  );
}

/** The names of those that stand on a circle, or are in one: nobody else need be followed for it. */
function withoutEnd(all: readonly Heir[], byName: ReadonlyMap<string, Heir>): ReadonlySet<string> {
  const heirs = new Map<string, string[]>();
  const left = new Map<string, number>();
  for (const { name, inheritFrom = [] } of byName.values()) {
    const parents = inheritFrom.filter((parent) => byName.has(parent));
    left.set(name, parents.length);
    for (const parent of parents) heirs.get(parent)?.push(name) ?? heirs.set(parent, [name]);
  }
  const ended = all.map(({ name }) => name).filter((name) => left.get(name) === 0);
  for (const name of ended)
    for (const heir of heirs.get(name) ?? []) {
      const more = (left.get(heir) ?? 0) - 1;
      left.set(heir, more);
      if (more === 0) ended.push(heir);
    }
  for (const name of ended) left.delete(name);
  return new Set(left.keys());
}

/** The shortest way from one template to another over parents; undefined where there is none. */
function wayBack(to: string, from: string, byName: ReadonlyMap<string, Heir>): readonly string[] | undefined {
  const before = new Map<string, string | undefined>([[from, undefined]]);
  for (const [name] of before) {
    if (name !== to) {
      for (const parent of byName.get(name)?.inheritFrom ?? []) if (!before.has(parent)) before.set(parent, name);
      continue;
    }
    const way: string[] = [];
    for (let at: string | undefined = to; at !== undefined; at = before.get(at)) way.push(at);
    return way.reverse();
  }
  return undefined;
}

/** A circle that nobody would read to its end. */
function shortened(circle: readonly string[]): readonly string[] {
  return circle.length <= 12 ? circle : [...circle.slice(0, 6), "…", ...circle.slice(-5)];
}
