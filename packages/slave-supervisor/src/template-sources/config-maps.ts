import { hasCode, sentenceOf, type TemplateFault } from "@kubestack/contracts";
import { type Cluster, type ConfigMapObservation, type ObjectSource, watchConfigMaps } from "@kubestack/kubernetes";
import type { Logger } from "@kubestack/runtime";
import { originWord, type WrittenEntry } from "@kubestack/templates";
import { type Brought, entriesIn } from "./entries-in.ts";

/** The label of ConfigMaps that bring templates. */
export const templatesSelector = "kubestack.io/templates=true";

export interface ConfigMapsOptions {
  readonly cluster: Cluster;
  readonly log: Logger;
  /** Told that something is different. */
  readonly onChange: () => void;
}

/** One namespace that is followed. */
interface Followed {
  readonly source: ObjectSource<ConfigMapObservation>;
  /** Resolves when it was read, or may not be. */
  readonly settled: Promise<void>;
  isSettled: boolean;
  /** The last refusal; it says nothing while the watch is open. */
  refusal: string | undefined;
}

/**
 * Follows the labelled ConfigMaps of some namespaces, by one watch for each. What was read stays while a watch is broken; one
 * namespace that may not be read disturbs no other.
 */
export class ConfigMaps {
  readonly #options: ConfigMapsOptions;
  readonly #followed = new Map<string, Followed>();
  /** What was read of each observation; one that is held no more is forgotten by itself. */
  readonly #read = new WeakMap<ConfigMapObservation, Brought>();

  constructor(options: ConfigMapsOptions) {
    this.#options = options;
  }

  /** Follows these namespaces from now on, and no others. */
  follow(namespaces: readonly string[]): void {
    for (const [namespace, { source }] of this.#followed) {
      if (namespaces.includes(namespace)) continue;
      this.#followed.delete(namespace);
      void source.stop();
    }
    for (const namespace of namespaces) if (!this.#followed.has(namespace)) this.#begin(namespace);
  }

  /** Whether each namespace was read, or may not be: before that a template that is not known may only not be known yet. */
  get isWhole(): boolean {
    return [...this.#followed.values()].every(({ isSettled }) => isSettled);
  }

  /** Resolves when each namespace that is followed now was read, or may not be. */
  async whole(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ settled }) => settled));
  }

  entries(): WrittenEntry[] {
    return this.#brought().flatMap(({ entries }) => entries);
  }

  faults(): TemplateFault[] {
    return [
      ...this.#brought().flatMap(({ faults }) => faults),
      ...[...this.#followed].flatMap(([namespace, { source, refusal }]) =>
        refusal === undefined || source.status().state === "synced" ? [] : [refusedFault(namespace, refusal)],
      ),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#followed.values()].map(({ source }) => source.stop()));
    this.#followed.clear();
  }

  #brought(): Brought[] {
    return [...this.#followed].flatMap(([namespace, { source }]) =>
      source.all().map((observation) => {
        const known = this.#read.get(observation) ?? entriesIn(namespace, observation);
        this.#read.set(observation, known);
        return known;
      }),
    );
  }

  #begin(namespace: string): void {
    const { cluster, log, onChange } = this.#options;
    const { promise: settled, resolve } = Promise.withResolvers<void>();
    const settle = (): void => {
      followed.isSettled = true;
      resolve();
      onChange();
    };
    const source = watchConfigMaps({
      cluster,
      namespace,
      selector: templatesSelector,
      onEvent: onChange,
      onError: (error) => {
        const isRefused = hasCode(error, "cluster-refused", "credential-refused");
        // A refusal is told with the faults, once.
        if (!isRefused) return log.warn({ namespace }, sentenceOf(error));
        followed.refusal = sentenceOf(error);
        settle();
      },
    });
    const followed: Followed = { source, settled, isSettled: false, refusal: undefined };
    this.#followed.set(namespace, followed);
    source.synced.then(settle, settle);
  }
}

function refusedFault(namespace: string, refusal: string): TemplateFault {
  const from = originWord({ kind: "configMap", namespace, name: "*", key: "*" });
  const sentence = `the ConfigMaps of namespace ${namespace} can't be read: ${refusal.replace(/\.$/, "")}; give the slave-supervisor list and watch of configmaps there (deploy/rbac-templates.yaml)`;
  return { from, template: null, sentence };
}
