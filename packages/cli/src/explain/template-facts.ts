import type { SlaveRecord, TemplateStanding, WantedLabel } from "@kubestack/contracts";
import { isSatisfiedBy, isSatisfiedByAbsence, parseLabelExpression } from "@kubestack/demand";
import { printWish } from "../status/master-state.ts";
import type { Observation } from "../status/observe.ts";
import type { Evidence } from "./explanation.ts";

/** So many templates are told one by one. */
const toldAtMost = 8;

/** Which templates of a master would serve a wish, and how each stands; where none would, which there are. */
export function templateFacts(
  wants: WantedLabel,
  { master, seen }: { readonly master: string; readonly seen: Observation },
): Evidence[] {
  const templates = seen.plans.get(master)?.templates;
  if (templates === undefined || wants.kind === "unknown") return [];
  const able = templates.filter((template) => serves(template, wants));
  if (able.length === 0)
    return [{ at: null, fact: `no template of ${master} serves ${printWish(wants)}; there ${areThe(templates)}` }];
  return able.slice(0, toldAtMost).map((template) => ({ at: null, fact: standingFact(template, { master, seen }) }));
}

/** Whether a template serves a wish; as the demand arithmetic has it, none serves by the absence of a label. */
function serves({ labels, unlabelled }: TemplateStanding, wants: WantedLabel): boolean {
  if (wants.kind !== "expression") return wants.kind === "any" && unlabelled;
  const expression = parseLabelExpression(wants.expression);
  return !isSatisfiedByAbsence(expression) && isSatisfiedBy(expression, new Set(labels));
}

/** `template maven matches; 3 of its slaves live (1 scheduled, 2 busy), at most 200; not held`. */
export function standingFact(
  { name, labels, maxSlaves, held }: TemplateStanding,
  { master, seen }: { readonly master: string; readonly seen: Observation },
): string {
  const living = seen.slaves.filter((slave) => slave.master === master && slave.template === name);
  const most = maxSlaves === null ? "" : `, at most ${maxSlaves}`;
  const hold = held === null ? "" : `; it is held: ${held.because}`;
  return `template ${name} [${labels.join(" ")}] serves it; ${countStates(living)}${most}${hold}`;
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
  const shown = templates.slice(0, toldAtMost).map(({ name, labels }) => `${name} [${labels.join(" ")}]`);
  const more = templates.length > toldAtMost ? `, and ${templates.length - toldAtMost} more` : "";
  return `${templates.length === 1 ? "is" : "are"} ${shown.join(", ")}${more}`;
}
