import type { Branch, Tree } from "./tree.ts";

/** What a field of the API may hold. */
export type Exported = string | number | boolean | null | Bean | KeptBean | readonly Exported[];

/** One object of the API. A field is read only where it is asked for. */
export interface Bean {
  /** Its Java class; null where the API does not write one, since the declared type says it. */
  readonly class: string | null;
  readonly fields: Readonly<Record<string, () => Exported>>;
  /** Fields that are shown even past the depth that was asked for. */
  readonly brief?: readonly string[];
  /** It and its list are shown in full where they are met, as `inline` fields are. */
  readonly isInline?: boolean;
}

/** An object whose text is kept for as long as `version` says that it is the same. */
export interface KeptBean {
  readonly key: object;
  readonly version: string | number;
  readonly bean: () => Bean;
}

/** How much is wanted: named fields, or everything down to a depth. */
export type Wanted = { readonly tree: Tree } | { readonly depth: number };

/** Writes beans as JSON. Texts are kept per object and per `name`, which stands for tree and reader. */
export interface BeanWriter {
  write(bean: Bean, wanted: Wanted, name: string): string;
}

export function createBeanWriter(hasClasses: boolean): BeanWriter {
  let kept = new WeakMap<object, Map<number, { readonly version: string | number; readonly text: string }>>();
  const places = new Map<string, number>();

  /** A small number for what is wanted at this place: long texts would be compared for each of thousands of objects. */
  function placeOf(scope: Scope): number {
    const name = `${scope.name} ${scope.path}`;
    const known = places.get(name);
    if (known !== undefined) return known;
    if (places.size >= mostPlaces) {
      places.clear();
      kept = new WeakMap();
    }
    places.set(name, places.size);
    return places.size - 1;
  }

  function value(exported: Exported, branch: Branch | null, scope: Scope): string {
    if (exported === null || typeof exported !== "object") return JSON.stringify(exported);
    if (Array.isArray(exported)) return list(exported, branch, scope);
    if ("key" in exported) return keptText(exported as KeptBean, branch, { scope, place: placeOf(scope) });
    return object(
      exported as Bean,
      branch === null ? nextDepth(exported as Bean, scope) : { ...scope, wanted: branch },
    );
  }

  function list(all: readonly Exported[], branch: Branch | null, scope: Scope): string {
    const range = branch?.range;
    const part = range ? all.slice(range.from, Math.min(range.to, all.length)) : all;
    const place = placeOf(scope);
    const texts = part.map((one) =>
      one !== null && typeof one === "object" && "key" in one
        ? keptText(one as KeptBean, branch, { scope, place })
        : value(one, branch, scope),
    );
    return `[${texts.join(",")}]`;
  }

  function keptText(one: KeptBean, branch: Branch | null, { scope, place }: { scope: Scope; place: number }): string {
    if (scope.isVolatile) return value(one.bean(), branch, scope);
    let texts = kept.get(one.key);
    if (texts === undefined) {
      texts = new Map();
      kept.set(one.key, texts);
    }
    const known = texts.get(place);
    if (known?.version === one.version) return known.text;
    if (texts.size >= mostTexts) texts.clear();
    const text = value(one.bean(), branch, scope);
    texts.set(place, { version: one.version, text });
    return text;
  }

  function object(bean: Bean, scope: Scope): string {
    const parts: string[] = bean.class === null || !hasClasses ? [] : [`"_class":${JSON.stringify(bean.class)}`];
    for (const [name, branch] of selected(bean, scope)) {
      const text = value(bean.fields[name]?.() ?? null, branch, { ...scope, path: `${scope.path}.${name}` });
      parts.push(`${JSON.stringify(name)}:${text}`);
    }
    return `{${parts.join(",")}}`;
  }

  return {
    write(bean, wanted, name) {
      const isVolatile = name.includes("progress");
      const scope = "tree" in wanted ? { tree: wanted.tree, range: null } : wanted.depth;
      return object(bean, { wanted: scope, name, path: "", isVolatile });
    },
  };
}

/** Places (trees, and fields within them) that are told apart before all texts are forgotten. */
const mostPlaces = 10_000;
/** Texts of one object that are kept at most. */
const mostTexts = 16;

interface Scope {
  /** A branch of the tree, or the depth that is left (-1: only what is brief). */
  readonly wanted: Branch | number;
  readonly name: string;
  readonly path: string;
  /** Something in it changes with time alone. */
  readonly isVolatile: boolean;
}

function selected(bean: Bean, scope: Scope): [string, Branch | null][] {
  if (typeof scope.wanted === "number") {
    const names = scope.wanted < 0 ? (bean.brief ?? []) : Object.keys(bean.fields);
    return names.map((name) => [name, null]);
  }
  const { tree } = scope.wanted;
  const all = tree.get("*");
  const names =
    all === undefined ? [...tree.keys()].filter((name) => Object.hasOwn(bean.fields, name)) : Object.keys(bean.fields);
  return names.sort().map((name) => [name, tree.get(name) ?? all ?? null]);
}

function nextDepth(bean: Bean, scope: Scope): Scope {
  const left = typeof scope.wanted === "number" ? scope.wanted : 0;
  return { ...scope, wanted: bean.isInline === true ? left : left - 1 };
}
