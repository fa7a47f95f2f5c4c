import type { Bus } from "@kubestack/bus";
import type { Completion, Computer, LookRequest, QueueItem, RunningBuild } from "@kubestack/contracts";
import type { Hooks } from "@kubestack/hooks";
import { type Master, presentMaster } from "@kubestack/jenkins";
import type { Logger, Timing } from "@kubestack/runtime";
import type { z } from "zod";

/** What a listener found; master and listener name are added by the collector. */
export type Finding = Omit<Completion, "master" | "listener">;

/** What the master showed at one time: a whole round, or a look at some of its computers. */
export interface Shown {
  readonly kind: "round" | "look";
  readonly computers: readonly Computer[];
  /** When reading began, in milliseconds of NATS's time. */
  readonly readAt: number;
  /** In which start of the master a look was read; null or absent where that is not told. */
  readonly session?: string | null | undefined;
  /** What waited in the queue, which was read after the computers; only a round tells. */
  readonly queue?: { readonly items: readonly Pick<QueueItem, "id" | "url">[]; readonly session: string | null };
}

/** A build that ran on a node at `at`, in milliseconds of NATS's time. */
export interface OpenBuild {
  readonly node: string;
  readonly build: RunningBuild;
  readonly at: number;
}

/** What a push says, which may be wrong, late or a lie: that looking at the master is worth it now. */
export interface Hint {
  /** The node on which something happened; null where the push names none. */
  readonly node: string | null;
  /** What is to be seen: anything new about the node (`seen`), or that it is free again (`idle`). */
  readonly until: LookRequest["until"];
  /** The push came to this process alone, as webhooks do; default: every process of the service hears it. */
  readonly isForOne?: boolean;
}

/** One source of facts about builds of one master. */
export interface CompletionListener {
  readonly name: string;
  /**
   * Told before anything else, and again after a time in which another process listened: the builds whose end nobody has
   * told yet, and the queue items that slaves were launched for, which may have left the queue unseen meanwhile.
   */
  recall(open: readonly OpenBuild[], items: readonly Pick<QueueItem, "id" | "url">[]): void;
  /** Told when rounds were lost: queue items of slaves that are not known to have run anything; what listens to pushes leaves it out. */
  missed?(items: readonly Pick<QueueItem, "id" | "url">[]): void;
  /** Takes in what the master showed; listeners that are pushed to ignore it. */
  saw(shown: Shown): Promise<void>;
  /** How it stands, in a sentence for people; listeners that have nothing to tell leave it out. */
  describe?(): string;
  stop(): Promise<void>;
}

export interface ListenerContext {
  /** The master's name. */
  readonly name: string;
  /** Undefined for a master that is no Jenkins. */
  readonly master: Master | undefined;
  readonly bus: Pick<Bus, "subscribe">;
  /** Where webhooks for a master are taken in this process; undefined where it takes none. */
  readonly hooks: Hooks | undefined;
  readonly log: Logger;
  /** Publishes a fact, once for each build and phase whoever finds it. */
  readonly found: (finding: Finding) => Promise<void>;
  /** Has the master looked at, soon and at no more cost than looks may have. Never raises, and promises nothing. */
  readonly hint: (hint: Hint) => void;
  /** NATS's time in milliseconds. */
  readonly now: () => number;
  readonly timing: Timing;
}

/** A kind of listener: one folder each, registered in one line of `listeners/index.ts`. */
export interface CompletionListenerKind<S extends z.ZodObject<{ type: z.ZodLiteral<string> }>> {
  readonly schema: S;
  connect(config: z.output<S>, context: ListenerContext): CompletionListener;
}

/** The Jenkins whose builds a listener reads. A configuration that names such a listener for another type of master is wrong. */
export function jenkinsOf(context: ListenerContext): Master {
  return presentMaster(context, "it shows no builds");
}
