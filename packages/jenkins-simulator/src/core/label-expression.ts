/** A label expression as this master understands it. It is written apart from KubeStack's own reader on purpose: each checks the other. */
export interface Label {
  /** The expression as the master prints it: without spaces, with the parentheses that were given. */
  readonly text: string;
  /** Whether a node with these atoms (its labels and its own name) is meant. */
  matches(atoms: ReadonlySet<string>): boolean;
}

type Test = (atoms: ReadonlySet<string>) => boolean;
interface Term {
  readonly test: Test;
  readonly text: string;
  /** The bare name of a single atom, which is printed without quotes where it stands alone. */
  readonly atom?: string;
}

/** Loosest first: `<->` chains to the left, `->` does not chain. */
const iff = "<->";
const implies = "->";

/**
 * Reads an expression: `<->`, `->`, `||`, `&&`, `!`, parentheses and atoms, quoted or not. Null for an empty one. A text
 * that is none of the grammar is one atom as a whole, as masters have read it since before there were expressions.
 */
export function parseLabel(source: string): Label | null {
  const text = source.trim();
  if (text === "") return null;
  const term = new Reader(text).whole() ?? { test: (atoms) => atoms.has(text), text, atom: text };
  return { text: term.atom ?? term.text, matches: term.test };
}

/** Whether the grammar takes the text; one that it does not take is a single atom. */
export function isExpression(source: string): boolean {
  return new Reader(source.trim()).whole() !== null;
}

const unsafe = /[?*/\\%!@#$^&|<>[\]:; ()\t\n]|[\p{Cc}]|\.$/u;

/** An atom within an expression: quoted where it holds a character that no node's name may have (LabelAtom's rule). */
export function printedAtom(atom: string): string {
  return unsafe.test(atom) ? `"${atom.replaceAll(/["\\]/g, "\\$&")}"` : atom;
}

/** The label that only the node of this name has. */
export function selfLabel(name: string): Label {
  return { text: name, matches: (atoms) => atoms.has(name) };
}

/** Node labels: tokens between white space, which may be quoted. */
export function labelTokens(labels: string): string[] {
  const tokens = labels.match(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"']+/g) ?? [];
  return tokens.map((token) => (/^["']/.test(token) ? token.slice(1, -1).replaceAll(/\\(.)/g, "$1") : token));
}

const atomPattern = /(?:[^&|!<>()"'\s-]|-(?!>))+/y;
const quotedPattern = /"((?:[^"\\]|\\[btnfr"'\\])*)"/y;
const escapes: Readonly<Record<string, string>> = { b: "\b", t: "\t", n: "\n", f: "\f", r: "\r" };

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): Term | null {
    const term = this.#equivalence();
    this.#skip();
    return term === null || this.#at < this.#source.length ? null : term;
  }

  #equivalence(): Term | null {
    let left = this.#implication();
    while (left !== null && this.#takes(iff)) {
      const right = this.#implication();
      left = both(left, right, { operator: iff, test: (a, b) => a === b });
    }
    return left;
  }

  #implication(): Term | null {
    const left = this.#disjunction();
    if (left === null || !this.#takes(implies)) return left;
    return both(left, this.#disjunction(), { operator: implies, test: (a, b) => !a || b });
  }

  #disjunction(): Term | null {
    let left = this.#conjunction();
    while (left !== null && this.#takes("||")) {
      left = both(left, this.#conjunction(), { operator: "||", test: (a, b) => a || b });
    }
    return left;
  }

  #conjunction(): Term | null {
    let left = this.#negation();
    while (left !== null && this.#takes("&&")) {
      left = both(left, this.#negation(), { operator: "&&", test: (a, b) => a && b });
    }
    return left;
  }

  #negation(): Term | null {
    if (!this.#takes("!")) return this.#primary();
    const term = this.#negation();
    return term === null ? null : { test: (atoms) => !term.test(atoms), text: `!${term.text}` };
  }

  #primary(): Term | null {
    if (this.#takes("(")) {
      const term = this.#equivalence();
      return term === null || !this.#takes(")") ? null : { test: term.test, text: `(${term.text})` };
    }
    const quoted = this.#matches(quotedPattern);
    const name = quoted?.[1]?.replaceAll(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
    const atom = name ?? this.#matches(atomPattern)?.[0];
    if (atom === undefined) return null;
    return { test: (atoms) => atoms.has(atom), text: printedAtom(atom), atom };
  }

  #takes(sign: string): boolean {
    this.#skip();
    if (!this.#source.startsWith(sign, this.#at)) return false;
    this.#at += sign.length;
    return true;
  }

  #matches(pattern: RegExp): RegExpExecArray | null {
    this.#skip();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #skip(): void {
    while (/\s/.test(this.#source.charAt(this.#at))) this.#at += 1;
  }
}

function both(
  left: Term,
  right: Term | null,
  by: { operator: string; test: (a: boolean, b: boolean) => boolean },
): Term | null {
  if (right === null) return null;
  return {
    test: (atoms) => by.test(left.test(atoms), right.test(atoms)),
    text: `${left.text}${by.operator}${right.text}`,
  };
}
