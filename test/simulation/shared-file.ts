import type { Bus } from "@kubestack/bus";
import { startCompletionCollector } from "@kubestack/completion-collector";
import { configurationSchema, type MasterConfig, type ReadConfiguration } from "@kubestack/configuration";
import { type Host, ServedMasters, Upkeep } from "@kubestack/daemon/testing";
import { startDemandCollector } from "@kubestack/demand-collector";
import type { Stoppable } from "@kubestack/runtime";
import { startSlaveSupervisor } from "@kubestack/slave-supervisor";
import type { ServiceName, Site, SiteOptions, Starters } from "./site.ts";

/** The longest time after which a process sees a change of the file, in milliseconds: mounts are not swapped at once. */
const longestLagMs = 20_000;

/** A configuration file that all processes read, each a while after it was changed. */
export class SharedFile {
  readonly #templates: SiteOptions["templates"];
  readonly #known = new Map<string, ReadConfiguration>();
  #versions: { readonly at: number; readonly masters: readonly string[] }[];

  constructor(templates: SiteOptions["templates"], masters: readonly string[]) {
    this.#templates = templates;
    this.#versions = [{ at: Number.NEGATIVE_INFINITY, masters }];
  }

  /** What is written there now. */
  get masters(): readonly string[] {
    return this.#versions.at(-1)?.masters ?? [];
  }

  write(at: number, masters: readonly string[]): void {
    this.#versions = [...this.#versions, { at, masters }];
  }

  /** What somebody reads who sees each change only after it is so old. */
  readAt(now: number, lagMs: number): ReadConfiguration {
    const seen = this.#versions.findLast(({ at }) => at + lagMs <= now);
    return this.#parsed(seen?.masters ?? []);
  }

  #parsed(masters: readonly string[]): ReadConfiguration {
    const key = masters.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const entries = masters.map((name) => ({ name, url: `http://${name}.example.org/`, token: "file:/t" }));
    const templates = this.#templates.map((template) => ({ image: "agent", ...template }));
    const limits = { launchesPerMinute: 10_000, maxSlaves: 1_000 };
    const configuration = configurationSchema.parse({
      kubernetes: { namespace: "ci" },
      masters: entries,
      templates,
      limits,
    });
    const read = { configuration, entries: new Map(entries.map((entry) => [entry.name, entry])) };
    this.#known.set(key, read);
    return read;
  }
}

/** Starts each service as `kubestackd` does: it follows the file, and serves the masters that it names or named. */
export function followers(file: SharedFile): (site: Site) => Starters {
  return (site) => ({
    "demand-collector": async (bus) => {
      const collector = await startDemandCollector({ ...site.common(bus), masters: [] });
      const set = ({ name, demand }: MasterConfig) => collector.set({ name, master: site.connectTo(name), demand });
      return follow(site, bus, { file, service: "demand-collector", running: collector, set });
    },
    "completion-collector": async (bus) => {
      const collector = await startCompletionCollector({ ...site.common(bus), masters: [] });
      const set = ({ name, completion }: MasterConfig) =>
        collector.set({ name, master: site.connectTo(name), completion });
      return follow(site, bus, { file, service: "completion-collector", running: collector, set });
    },
    "slave-supervisor": async (bus) => {
      const { templates, limits } = file.readAt(site.time.now, 0).configuration;
      const supervisor = await startSlaveSupervisor({
        ...site.common(bus),
        namespace: "ci",
        cluster: site.cluster.connect(),
        templates,
        limits,
        masters: [],
      });
      const set = async (config: MasterConfig, entry: Readonly<Record<string, unknown>>, isListed: boolean) =>
        supervisor.set({ ...config, master: site.connectTo(config.name), intervalMs: 2000, entry, isListed });
      const { owns } = supervisor;
      return follow(site, bus, { file, service: "slave-supervisor", running: supervisor, set, owns });
    },
  });
}

interface Following {
  readonly file: SharedFile;
  readonly service: ServiceName;
  readonly running: Stoppable & { remove(name: string): Promise<void> };
  readonly set: (config: MasterConfig, entry: Readonly<Record<string, unknown>>, isListed: boolean) => Promise<void>;
  readonly owns?: (name: string) => boolean;
}

async function follow(site: Site, bus: Bus, of: Following): Promise<Stoppable> {
  const { time } = site;
  const { log } = site.common(bus);
  const lagMs = time.between(0, longestLagMs);
  const host: Host = {
    service: of.service,
    isReady: () => true,
    concern: (config) => config,
    set: ({ config, entry, isListed }) => of.set(config, entry, isListed),
    remove: of.running.remove,
    change: () => undefined,
    owns: of.owns ?? (() => false),
  };
  const served = new ServedMasters({ bus, log, pinned: undefined, monotonic: () => time.now });
  served.add(host);
  const configuration = {
    read: of.file.readAt(time.now, lagMs),
    look: async () => {
      const before = configuration.read;
      configuration.read = of.file.readAt(time.now, lagMs);
      return configuration.read !== before;
    },
  };
  const upkeep = new Upkeep({ configuration, served, hosts: [host], timing: time.timing, log });
  // Time passes only once all have begun.
  void upkeep.start();
  return {
    name: of.service,
    stop: async () => {
      await upkeep.stop();
      await of.running.stop();
    },
  };
}
