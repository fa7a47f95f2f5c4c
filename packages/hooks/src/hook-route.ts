import type { SecretReference } from "@kubestack/contracts";
import type { Headers } from "./authenticate.ts";

/** What a hook is for: its part of the path. */
export type HookKind = "demand" | "completion";

/** What a sender is answered, as JSON with one sentence. */
export interface Answer {
  readonly status: number;
  readonly message: string;
}

/** A delivery of a sender who is who it says. */
export interface Delivery {
  readonly headers: Headers;
  readonly body: Buffer;
  /** The body, read. */
  readonly json: unknown;
}

/** Where deliveries for one master are taken: `/hooks/<kind>/<master>`. */
export interface HookRoute {
  readonly kind: HookKind;
  readonly master: string;
  /** Where the secret is that a sender must know. */
  readonly secret: SecretReference;
  /** Takes a delivery. What it throws is answered with 503, so that the sender tries again. */
  readonly take: (delivery: Delivery) => Promise<Answer>;
}

/** The hooks of a process, whatever number of masters has some. */
export interface Hooks {
  /** Takes deliveries from now on. Returns what ends it. `invalid-config` where the master has one of that kind already. */
  register(route: HookRoute): () => void;
  /** How it listens, in a sentence for people. */
  describe(): string;
}
