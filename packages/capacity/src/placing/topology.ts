import type { PodNeeds, Requirement, Spread } from "@kubestack/contracts";
import { hostLabel } from "./refusal.ts";
import { isSelected } from "./selecting.ts";

/** Pods that a selector counts, by the value of one label of their nodes. */
interface Term {
  readonly topologyKey: string;
  readonly selector: readonly Requirement[];
  readonly namespace: string | undefined;
  /** Pods that it selects. */
  readonly selected: Map<string, number>;
  /** Pods that must be apart from those. */
  readonly holders: Map<string, number>;
}

/** A pod's part in the terms. */
interface Part {
  readonly selectedBy: readonly Term[];
  readonly apart: readonly Term[];
  readonly spread: readonly (readonly [Term, Spread])[];
}

type Labels = Readonly<Record<string, string>>;

/** Which pods are where, as far as other pods ask for it: spread constraints, and required anti-affinity in both directions. */
export class Topology {
  readonly #terms = new Map<string, Term>();
  readonly #parts = new Map<PodNeeds, Part>();

  /** `all`: whatever may be placed, and what is placed already. */
  constructor(all: Iterable<PodNeeds>) {
    for (const needs of all) {
      for (const { topologyKey, selector } of needs.apart ?? []) this.#term(topologyKey, selector, needs.namespace);
      for (const { topologyKey, selector } of needs.spread ?? []) this.#term(topologyKey, selector, needs.namespace);
    }
  }

  /** Whether a pod asks for nothing of others, nor they of it. */
  isFree(needs: PodNeeds): boolean {
    if (this.#terms.size === 0) return true;
    const { selectedBy, apart, spread } = this.#part(needs);
    return selectedBy.length + apart.length + spread.length === 0;
  }

  /** Whether where one such pod is says nothing of any node but its own. */
  isOfOneNode(needs: PodNeeds): boolean {
    if (this.#terms.size === 0) return true;
    const { selectedBy, apart, spread } = this.#part(needs);
    return spread.length === 0 && [...selectedBy, ...apart].every(({ topologyKey }) => topologyKey === hostLabel);
  }

  isSpread(needs: PodNeeds): boolean {
    return (needs.spread?.length ?? 0) > 0;
  }

  /** Whether two pods may not share a node. */
  mayNotMeet(one: PodNeeds, other: PodNeeds): boolean {
    if (this.#terms.size === 0) return false;
    const [mine, others] = [this.#part(one), this.#part(other)];
    return (
      mine.apart.some((term) => others.selectedBy.includes(term)) ||
      others.apart.some((term) => mine.selectedBy.includes(term))
    );
  }

  place(needs: PodNeeds, labels: Labels, count = 1): void {
    if (this.#terms.size === 0) return;
    const { selectedBy, apart } = this.#part(needs);
    for (const term of selectedBy) add(term.selected, labels[term.topologyKey], count);
    for (const term of apart) add(term.holders, labels[term.topologyKey], count);
  }

  /** Whether pods that may not be together would be. */
  isKeptApart(needs: PodNeeds, labels: Labels): boolean {
    if (this.#terms.size === 0) return false;
    const { selectedBy, apart } = this.#part(needs);
    return (
      apart.some(({ topologyKey, selected }) => countIn(selected, labels[topologyKey]) > 0) ||
      selectedBy.some(({ topologyKey, holders }) => countIn(holders, labels[topologyKey]) > 0)
    );
  }

  /**
   * Whether, on a node with such labels, one more pod would be more than its spread allows. `able`: the labels of all nodes that could
   * take it. Good until the next one is placed.
   */
  unevenOver(needs: PodNeeds, able: readonly Labels[]): (labels: Labels) => boolean {
    const { spread, selectedBy } = this.#part(needs);
    const asked = spread.map(([term, { topologyKey, maxSkew, minDomains = 1 }]) => {
      const domains = new Set(able.flatMap((one) => one[topologyKey] ?? []));
      const counts = [...domains].map((domain) => term.selected.get(domain) ?? 0);
      const least = domains.size < minDomains ? 0 : counts.reduce((a, b) => Math.min(a, b), counts[0] ?? 0);
      return { term, topologyKey, most: maxSkew + least - (selectedBy.includes(term) ? 1 : 0) };
    });
    return (labels) =>
      asked.some(({ term, topologyKey, most }) => {
        const here = labels[topologyKey];
        return here === undefined || (term.selected.get(here) ?? 0) > most;
      });
  }

  #term(topologyKey: string, selector: readonly Requirement[], namespace: string | undefined): Term {
    const key = JSON.stringify([topologyKey, selector, namespace]);
    const term = this.#terms.get(key) ?? {
      ...{ topologyKey, selector, namespace },
      ...{ selected: new Map<string, number>(), holders: new Map<string, number>() },
    };
    this.#terms.set(key, term);
    return term;
  }

  #part(needs: PodNeeds): Part {
    const known = this.#parts.get(needs);
    if (known !== undefined) return known;
    const { labels = {}, namespace, apart = [], spread = [] } = needs;
    const part = {
      selectedBy: [...this.#terms.values()].filter(
        (term) => term.namespace === namespace && isSelected(term.selector, labels),
      ),
      apart: apart.map((one) => this.#term(one.topologyKey, one.selector, namespace)),
      spread: spread.map((one) => [this.#term(one.topologyKey, one.selector, namespace), one] as const),
    };
    this.#parts.set(needs, part);
    return part;
  }
}

function add(counts: Map<string, number>, domain: string | undefined, count: number): void {
  if (domain !== undefined) counts.set(domain, (counts.get(domain) ?? 0) + count);
}

function countIn(counts: ReadonlyMap<string, number>, domain: string | undefined): number {
  return domain === undefined ? 0 : (counts.get(domain) ?? 0);
}
