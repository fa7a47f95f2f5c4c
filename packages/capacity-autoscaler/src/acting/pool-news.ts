import type { Bus } from "@kubestack/bus";
import { type CapacityEvent, channels, sentenceOf, subjects } from "@kubestack/contracts";
import type { Meter } from "@kubestack/metrics";
import type { Logger } from "@kubestack/runtime";

export interface PoolNewsOptions {
  readonly bus: Pick<Bus, "publish">;
  readonly log: Logger;
  readonly meter: Meter | undefined;
}

/** Tells what befalls pools: to everybody on NATS, to the log, and to those who ask for the last thing. */
export class PoolNews {
  readonly #options: PoolNewsOptions;
  readonly #last = new Map<string, CapacityEvent>();

  constructor(options: PoolNewsOptions) {
    this.#options = options;
  }

  /** The last that befell each pool. */
  get last(): ReadonlyMap<string, CapacityEvent> {
    return this.#last;
  }

  tell(event: CapacityEvent): void {
    const { bus, log, meter } = this.#options;
    const { pool, reason, tookMs } = event;
    this.#last.set(pool, event);
    if (tookMs !== undefined) meter?.observe("capacity_node_arrival_seconds", { pool }, tookMs / 1000);
    log.info(event, `pool ${pool} ${event.event}: ${reason}`);
    void bus
      .publish(channels.capacity, subjects.capacity(pool, event.event), event)
      .catch((error: unknown) =>
        log.warn({ pool }, `that pool ${pool} is ${event.event} was not told: ${sentenceOf(error)}`),
      );
  }
}
