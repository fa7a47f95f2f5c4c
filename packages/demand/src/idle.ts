import { assign } from "./assign.ts";
import type { LaunchTemplate } from "./shortfall.ts";
import type { Supply } from "./supply.ts";
import type { Wish, Wisher } from "./wishes.ts";

/** So many slaves of a template are to be idle. */
export interface IdleWish {
  readonly template: string;
  readonly idle: number;
}

/** Which slaves stay idle. */
export interface Idle {
  /** Their names, by template, most advanced first, then the oldest. */
  readonly byTemplate: ReadonlyMap<string, readonly string[]>;
  /** Names of all that are of use: those, and those that are expected to take an item. */
  readonly used: ReadonlySet<string>;
}

/**
 * Matches supply with items, and what is left of it with what is to be idle: an item that can use another slave is moved to that one
 * for it, but no item is ever left out. `supply` must be sorted, as for `assign`.
 */
export function matchIdle(
  { wishers, wishes }: { readonly wishers: readonly Wisher[]; readonly wishes: readonly Wish[] },
  supply: readonly Supply[],
  { idle, templates }: { readonly idle: readonly IdleWish[]; readonly templates: readonly LaunchTemplate[] },
): Idle {
  if (idle.length === 0) return { byTemplate: new Map(), used: new Set() };
  const wanted = new Map(
    idle.flatMap(({ template }) => templates.find(({ name }) => name === template) ?? []).map((one) => [one.name, one]),
  );
  const marked = supply.map((one) => {
    const template = wanted.get(one.template);
    return template !== undefined && isOf(one, template)
      ? { ...one, labels: [...one.labels, markOf(template.name)] }
      : one;
  });
  const ofIdle = idle.map(({ template }): Wish => {
    const mark = markOf(template);
    return { expression: { kind: "label", name: mark }, text: mark, byAbsence: false };
  });
  const last = idle.flatMap(({ idle: count }, at) =>
    Array.from({ length: count }, () => ({ wish: wishes.length + at })),
  );
  const { served } = assign([...wishers, ...last], [...wishes, ...ofIdle], marked);
  const staying = served.filter(({ wisher }) => wisher.wish >= wishes.length).map(({ by }) => by);
  const byTemplate = Map.groupBy(staying, ({ template }) => template);
  const used = new Set(served.map(({ by }) => by.name));
  return { byTemplate: new Map([...byTemplate].map(([template, of]) => [template, of.map(({ name }) => name)])), used };
}

/** No label of a node or an item: those have no blanks. */
function markOf(template: string): string {
  return `idle ${template}`;
}

/** Whether a slave is as the template would launch it now: one of another size, or of labels that were edited since, is not. */
function isOf({ size, labels, unlabelled }: Supply, template: LaunchTemplate): boolean {
  if (size !== undefined || unlabelled !== template.unlabelled) return false;
  const [had, has] = [new Set(labels), new Set(template.labels)];
  return had.size === has.size && [...had].every((label) => has.has(label));
}
