import {
  jobMatcher,
  printJobs,
  printSize,
  type QueueItem,
  type SizeBounds,
  type SlaveRecord,
  sizedResources,
  type TemplateStanding,
  type WantedLabel,
} from "@kubestack/contracts";
import { isSatisfiedByAbsence, type Offer, offerOf, parseLabelExpression } from "@kubestack/demand";
import { printWish } from "../seen/master-state.ts";
import type { Observation } from "../seen/observation.ts";
import type { Evidence } from "./explanation.ts";

/** So many templates are told one by one. */
const toldAtMost = 8;
/** So many templates that are wrong are told. */
const toldFaultsAtMost = 3;

/** Which templates of a master would serve an item, and how each stands; where none would, which there are. */
export function templateFacts(
  { wants, job }: Pick<QueueItem, "wants" | "job">,
  { master, seen }: { readonly master: string; readonly seen: Observation },
): Evidence[] {
  const templates = seen.plans.get(master)?.templates;
  if (templates === undefined || wants.kind === "unknown") return [];
  const able = templates.flatMap((template) => {
    const offer = offerFor(template, wants);
    const size = offer.kind === "serves" ? printSize(offer.sized?.size) : undefined;
    return size === undefined ? [] : [{ template, size }];
  });
  if (able.length === 0)
    return [
      { at: null, fact: `no template of ${master} serves ${printWish(wants)}; there ${areThe(templates)}` },
      ...faultFacts(seen),
    ];
  return able.slice(0, toldAtMost).map(({ template, size }) => ({
    at: null,
    fact: mayUse(job, template)
      ? standingFact(template, { master, seen, size })
      : `template ${template.name} [${template.labels.join(" ")}] is not for job ${job} (its ${printJobs(template.jobs ?? [])})`,
  }));
}

function mayUse(job: string, { jobs }: TemplateStanding): boolean {
  return jobs === undefined || jobMatcher(jobs)(job);
}

/** As the demand arithmetic has it, no template serves by the absence of a label. */
function offerFor(template: TemplateStanding, wants: WantedLabel): Offer {
  if (wants.kind === "unknown") return { kind: "none" };
  const expression = wants.kind === "any" ? null : parseLabelExpression(wants.expression);
  return expression !== null && isSatisfiedByAbsence(expression) ? { kind: "none" } : offerOf(expression, template);
}

/** `template maven [maven] serves it with cpu=4; 3 of its slaves live (1 scheduled, 2 busy), at most 200`. */
export function standingFact(
  { name, labels, maxSlaves, held, from, jobs, warm }: TemplateStanding,
  { master, seen, size = "" }: { readonly master: string; readonly seen: Observation; readonly size?: string },
): string {
  const living = seen.slaves.filter((slave) => slave.master === master && slave.template === name);
  const most = maxSlaves === null ? "" : `, at most ${maxSlaves}`;
  const as = size === "" ? "" : ` with ${size}`;
  const hold = held === null ? "" : `; it is held: ${held.because}`;
  const origin = from === undefined ? "" : ` (${toldFrom(from)})`;
  const only = jobs === undefined ? "" : ` (its ${printJobs(jobs)})`;
  return `template ${name}${origin} [${labels.join(" ")}] serves it${as}${only}; ${countStates(living)}${most}${warmFact(warm)}${hold}`;
}

/** `, 6 are to be idle (warm: 0 7 * * 1-5, until 18:00 Europe/Berlin)`. */
function warmFact(warm: TemplateStanding["warm"]): string {
  if (warm === undefined) return "";
  const short = warm.short === undefined ? "" : `, of which some are missing: ${warm.short}`;
  return `, ${warm.idle} ${warm.idle === 1 ? "is" : "are"} to be idle (${warm.because})${short}`;
}

/** Where a template comes from, for people. */
export function toldFrom(from: string): string {
  const [, configMap, key] = /^configmap:([^#]+)#(.*)$/.exec(from) ?? [];
  return configMap === undefined ? from : `ConfigMap ${configMap}, key ${key}`;
}

/** Templates that are left out: one of them may be the one that is missed. */
function faultFacts({ services }: Observation): Evidence[] {
  const answer = services["slave-supervisor"];
  const faults = answer.state === "ok" ? (answer.status.templateFaults ?? []) : [];
  const more = faults.length - toldFaultsAtMost;
  return [
    ...faults.slice(0, toldFaultsAtMost).map(({ sentence }) => ({ at: null, fact: `left out is ${sentence}` })),
    ...(more > 0 ? [{ at: null, fact: `and ${more} more are left out` }] : []),
  ];
}

/** `3 of its slaves live (1 scheduled, 2 busy)`. */
export function countStates(slaves: readonly SlaveRecord[]): string {
  const living = slaves.filter(({ state }) => state !== "deleted");
  if (living.length === 0) return "none of its slaves lives";
  const parts = [...Map.groupBy(living, ({ state }) => state)].map(([state, of]) => `${of.length} ${state}`);
  return `${living.length} of its slaves ${living.length === 1 ? "lives" : "live"} (${parts.join(", ")})`;
}

function areThe(templates: readonly TemplateStanding[]): string {
  if (templates.length === 0) return "is none at all";
  const shown = templates
    .slice(0, toldAtMost)
    .map(({ name, labels, overrides }) => `${name} [${labels.join(" ")}]${boundsText(overrides)}`);
  const more = templates.length > toldAtMost ? `, and ${templates.length - toldAtMost} more` : "";
  return `${templates.length === 1 ? "is" : "are"} ${shown.join(", ")}${more}`;
}

/** ` (cpu=10m..8 memory=16Mi..32Gi)`: what may be asked for by label. */
function boundsText(overrides: SizeBounds | undefined): string {
  const parts = sizedResources.flatMap((of) => {
    const bounds = overrides?.[of];
    return bounds === undefined ? [] : [`${of}=${bounds.min}..${bounds.max}`];
  });
  return parts.length === 0 ? "" : ` (${parts.join(" ")})`;
}
