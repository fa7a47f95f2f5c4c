import { isDeepStrictEqual } from "node:util";
import type { Bus, ReadEntry } from "@kubestack/bus";
import { type MasterEntry, masterOfEntry, type ReadConfiguration } from "@kubestack/configuration";
import { hasCode, type KeptMaster, keys, sentenceOf } from "@kubestack/contracts";
import type { Logger } from "@kubestack/runtime";
import type { Host, ServedMaster } from "./host.ts";
import { orphanMs, type Role, roleOf } from "./roles.ts";

export interface ServedMastersOptions {
  readonly bus: Bus;
  readonly log: Logger;
  /** `--masters`; undefined: all. */
  readonly pinned: readonly string[] | undefined;
  /** A clock that never goes back, in milliseconds. */
  readonly monotonic: () => number;
}

/** What one service serves, and what is just being changed there. */
interface Service {
  readonly host: Host;
  readonly serves: Map<string, ServedMaster>;
  readonly busy: Set<string>;
  /** What is wrong with single masters, by name. */
  readonly troubles: Map<string, string>;
}

/**
 * Sees to it that each service of this process serves the masters that it is to serve: those of the configuration, and those
 * that have left it and are not empty yet. Each pass decides from the whole; what one master takes long for holds up no other.
 */
export class ServedMasters {
  readonly #options: ServedMastersOptions;
  readonly #services: Service[] = [];
  readonly #orphanedSince = new Map<string, number>();
  #kept: ReadonlyMap<string, ReadEntry<KeptMaster>> = new Map();
  #unserved: readonly string[] = [];

  constructor(options: ServedMastersOptions) {
    this.#options = options;
  }

  /** A service of this process, which serves no master yet. */
  add(host: Host): void {
    this.#services.push({ host, serves: new Map(), busy: new Set(), troubles: new Map() });
  }

