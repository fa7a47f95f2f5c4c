import { type Apart, needsLimits, type PodNeeds, type Requirement, requirementOperators } from "./needs.ts";
import { amountOf, podRequests } from "./requests.ts";

type Map = Readonly<Record<string, unknown>>;

/** What is known of a pod beside its JSON. */
export interface BesidesPod {
  /** Where its bound volumes are; absent: none binds it. */
  readonly zones?: readonly string[] | undefined;
  /** The node pools of its template, in their order; absent: any. */
  readonly pools?: readonly string[] | undefined;
}

/**
 * What a pod, as Kubernetes writes it, asks of a node. Whatever is written in a way that Kubernetes would not take counts as not said: the
 * API server refuses such pods.
 */
export function needsOfPod(pod: unknown, besides: BesidesPod = {}): PodNeeds {
  const { metadata, spec: specOf } = map(pod);
  const spec = map(specOf);
  const { labels, namespace } = map(metadata);
  const affinity = map(spec.affinity);
  const tolerations = maps(spec.tolerations).slice(0, needsLimits.tolerations).map(tolerationOf);
  return {
    requests: podRequests(spec),
    ...unlessEmpty("nodeSelector", texts(spec.nodeSelector)),
    ...unlessEmpty("affinity", nodeTerms(affinity.nodeAffinity)),
    ...unlessEmpty("tolerations", tolerations),
    ...unlessEmpty("spread", spreadsOf(spec.topologySpreadConstraints, texts(labels))),
    ...unlessEmpty("apart", apartOf(affinity.podAntiAffinity)),
    ...unlessEmpty("zones", besides.zones?.slice(0, needsLimits.zones) ?? []),
    ...unlessEmpty("pools", besides.pools?.slice(0, needsLimits.terms) ?? []),
    ...(typeof namespace === "string" ? { namespace } : {}),
    ...unlessEmpty("labels", texts(labels)),
  };
}

function unlessEmpty<K extends string, T extends object>(key: K, value: T): { [P in K]?: T } {
  return (Object.keys(value).length === 0 ? {} : { [key]: value }) as { [P in K]?: T };
}

/** No term at all is no requirement; a term without any requirement matches no node, and is left out as Kubernetes does. */
function nodeTerms(nodeAffinity: unknown): Requirement[][] {
  const required = map(map(nodeAffinity).requiredDuringSchedulingIgnoredDuringExecution);
  return maps(required.nodeSelectorTerms)
    .slice(0, needsLimits.terms)
    .map(({ matchExpressions, matchFields }) => [...requirementsOf(matchExpressions), ...requirementsOf(matchFields)])
    .filter((term) => term.length > 0);
}

function spreadsOf(constraints: unknown, labels: Readonly<Record<string, string>>) {
  return maps(constraints)
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable !== "ScheduleAnyway")
    .slice(0, needsLimits.terms)
    .flatMap(({ topologyKey, maxSkew, minDomains, labelSelector, matchLabelKeys }) => {
      if (typeof topologyKey !== "string" || !isGiven(labelSelector)) return [];
      const own = Array.isArray(matchLabelKeys) ? matchLabelKeys.map(String) : [];
      const selector = [
        ...selectorOf(labelSelector),
        ...own.flatMap((key) => (labels[key] === undefined ? [] : [isIn(key, labels[key])])),
      ].slice(0, needsLimits.requirements);
      const least = amountOf(minDomains);
      return [
        {
          topologyKey,
          maxSkew: Math.max(1, Math.trunc(amountOf(maxSkew) ?? 1)),
          ...(least === undefined || least < 2 ? {} : { minDomains: Math.trunc(least) }),
          selector,
        },
      ];
    });
}

function apartOf(podAntiAffinity: unknown): Apart[] {
  return maps(map(podAntiAffinity).requiredDuringSchedulingIgnoredDuringExecution)
    .slice(0, needsLimits.terms)
    .flatMap(({ topologyKey, labelSelector }) =>
      typeof topologyKey === "string" && isGiven(labelSelector)
        ? [{ topologyKey, selector: selectorOf(labelSelector) }]
        : [],
    );
}

/** Without a selector no pod is counted; an empty one counts every pod. */
function isGiven(selector: unknown): boolean {
  return typeof selector === "object" && selector !== null;
}

/** A selector of pods. */
function selectorOf(selector: unknown): Requirement[] {
  const { matchLabels, matchExpressions } = map(selector);
  const equal = Object.entries(texts(matchLabels)).map(([key, value]) => isIn(key, value));
  return [...equal, ...requirementsOf(matchExpressions)].slice(0, needsLimits.requirements);
}

function isIn(key: string, value: string): Requirement {
  return { key, operator: "In", values: [value] };
}

function requirementsOf(list: unknown): Requirement[] {
  return maps(list)
    .slice(0, needsLimits.requirements)
    .flatMap(({ key, operator: named, values }) => {
      const operator = requirementOperators.find((one) => one === named);
      if (typeof key !== "string" || operator === undefined) return [];
      const wanted = Array.isArray(values) ? values.slice(0, needsLimits.values).map(String) : [];
      return [{ key, operator, ...(wanted.length === 0 ? {} : { values: wanted }) }];
    });
}

function tolerationOf({ key, operator, value, effect }: Map) {
  return {
    ...(typeof key === "string" && key !== "" ? { key } : {}),
    ...(operator === "Exists" ? { operator } : {}),
    ...(typeof value === "string" && value !== "" ? { value } : {}),
    ...(typeof effect === "string" && effect !== "" ? { effect } : {}),
  };
}

function texts(value: unknown): Record<string, string> {
  const entries = Object.entries(map(value)).slice(0, needsLimits.pairs);
  return Object.fromEntries(entries.map(([key, text]) => [key, String(text)]));
}

function map(value: unknown): Map {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Map) : {};
}

function maps(value: unknown): Map[] {
  return Array.isArray(value) ? value.map(map) : [];
}
