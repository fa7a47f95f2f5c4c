/** Something that reads what strangers write, as the fuzzer knows it. Inputs are texts; where bytes are read, each character below 256 is one. */
export interface FuzzedParser {
  readonly name: string;
  /** As others really write it: most inputs are made of these, by cutting, doubling and mixing them. */
  readonly samples: readonly string[];
  /** Words of its grammar, which are thrown in anywhere. */
  readonly words: readonly string[];
  /** Whether samples are JSON: then values are exchanged within them, too. */
  readonly isJson?: boolean;
  /** Whether nothing is ever taken: its samples are refused as all else is. */
  readonly refusesAll?: boolean;
  /** Whether one input costs so much that a short run has to do with fewer of them. */
  readonly isHeavy?: boolean;
  /**
   * Reads one input whole, as the services do. A KubestackError or the answer `refusal` is counted as a refusal; nothing else may
   * be raised, an assertion on what was read included.
   */
  readonly read: (input: string) => unknown;
  /** Hostile inputs of about so many characters, by what is hostile in them: they must cost no more than their length. */
  readonly growing: Readonly<Record<string, (size: number) => string>>;
  /**
   * Milliseconds of processor time that one input may cost; default 50, for what a service reads of strangers. More where a command
   * reads a whole site's file for the person that gave it.
   */
  readonly mostMs?: number;
  /** The longest growing input that is tried, in characters; default 256 Ki. */
  readonly longest?: number;
}

/** What `read` answers where the input was refused in words instead of by an error. */
export const refusal = Symbol("refusal");

/** So many of the same. */
export function times(text: string, size: number): string {
  return text.repeat(Math.max(1, Math.floor(size / text.length)));
}
