import { channels, keys, type LeaseRecord, type LeasingServiceName, subjects } from "@kubestack/contracts";
import type { Bucket } from "./bucket.ts";
import type { Bus } from "./bus.ts";
import type { MeasuredClock } from "./clock.ts";
import { HeldLease, type Lease, type LeaseOptions } from "./lease.ts";
import { Presence } from "./presence.ts";

/** What only one process at a time is to do: a service's work for a master. */
export interface Duty {
  readonly service: LeasingServiceName;
  readonly master: string;
}

export interface DutiesOptions {
  readonly bucket: Bucket<LeaseRecord>;
  /** This process's name. */
  readonly process: string;
  readonly clock: MeasuredClock;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
  /** This machine's clock. */
  readonly ownNow: () => number;
  readonly isDead: (process: string) => Promise<boolean>;
  readonly publish: Bus["publish"];
  readonly subscribe: Bus["subscribe"];
}

/**
 * The leases of one process, shared with the other processes of each service: who comes first for a master takes its lease
 * first, and gets it handed over from who does not.
 */
export class Duties {
  readonly #options: DutiesOptions;
  readonly #presences = new Map<LeasingServiceName, Presence>();

  constructor(options: DutiesOptions) {
    this.#options = options;
  }

  /** Stands by for a duty, and does it whenever it is this process's turn, until it is released. */
  lease({ service, master }: Duty, more: Partial<LeaseOptions> = {}): Lease {
    const { bucket, process, clock, monotonic, ownNow, isDead } = this.#options;
    const presence = this.#presenceIn(service);
    const lease = presence.serve(
      master,
      (turn) =>
        new HeldLease({
          bucket,
          key: keys.lease(service, master),
          holder: process,
          clock,
          monotonic,
          ownNow,
          isDead,
          turn,
          ...more,
        }),
    );
    return {
      isHeld: () => lease.isHeld(),
      held: lease.held,
      release: async () => {
        await lease.release();
        presence.leave(master);
      },
    };
  }

  /** The connection broke: no lease is believed in until it was read back, for the store may be another one then. */
  interrupted(): void {
    for (const presence of this.#presences.values()) presence.interrupted();
  }

  /** The connection is there again. */
  restored(): void {
    for (const presence of this.#presences.values()) presence.restored();
  }

  /** The process ends; what was not released runs out. */
  stop(): void {
    for (const presence of this.#presences.values()) presence.stop();
  }

  #presenceIn(service: LeasingServiceName): Presence {
    const { process, monotonic, isDead, publish, subscribe } = this.#options;
    const subject = subjects.member(service);
    const presence =
      this.#presences.get(service) ??
      new Presence({
        service,
        process,
        monotonic,
        isDead,
        say: (message) => void publish(channels.member, subject, message).catch(() => undefined),
        hear: (handle) => subscribe(channels.member, subject, ({ data }) => handle(data)),
      });
    this.#presences.set(service, presence);
    return presence;
  }
}
