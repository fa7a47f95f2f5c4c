import { masterNames } from "../seen/master-names.ts";
import { standingOf } from "../seen/master-state.ts";
import type { Observation } from "../seen/observation.ts";
import { type Wait, waitsOf } from "../seen/waiting.ts";
import { printAge } from "../words/age.ts";
import type { Evidence, Explanation } from "./explanation.ts";
import { labelsIn } from "./labels-in.ts";
import { countStates, standingFact } from "./template-facts.ts";

/** Where a label is looked at. */
export interface LabelScope {
  readonly seen: Observation;
  readonly now: number;
  readonly master?: string | undefined;
}

/** So many builds that wait for a label are told one by one. */
const toldAtMost = 10;

/** Which templates serve a label, what waits for it, and what holds it. */
export function explainLabel(label: string, { seen, now, master }: LabelScope): Explanation {
  const masters = masterNames(seen).filter((name) => master === undefined || name === master);
  const views = masters.map((name) => lookAt(name, { label, seen, now }));
  const involved = views.filter(({ isInvolved }) => isInvolved);
  const slaves = seen.slaves.filter((slave) => slave.labels.includes(label) && masters.includes(slave.master));
  const living = slaves.filter(({ state }) => state !== "deleted").length;
  const waits = views.flatMap((view) => view.waits);
  const names = [...new Set(views.flatMap((view) => view.templates.map(({ name }) => name)))];
  const held = views.flatMap((view) => view.templates.filter((template) => template.held !== null));
  const told = views.some(({ isTold }) => isTold);
  const served =
    names.length > 0
      ? `is served by ${names.length === 1 ? "template" : "templates"} ${names.join(", ")}`
      : told
        ? "is served by no template"
        : "has no template that is known: no supervisor told its plan yet";
  const { fact: hold = null } = heldFact(held.map(({ name, held: of }) => `${name}: ${of?.because}`));
  return {
    kind: "label",
    name: label,
    master: involved.length === 1 ? (involved[0]?.master ?? null) : null,
    sentence: `Label ${label} ${served}; ${count(waits.length, "build waits", "builds wait")} for it, ${count(living, "slave with it lives", "slaves with it live")}${hold === null ? "" : `; ${hold}`}.`,
    evidence: [
      ...involved.flatMap(({ evidence }) => evidence),
      ...waits.slice(0, toldAtMost).map((wait) => waitFact(wait, now)),
      ...(waits.length > toldAtMost
        ? [{ at: null, fact: `${waits.length - toldAtMost} more builds wait for it` }]
        : []),
      ...(names.length === 0 && living > 0 ? [{ at: null, fact: countStates(slaves) }] : []),
    ],
    next: nextOf({ isServed: names.length > 0 || !told, waits: waits.length, isHeld: held.length > 0 }),
  };
}

interface MasterView {
  readonly master: string;
  readonly isTold: boolean;
  readonly isInvolved: boolean;
  readonly waits: readonly Wait[];
  readonly templates: NonNullable<ReturnType<Observation["plans"]["get"]>>["templates"] & {};
  readonly evidence: readonly Evidence[];
}

function lookAt(master: string, { label, seen, now }: { label: string; seen: Observation; now: number }): MasterView {
  const standing = standingOf(master, seen, now);
  const plan = seen.plans.get(master);
  const templates = (plan?.templates ?? []).filter(({ labels }) => labels.includes(label));
  const waits = waitsOf({ master, state: standing.state }, seen).filter(({ item }) =>
    labelsIn(item.wants).includes(label),
  );
  const unknown = ["refused", "unreachable", "unread", "starting"].includes(standing.state);
  return {
    master,
    isTold: plan?.templates !== undefined,
    isInvolved: templates.length > 0 || waits.length > 0,
    waits,
    templates,
    evidence: [
      ...templates.map((one) => ({ at: plan?.at ?? null, fact: `${master}: ${standingFact(one, { master, seen })}` })),
      ...(unknown
        ? [
            {
              at: standing.since,
              fact: `${master}: what waits there is unknown, it is ${standing.state}: ${standing.detail}`,
            },
          ]
        : []),
    ],
  };
}

function heldFact(names: readonly string[]): { fact?: string } {
  return names.length === 0 ? {} : { fact: `held is ${names.join("; ")}` };
}

function waitFact({ item, master, reason, code }: Wait, now: number): Evidence {
  const age = item.waitingSince === null ? "" : ` waits ${printAge(now - item.waitingSince)}`;
  const why = code === "slave-coming" && reason === "" ? "a slave is being launched for it" : reason;
  return { at: item.waitingSince, fact: `${item.job} (item ${item.id} of ${master})${age}: ${why}` };
}

function count(number: number, one: string, more: string): string {
  return number === 0 ? `no ${one}` : `${number} ${number === 1 ? one : more}`;
}

function nextOf({ isServed, waits, isHeld }: { isServed: boolean; waits: number; isHeld: boolean }): string | null {
  if (isHeld) return "mend what failed; kubestackcmd lift has one slave tried then, before more";
  if (!isServed && waits > 0) return "give a template this label, or leave these builds to whoever serves it";
  return null;
}
