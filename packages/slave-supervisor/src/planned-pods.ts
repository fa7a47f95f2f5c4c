import {
  listedItems,
  listedTemplates,
  type Plan,
  type PodNeeds,
  type PodSize,
  podNameOf,
  printSize,
} from "@kubestack/contracts";
import { launchKind } from "@kubestack/demand";
import { labelValue, needsOf, type TemplateConfig } from "@kubestack/templates";
import type { Slave } from "./roster.ts";

/** A launch as the ledger has it. */
export interface Granted {
  readonly name: string;
  readonly template: string;
  readonly size?: PodSize | undefined;
  readonly isWarm?: boolean | undefined;
}

/** What the pods of a launch are told by. */
export interface PodsOfLaunch {
  readonly needs?: PodNeeds;
  readonly slaves?: string[];
}

/** Of which pods are told. */
export interface PodsSituation {
  readonly install: string;
  readonly master: string;
  readonly namespace: string;
  readonly templates: readonly TemplateConfig[];
  /** What this decision has launched so far. */
  readonly granted: readonly Granted[];
}

/** Tells of pods that are about to be: what each asks of a node, and for which slaves. Whoever makes nodes need not wait for the pods. */
export class PlannedPods {
  readonly #situation: PodsSituation;
  readonly #byKind: ReadonlyMap<string, readonly Granted[]>;
  readonly #needs = new Map<string, PodNeeds | undefined>();
  /** So many names may still be told, of all launches together: the pods of the others tell soon enough. */
  #namesLeft = listedItems;

  constructor(situation: PodsSituation) {
    this.#situation = situation;
    this.#byKind = Map.groupBy(situation.granted, keyOf);
  }

  /** The pods of one entry of the plan. */
  of(launch: Omit<Granted, "name">): PodsOfLaunch {
    const needs = this.#needsOf(launch);
    const slaves = this.#named((this.#byKind.get(keyOf(launch)) ?? []).map(({ name }) => name));
    return { ...(needs === undefined ? {} : { needs }), ...(slaves.length === 0 ? {} : { slaves }) };
  }

  /**
   * Slaves of earlier decisions that still wait for their pods, and those whose next pod follows a lost one: whoever missed the plan that
   * launched them hears of them so.
   */
  coming(slaves: Iterable<Pick<Slave, "record">>): Pick<Plan, "coming"> {
    const own = new Set(this.#situation.granted.map(({ name }) => name));
    const waiting = [...slaves].flatMap(({ record }) =>
      isWithoutPod(record) && !own.has(record.name) ? [record] : [],
    );
    const kinds = [...Map.groupBy(waiting, ({ template, size }) => launchKind(template, size)).values()];
    const coming = kinds.slice(0, listedTemplates).flatMap((some) => {
      const [{ template, size } = { template: "" }] = some;
      const needs = this.#needsOf({ template, size });
      const names = needs === undefined ? [] : this.#named(some.map(podNameOf));
      return needs === undefined || names.length === 0 ? [] : [{ template, needs, slaves: names }];
    });
    return coming.length === 0 ? {} : { coming };
  }

  #named(names: readonly string[]): string[] {
    const told = names.slice(0, this.#namesLeft);
    this.#namesLeft -= told.length;
    return told;
  }

  /** Undefined where its template is gone: then its pod tells. */
  #needsOf({ template: name, size }: Omit<Granted, "name">): PodNeeds | undefined {
    const kind = launchKind(name, size);
    if (this.#needs.has(kind)) return this.#needs.get(kind);
    const { install, master, namespace, templates } = this.#situation;
    const template = templates.find((one) => one.name === name);
    // As its pod will carry them, but for the one that is its own.
    const labels = {
      "app.kubernetes.io/managed-by": "kubestack",
      "kubestack.io/install": labelValue(install),
      "kubestack.io/master": labelValue(master),
      "kubestack.io/template": labelValue(name),
    };
    const needs = template && needsOf(template, { size, labels, namespace });
    this.#needs.set(kind, needs);
    return needs;
  }
}

function isWithoutPod({ state, life }: Slave["record"]): boolean {
  const isBetweenPods = life.lost !== null && state !== "draining" && state !== "deleted";
  return life.pod.uid === null && (state === "requested" || isBetweenPods);
}

function keyOf({ template, size, isWarm = false }: Omit<Granted, "name">): string {
  return JSON.stringify([template, printSize(size), isWarm]);
}
