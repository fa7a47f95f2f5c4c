/** A label expression as Jenkins writes them, for example `linux && (docker || podman)`. */
export type LabelExpression =
  | { readonly kind: "label"; readonly name: string }
  | { readonly kind: "not"; readonly of: LabelExpression }
  | {
      readonly kind: "and" | "or" | "implies" | "iff";
      readonly left: LabelExpression;
      readonly right: LabelExpression;
    };

type Token = { readonly kind: "label"; readonly name: string } | { readonly kind: "operator"; readonly text: Operator };
type Operator = "(" | ")" | "!" | "&&" | "||" | "->" | "<->";

/** Expressions longer than this, in characters, or nested deeper than `depthLimit`, are taken as one label. */
export const lengthLimit = 4096;
const depthLimit = 100;

const escapes: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r" };

/**
 * Reads a label expression, loosest to tightest: `<->`, `->`, `||`, `&&`, `!`, parentheses; labels may be quoted.
 * A text that is no expression is one label, as the master itself takes it. Linear in the text's length.
 */
export function parseLabelExpression(text: string): LabelExpression {
  const whole: LabelExpression = { kind: "label", name: text.trim() };
  if (text.length > lengthLimit) return whole;
  const tokens = tokenize(text);
  if (tokens === undefined) return whole;
  return new Reader(tokens).whole() ?? whole;
}

function tokenize(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const operator = /(?:&&|\|\||<->|->|[()!])/y;
  // A label may hold `-`, but not one that begins `->`.
  const plain = /(?:[^&|!<>()"'\s-]|-(?!>))+/y;
  const quoted = /"((?:[^"\\]|\\.)*)"/y;
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? "")) {
      at += 1;
      continue;
    }
    const found = match(operator, text, at) ?? match(quoted, text, at) ?? match(plain, text, at);
    if (found === undefined) return undefined;
    if (found.by === operator) tokens.push({ kind: "operator", text: found.text as Operator });
    else if (found.by === plain) tokens.push({ kind: "label", name: found.text });
    else tokens.push({ kind: "label", name: plainOf(found.text.slice(1, -1)) });
    at += found.text.length;
  }
  return tokens;
}

function match(by: RegExp, text: string, at: number): { by: RegExp; text: string } | undefined {
  by.lastIndex = at;
  const found = by.exec(text);
  return found === null ? undefined : { by, text: found[0] };
}

function plainOf(quoted: string): string {
  return quoted.replace(/\\(.)/g, (_, character: string) => escapes[character] ?? character);
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): LabelExpression | undefined {
    const expression = this.#iff();
    return this.#at === this.#tokens.length ? expression : undefined;
  }

  #iff(): LabelExpression | undefined {
    return this.#chain("<->", "iff", () => this.#implies());
  }

  #implies(): LabelExpression | undefined {
    const left = this.#or();
    if (left === undefined || !this.#take("->")) return left;
    const right = this.#or();
    return right && { kind: "implies", left, right };
  }

  #or(): LabelExpression | undefined {
    return this.#chain("||", "or", () => this.#and());
  }

  #and(): LabelExpression | undefined {
    return this.#chain("&&", "and", () => this.#not());
  }

  #chain(operator: Operator, kind: "and" | "or" | "iff", part: () => LabelExpression | undefined) {
    let left = part();
    while (left !== undefined && this.#take(operator)) {
      const right = part();
      left = right && { kind, left, right };
    }
    return left;
  }

  #not(): LabelExpression | undefined {
    let negated = false;
    while (this.#take("!")) negated = !negated;
    const of = this.#primary();
    if (of === undefined || !negated) return of;
    // Two negations are none, with brackets between them or without.
    return of.kind === "not" ? of.of : { kind: "not", of };
  }

  #primary(): LabelExpression | undefined {
    if (this.#take("(")) {
      this.#depth += 1;
      const inner = this.#depth > depthLimit ? undefined : this.#iff();
      this.#depth -= 1;
      return this.#take(")") ? inner : undefined;
    }
    const token = this.#tokens[this.#at];
    if (token?.kind !== "label") return undefined;
    this.#at += 1;
    return token;
  }

  #take(operator: Operator): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "operator" || token.text !== operator) return false;
    this.#at += 1;
    return true;
  }
}

/** Whether a node with these labels satisfies the expression. */
export function isSatisfiedBy(expression: LabelExpression, labels: ReadonlySet<string>): boolean {
  switch (expression.kind) {
    case "label":
      return labels.has(expression.name);
    case "not":
      return !isSatisfiedBy(expression.of, labels);
    case "and":
      return isSatisfiedBy(expression.left, labels) && isSatisfiedBy(expression.right, labels);
    case "or":
      return isSatisfiedBy(expression.left, labels) || isSatisfiedBy(expression.right, labels);
    case "implies":
      return !isSatisfiedBy(expression.left, labels) || isSatisfiedBy(expression.right, labels);
    case "iff":
      return isSatisfiedBy(expression.left, labels) === isSatisfiedBy(expression.right, labels);
  }
}

/** Every label that the expression names. */
export function labelsNamedIn(expression: LabelExpression): string[] {
  if (expression.kind === "label") return [expression.name];
  if (expression.kind === "not") return labelsNamedIn(expression.of);
  return [...labelsNamedIn(expression.left), ...labelsNamedIn(expression.right)];
}

const none: ReadonlySet<string> = new Set();

/** Whether a node without any label satisfies it: such an expression (`!linux`) would launch anything anywhere. */
export function isSatisfiedByAbsence(expression: LabelExpression): boolean {
  return isSatisfiedBy(expression, none);
}

const bindings = { iff: 1, implies: 2, or: 3, and: 4, not: 5, label: 6 } as const;
const signs = { iff: "<->", implies: "->", or: "||", and: "&&" } as const;

/** The expression in one canonical spelling: equal texts mean the same tree, whatever spaces or brackets were written. */
export function printLabelExpression(expression: LabelExpression): string {
  return print(expression, 0);
}

function print(expression: LabelExpression, outer: number): string {
  const binding = bindings[expression.kind];
  const text = bare(expression, binding);
  return binding < outer ? `(${text})` : text;
}

function bare(expression: LabelExpression, binding: number): string {
  if (expression.kind === "label") return printLabel(expression.name);
  if (expression.kind === "not") return `!${print(expression.of, binding)}`;
  // Chains lean left, and an implication has no chain at all.
  const left = print(expression.left, expression.kind === "implies" ? binding + 1 : binding);
  return `${left} ${signs[expression.kind]} ${print(expression.right, binding + 1)}`;
}

function printLabel(name: string): string {
  if (name !== "" && /^(?:[^&|!<>()"'\s-]|-(?!>))+$/.test(name)) return name;
  const named: Readonly<Record<string, string>> = { "\b": "b", "\t": "t", "\n": "n", "\f": "f", "\r": "r" };
  return `"${name.replace(/[\b\t\n\f\r"\\]/g, (character) => `\\${named[character] ?? character}`)}"`;
}
