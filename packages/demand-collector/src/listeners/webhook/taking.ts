import { createHash } from "node:crypto";
import type { Bus } from "@kubestack/bus";
import { channels, hasCode, keys, subjects } from "@kubestack/contracts";
import { type Answer, type Delivery, readJobEvent, replayWindowMs } from "@kubestack/hooks";
import { type HookedJobs, mostLive } from "./hooked-jobs.ts";

/** That a delivery was taken is known as long as it could be signed anew, in milliseconds: before and after our own time. */
const knownMs = 2 * replayWindowMs;
/** That something changed is told no more often than this, in milliseconds; a round comes besides. */
const toldMs = 250;

export interface TakingOptions {
  readonly master: string;
  readonly bus: Pick<Bus, "deliveries" | "publish">;
  readonly jobs: HookedJobs;
  /** NATS's time in milliseconds. */
  readonly now: () => number;
}

/** Takes one master's deliveries: each once, whichever process gets it. */
export class Taking {
  readonly #options: TakingOptions;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: TakingOptions) {
    this.#options = options;
  }

  /** Raises what NATS raises: then the sender is to try again. */
  async take({ headers, body, json }: Delivery): Promise<Answer> {
    const { jobs } = this.#options;
    const reading = readJobEvent(headers, json);
    if ("unreadable" in reading) return { status: 400, message: `It can't be read: ${reading.unreadable}.` };
    if ("ignored" in reading) return { status: 202, message: `Nothing is done for it: ${reading.ignored}.` };
    const key = this.#keyOf(body);
    if (await this.#isKnown(key)) return { status: 200, message: "It was taken before." };
    const outcome = await jobs.take(reading.event);
    if (outcome === "full") {
      return { status: 503, message: `${mostLive} jobs of this master wait or run already; send it again.` };
    }
    // Only now: a delivery that could not be kept must be taken when it comes again.
    await this.#remember(key);
    if (outcome === "kept") this.#tell();
    const { id, state } = reading.event;
    return { status: 200, message: outcome === "kept" ? `Job ${id} is ${state}.` : `That is known of job ${id}.` };
  }

  /** By its bytes, for these are what is signed: an id in a header may be given anew to a delivery that was listened to. */
  #keyOf(body: Buffer): string {
    return keys.delivery(this.#options.master, createHash("sha256").update(body).digest("hex"));
  }

  async #isKnown(key: string): Promise<boolean> {
    return (await this.#options.bus.deliveries.get(key)) !== undefined;
  }

  async #remember(key: string): Promise<void> {
    const { bus, now } = this.#options;
    try {
      await bus.deliveries.create(key, { at: now() }, { ttlMs: knownMs });
    } catch (error) {
      // Another process has taken it, too: what both kept is the same.
      if (!hasCode(error, "already-exists", "stale-revision")) throw error;
    }
  }

  #tell(): void {
    const { bus, master, now } = this.#options;
    if (now() - this.#toldAt < toldMs) return;
    this.#toldAt = now();
    void bus.publish(channels.hooked, subjects.hooked(master), { master }).catch(() => undefined);
  }
}
