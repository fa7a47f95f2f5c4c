import type { Received } from "./received.ts";

/** What goes wrong with an answer. */
export type Fault =
  /** Another answer, and nothing was done. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** 200 with a page for people, as a proxy's login gives. */
  | { readonly kind: "html"; readonly body?: string }
  /** The wrong credentials' answer, whatever was given. */
  | { readonly kind: "refuse-credentials" }
  /** The request is carried out, but only half of the answer arrives before the connection breaks. */
  | { readonly kind: "half" }
  /** The request is carried out, then the connection breaks without an answer: nobody knows what was done. */
  | { readonly kind: "lost-answer" }
  /** The connection breaks before anything is done. */
  | { readonly kind: "drop" }
  /** Carried out and answered so much later, in ms of real time. */
  | { readonly kind: "slow"; readonly ms: number }
  /** Nothing is done before so many ms of real time have passed: a request that waits in front of the master. */
  | { readonly kind: "held"; readonly ms: number }
  /** Carried out, and never answered. */
  | { readonly kind: "hang" };

/** Which requests a fault meets. */
export interface FaultRule {
  /** Tested on `METHOD path?query`, the path below the context; default every request. */
  readonly on?: RegExp | undefined;
  /** How many requests it meets; default all. */
  readonly times?: number | undefined;
  readonly fault: Fault;
}

/** What a test does to the way between the master and whoever asks it. */
export interface Faults {
  /** The newest rule that fits is used. The answer takes it back. */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** How many requests were met so far. */
  met(): number;
}

export interface FaultTable extends Faults {
  take(request: Received): Fault | null;
}

export function createFaults(): FaultTable {
  const rules: { readonly rule: FaultRule; left: number }[] = [];
  let met = 0;
  return {
    add(rule) {
      const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
      rules.unshift(entry);
      return () => {
        const at = rules.indexOf(entry);
        if (at >= 0) rules.splice(at, 1);
      };
    },
    clear: () => rules.splice(0),
    met: () => met,
    take({ method, path, query }) {
      const text = `${method} ${path}${query.size === 0 ? "" : `?${query}`}`;
      const entry = rules.find(({ rule, left }) => left > 0 && (rule.on?.test(text) ?? true));
      if (entry === undefined) return null;
      entry.left -= 1;
      met += 1;
      return entry.rule.fault;
    },
  };
}
