import type { Observation } from "../seen/observation.ts";
import type { ExpectedOnline } from "./expected-online.ts";
import { explainItem } from "./explain-item.ts";
import { explainLabel } from "./explain-label.ts";
import { explainMaster } from "./explain-master.ts";
import { explainPool } from "./explain-pool.ts";
import { explainSlave } from "./explain-slave.ts";
import { find } from "./find.ts";

/** Something that is known, and since or at when. */
export interface Evidence {
  /** Milliseconds; null where it has no time of its own. */
  readonly at: number | null;
  readonly fact: string;
}

/** The answer of `explain`: one sentence, what it rests on, and what comes next. */
export interface Explanation {
  readonly kind: "item" | "slave" | "label" | "master" | "pool";
  /** What is explained, by its whole name. */
  readonly name: string;
  /** Null for a node pool, and for a label that more than one master knows. */
  readonly master: string | null;
  readonly sentence: string;
  readonly evidence: readonly Evidence[];
  /** What will happen, or what to do; null where nobody knows. */
  readonly next: string | null;
  /** When the agent of a slave that is on its way is likely to come, as far as that can be told. */
  readonly expected?: ExpectedOnline | undefined;
}

/** What is asked for. */
export interface Question {
  /** An item's id, a job's or build's name or address, a slave, a label, a master or a node pool; a unique prefix will do. */
  readonly what: string;
  /** Only what is known of this master. */
  readonly master?: string | undefined;
  /** NATS's time, or this machine's, in milliseconds. */
  readonly now: number;
}

/** Explains one thing from what was seen. Pure. `not-found` says what is wrong with a name that is unknown or not unique. */
export function explanationOf(seen: Observation, question: Question): Explanation {
  const { now } = question;
  const found = find(seen, question);
  switch (found.kind) {
    case "item":
      return explainItem(found, seen, now);
    case "slave":
      return explainSlave(found.record, seen, now);
    case "label":
      return explainLabel(found.label, { seen, now, master: question.master });
    case "master":
      return explainMaster(found.master, seen, now);
    case "pool":
      return explainPool(found.pool, seen, now);
  }
}
