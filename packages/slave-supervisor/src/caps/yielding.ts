import type { TemplateConfig } from "@kubestack/templates";
import type { LaunchSituation, SourceDecision } from "../launching.ts";
import type { SurplusSlave } from "../withdrawing.ts";
import { membersIn } from "./members.ts";

/** A cap that something waits for, and how many slaves would have to go. */
interface WantedCap {
  readonly told: string;
  readonly wanted: number;
  holds(template: string): boolean;
}

/**
 * Slaves that no item needs and that hold a cap which something waits for: as many as wait, in the order given, less those that
 * are leaving already. By name, with the reason. Pure.
 */
export function yielding(
  surplus: readonly SurplusSlave[],
  of: {
    readonly decided: readonly SourceDecision[];
    readonly situation: Pick<LaunchSituation, "slaves" | "templates" | "master">;
    /** Slaves that other masters wait for under caps that all share. */
    readonly elsewhere: number;
  },
): Map<string, string> {
  const { situation } = of;
  // One that a person holds stays for hours.
  const leaving = situation.slaves.filter(({ record: { state, life } }) => state === "draining" && life.held === null);
  const yields = new Map<string, string>();
  if (surplus.length === 0) return yields;
  for (const { told, wanted, holds } of wantedCaps(of)) {
    const going =
      leaving.filter(({ record }) => holds(record.template)).length +
      surplus.filter(({ name, template }) => yields.has(name) && holds(template)).length;
    const able = surplus.filter(({ name, template }) => !yields.has(name) && holds(template));
    const reason = `no waiting build needs it, and ${told}`;
    for (const { name } of able.slice(0, Math.max(0, wanted - going))) yields.set(name, reason);
  }
  return yields;
}

function wantedCaps({ decided, situation, elsewhere }: Parameters<typeof yielding>[1]): WantedCap[] {
  const caps = decided.flatMap(({ decision }) =>
    decision.waiting.flatMap(({ cap, code }) => (code === "too-large" ? [] : (cap ?? []))),
  );
  const { templates, slaves, master } = situation;
  const isUnder = membersIn(templates);
  const alive = slaves.filter(({ record }) => record.state !== "deleted");
  const names = new Set(caps.flatMap((cap) => (cap.of === "templates" ? [cap.name] : [])));
  const ofTemplates = [...names].flatMap((name): WantedCap[] => {
    const most = mostOf(name, templates);
    const isFull = alive.filter(({ record }) => isUnder(name, record.template)).length >= most;
    // One whose failures let only one be tried is not full: nothing would come of a slave that went.
    if (!isFull) return [];
    const wanted = caps.filter((cap) => cap.of === "templates" && cap.name === name).length;
    return [{ told: `a build waits for the cap of ${name}`, wanted, holds: (template) => isUnder(name, template) }];
  });
  const ofMaster = caps.filter((cap) => cap.of === "master").length;
  const ofAll = caps.filter((cap) => cap.of === "all").length;
  return [
    ...ofTemplates,
    { told: `a build waits for the cap of master ${master}`, wanted: ofMaster, holds: () => true },
    { told: "a build waits for the caps of all masters", wanted: ofAll + elsewhere, holds: () => true },
  ];
}

function mostOf(name: string, templates: readonly TemplateConfig[]): number {
  const own = templates.find((one) => one.name === name)?.maxSlaves;
  return own ?? templates.find(({ shared }) => shared?.group === name)?.shared?.maxSlaves ?? Number.POSITIVE_INFINITY;
}
