import type { Random } from "../chaos/random.ts";
import { mutatedJson } from "./hostile-json.ts";
import type { FuzzedParser } from "./parser.ts";

/** No input is longer, in characters; what is longer still is the growing ones' affair. */
const longest = 16 * 1024;
/** One input in so many may be long; the others have at most some hundreds more than their sample. */
const longOneIn = 50;

/** What disturbs readers of any grammar. */
const anywhere = [
  ..."\u0000 \n \r\n \t \\ \" ' ` / < > & | ! ( ) [ ] { } # % : ; , . - _ = * + ? ^ $ ~ @".split(" "),
  ..."‘ ’ é \u00ff \u0080 \u2028 \ufeff \ud800 \udfff \u{1f600} \u202e".split(" "),
  ..."0 -0 -1 1e999 1e308 9007199254740993 4294967296 2147483648 NaN Infinity null true false undefined".split(" "),
  ..."__proto__ constructor toString hasOwnProperty prototype valueOf".split(" "),
  ..."<!-- --> <![CDATA[ ]]> <!DOCTYPE &lt; &#0; &#x110000; ../ %2e%2e %00 \\u0000 \\ud800 $(a) {{a}}".split(" "),
  " ",
  "",
];

/** Inputs for one parser without end: samples that are cut, doubled and mixed, words of its grammar in any order, and noise. */
export class HostileInputs {
  readonly #parser: FuzzedParser;
  readonly #random: Random;
  readonly #words: readonly string[];

  constructor(parser: FuzzedParser, random: Random) {
    this.#parser = parser;
    this.#random = random;
    this.#words = [...parser.words, ...parser.words, ...anywhere];
  }

  next(): string {
    const chance = this.#random.next();
    if (chance < 0.05) return this.#noise();
    if (chance < 0.15) return this.#soup();
    if (chance < 0.2) return this.#cut(this.#sample());
    if (chance < 0.55 && this.#parser.isJson === true) return mutatedJson(this.#sample(), this.#random);
    return this.#mutated(this.#sample());
  }

  #sample(): string {
    return this.#random.oneOf(this.#parser.samples);
  }

  /** Bytes, or characters of any sort. */
  #noise(): string {
    const { between, oneOf } = this.#random;
    const most = oneOf([0xff, 0x7f, 0xffff]);
    return String.fromCharCode(...Array.from({ length: between(0, 200) }, () => between(0, most)));
  }

  #soup(): string {
    const { between, oneOf } = this.#random;
    return Array.from({ length: between(1, 30) }, () => oneOf(this.#words)).join(oneOf(["", "", " "]));
  }

  #cut(text: string): string {
    const at = this.#random.between(0, text.length);
    return this.#random.next() < 0.7 ? text.slice(0, at) : text.slice(at);
  }

  #mutated(sample: string): string {
    let text = sample;
    for (let left = this.#random.between(1, 6); left > 0; left -= 1) text = this.#changed(text).slice(0, longest);
    return text;
  }

  /** The text with one thing about it changed. */
  #changed(text: string): string {
    const { between, oneOf, next } = this.#random;
    const at = between(0, text.length);
    const to = Math.min(text.length, at + between(1, oneOf([1, 8, 64])));
    const [before, part, after] = [text.slice(0, at), text.slice(at, to), text.slice(to)];
    const change = between(0, 6);
    if (change === 0) return before + after;
    if (change === 1) return before + oneOf(this.#words) + part + after;
    if (change === 2) return before + oneOf(this.#words) + after;
    if (change === 3) return before + String.fromCharCode(between(0, 0xff)) + after;
    if (change === 4) return before + part.repeat(next() < 1 / longOneIn ? between(100, 2000) : between(2, 5)) + after;
    if (change === 5) return before + this.#cut(this.#sample()) + (next() < 0.5 ? after : "");
    return before + oneOf(this.#words).repeat(next() < 1 / longOneIn ? between(100, 2000) : between(2, 20)) + after;
  }
}
