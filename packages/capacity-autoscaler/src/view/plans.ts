import type { Bus } from "@kubestack/bus";
import { channels, type Plan, streams, subjects } from "@kubestack/contracts";

/** More masters than these are not planned for. */
const mostMasters = 10_000;
/** What was planned so long ago, in milliseconds, has its pods by now, or its supervisor has gone. */
export const planLifeMs = 15 * 60_000;

/** The newest plan of each master: heard as it is told, and read whole at each `read`, for a message may be lost. */
export class Plans {
  readonly #bus: Bus;
  readonly #newest = new Map<string, Plan>();
  readonly #end: () => void;

  constructor(bus: Bus, onNews: () => void) {
    this.#bus = bus;
    this.#end = bus.subscribe(channels.plan, subjects.allPlans, ({ data }) => {
      this.#take(data);
      onNews();
    });
  }

  /** Reads what the stream has. Raises `bus-unavailable`. */
  async read(): Promise<void> {
    const kept = await this.#bus.history(channels.plan, streams.PLAN.subjects[0] ?? ">", { limit: mostMasters });
    for (const { data } of kept) this.#take(data);
  }

  /** Those that still say something, by the time `now`. */
  now(now: number): readonly Plan[] {
    return [...this.#newest.values()].filter(({ at }) => now - at < planLifeMs);
  }

  stop(): void {
    this.#end();
  }

  #take(plan: Plan): void {
    const known = this.#newest.get(plan.master);
    if (known === undefined && this.#newest.size >= mostMasters) return;
    // One that is read may be older than one that was heard meanwhile.
    if (known === undefined || plan.at >= known.at) this.#newest.set(plan.master, plan);
  }
}
