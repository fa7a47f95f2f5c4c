import type { Heir } from "./inheritance.ts";

/**
 * Folds the lines of templates (`lineOf`), the weakest first. A line begins with that of the first parent, so that what templates
 * stand on in common is folded once. Pure as long as `step` is.
 */
export class LineFolds<T extends Heir, R> {
  readonly #first: R;
  readonly #step: (before: R, one: T) => R;
  readonly #known = new Map<T, { readonly line: readonly T[]; readonly result: R }>();

  constructor(first: R, step: (before: R, one: T) => R) {
    this.#first = first;
    this.#step = step;
  }

  of(line: readonly T[]): R {
    const template = line.at(-1);
    if (template === undefined) return this.#first;
    const known = this.#known.get(template);
    // Lines that end alike may begin differently: where templates lead in a circle.
    if (known !== undefined && isSame(known.line, line)) return known.result;
    const parent = line.findIndex(({ name }) => name === template.inheritFrom?.[0]);
    const shared = parent + 1 < line.length ? parent + 1 : 0;
    const result = line.slice(shared).reduce(this.#step, this.of(line.slice(0, shared)));
    this.#known.set(template, { line, result });
    return result;
  }
}

function isSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at]);
}