  /** What a person has to mend, each as a sentence. */
  get notes(): readonly string[] {
    const troubles = this.#services.flatMap((service) => [...service.troubles.values()]);
    return [...new Set([...troubles, ...this.#unserved])];
  }

  /** Reads what is kept of masters in NATS. While it can't be read, what was known stays. */
  async readKept(): Promise<void> {
    const { bus, log } = this.#options;
    try {
      const entries = await bus.masters.list(undefined, (problem) => log.warn(problem.message));
      this.#kept = new Map(entries.map((entry) => [entry.value.master, entry]));
    } catch (error) {
      log.debug(`what is kept of masters can't be read: ${sentenceOf(error)}`);
    }
  }

  /** Decides once for every master, and begins what is to be done. Resolves when that is done. */
  async pass({ configuration, entries }: ReadConfiguration): Promise<void> {
    const listed = new Map(
      configuration.masters.map((config): [string, ServedMaster] => {
        const entry = entries.get(config.name) ?? {};
        return [config.name, { config, entry, isListed: true }];
      }),
    );
    await this.#findOrphans(listed);
    this.#tellUnserved(listed);
    await Promise.all(
      this.#services
        .filter(({ host }) => host.isReady())
        .flatMap((service) => {
          const names = new Set([...listed.keys(), ...this.#kept.keys(), ...service.serves.keys()]);
          for (const name of service.troubles.keys()) if (!names.has(name)) service.troubles.delete(name);
          return [...names].map((name) => this.#serve(service, name, listed.get(name)));
        }),
    );
  }

  async #serve(service: Service, name: string, listed: ServedMaster | undefined): Promise<void> {
    const { host, serves, busy, troubles } = service;
    if (busy.has(name)) return;
    busy.add(name);
    try {
      const role = await this.#roleIn(service, name, listed !== undefined);
      const wanted = role === "none" ? undefined : this.#wanted(name, role, listed);
      const now = serves.get(name);
      if (wanted === undefined) {
        if (now !== undefined) await host.remove(name);
        serves.delete(name);
      } else if (!isDeepStrictEqual(concernOf(host, now), concernOf(host, wanted))) {
        await host.set(wanted);
        serves.set(name, wanted);
      }
      troubles.delete(name);
    } catch (error) {
      const trouble = `master ${name} can't be served as configured: ${sentenceOf(error)}`;
      if (troubles.get(name) !== trouble) this.#options.log.error({ master: name }, trouble);
      troubles.set(name, trouble);
    } finally {
      busy.delete(name);
    }
  }

  /** The collectors read whatever is kept: that does no harm. The supervisor's role is written down before it is taken. */
  async #roleIn({ host, serves }: Service, name: string, isListed: boolean): Promise<Role> {
    const kept = this.#kept.get(name);
    const isAllowed = this.#isAllowed(name);
    if (host.service !== "slave-supervisor") {
      if (!isAllowed) return "none";
      return isListed ? "listed" : kept === undefined ? "none" : "removed";
    }
    const before = serves.get(name);
    const present: Role = before === undefined ? "none" : before.isListed ? "listed" : "removed";
    const role = roleOf({
      isListed,
      isAllowed,
      kept: kept && { isRemoved: kept.value.removedAt !== null },
      role: present,
      owns: host.owns(name),
      orphanedMs: this.#orphanedMs(name),
    });
    if (kept === undefined || role === "none" || (role === "removed") === (kept.value.removedAt !== null)) return role;
    return (await this.#mark(kept, role === "removed")) ? role : present;
  }

  /** Writes down that a master has left the configuration, or is in it again. */
  async #mark(kept: ReadEntry<KeptMaster>, isRemoved: boolean): Promise<boolean> {
    const { bus, log } = this.#options;
    const { value } = kept;
    const { master } = value;
    const removedAt = isRemoved ? bus.clock.now() : null;
    try {
      const entry = await bus.masters.update(kept, { ...value, removedAt });
      this.#kept = new Map([...this.#kept, [master, { ...entry, writtenAt: bus.clock.now() }]]);
    } catch (error) {
      if (!hasCode(error, "stale-revision")) throw error;
      return false;
    }
    const what = isRemoved
      ? "is out of the configuration: it is drained, and left when nothing of ours is there"
      : "is in the configuration again";
    log.info({ master }, `master ${master} ${what}`);
    return true;
  }

  #wanted(name: string, role: Role, listed: ServedMaster | undefined): ServedMaster | undefined {
    if (role === "listed" && listed !== undefined) return listed;
    const entry: MasterEntry | undefined = this.#kept.get(name)?.value.entry;
    return entry === undefined ? undefined : { config: masterOfEntry(entry), entry, isListed: false };
  }

  #isAllowed(name: string): boolean {
    return this.#options.pinned?.includes(name) ?? true;
  }

  #orphanedMs(name: string): number {
    const since = this.#orphanedSince.get(name);
    return since === undefined ? 0 : this.#options.monotonic() - since;
  }

  /** Looks whether anybody supervises the masters that this process's configuration does not name. */
  async #findOrphans(listed: ReadonlyMap<string, unknown>): Promise<void> {
    const { bus, monotonic } = this.#options;
    if (!this.#services.some(({ host: { service } }) => service === "slave-supervisor")) return;
    const strange = [...this.#kept.keys()].filter((name) => !listed.has(name));
    for (const name of this.#orphanedSince.keys()) if (!strange.includes(name)) this.#orphanedSince.delete(name);
    await Promise.all(
      strange.map(async (name) => {
        const isHeld = await bus.leases.get(keys.lease("slave-supervisor", name)).then(
          (lease) => lease !== undefined,
          () => true,
        );
        if (isHeld) this.#orphanedSince.delete(name);
        else if (!this.#orphanedSince.has(name)) this.#orphanedSince.set(name, monotonic());
      }),
    );
  }

  #tellUnserved(listed: ReadonlyMap<string, unknown>): void {
    const names = [...this.#kept.keys()].filter(
      (name) => !listed.has(name) && !this.#isAllowed(name) && this.#orphanedMs(name) >= orphanMs,
    );
    const told = names.map(
      (name) =>
        `master ${name} is out of the configuration and not empty, and no running process may serve it; start a slave-supervisor without --masters`,
    );
    for (const sentence of told) if (!this.#unserved.includes(sentence)) this.#options.log.warn(sentence);
    this.#unserved = told;
  }
}

/** The collectors read a master alike, whether it is listed or not. */
function concernOf(host: Host, master: ServedMaster | undefined): unknown {
  if (master === undefined) return undefined;
  const isListed = host.service === "slave-supervisor" ? master.isListed : true;
  return { concern: host.concern(master.config), isListed };
}
