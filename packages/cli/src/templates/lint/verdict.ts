import { quantityAmount } from "@kubestack/contracts";
import type { PodTrial } from "@kubestack/kubernetes";
import type { Origin } from "@kubestack/templates";
import type { LintFinding } from "./finding.ts";

/** One pod that was shown to the API server. */
export interface TriedPod {
  readonly template: string;
  /** For whom, and how large, where several were. */
  readonly of: string;
  readonly origins: readonly Origin[];
}

/** What the answer means for the template. */
export function verdictOn(
  { template, origins }: Pick<TriedPod, "template" | "origins">,
  { refusal, warnings }: PodTrial,
): LintFinding[] {
  const finding = (level: LintFinding["level"], sentence: string): LintFinding => ({ level, template, sentence });
  const by = (text: string): string => `${text}${saidBy(text, { template, origins })}`;
  const told = warnings.map((text) => finding("WARN", `the API server warns: ${by(text)}`));
  if (refusal === null) return told;
  const reason = reasonIn(refusal);
  return hasRoomOnceEmpty(reason)
    ? [finding("WARN", `there is no room for it now, but there will be (${reason})`), ...told]
    : [finding("FAIL", `is refused: ${by(reason)}`), ...told];
}

/** What was found of all pods of a template; what is so of some of them only says of which. */
export function togetherOf(
  pods: readonly { readonly of: string; readonly findings: readonly LintFinding[] }[],
): LintFinding[] {
  const each = pods.flatMap(({ of, findings }) => findings.map((finding) => ({ of, finding })));
  const same = Map.groupBy(each, ({ finding: { level, sentence } }) => `${level} ${sentence}`);
  return [...same.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    if (alike.length === pods.length) return [first.finding];
    const which = alike.map(({ of }) => of).join("; ");
    return [{ ...first.finding, sentence: `${which}: ${first.finding.sentence}` }];
  });
}

/** The API server's words without the name of a pod that there is not. */
export function reasonIn(refusal: string): string {
  return refusal
    .replace(/^pods? "[^"]*" is (?:forbidden|invalid): /i, "")
    .replace(/^Pod in version "v1" cannot be handled as a Pod: /, "")
    .replace(/^strict decoding error: /, "")
    .replace(/[.\s]+$/, "");
}

/** Whether a quota refuses it for what is used of it now, and not for what the pod asks for. */
function hasRoomOnceEmpty(reason: string): boolean {
  const [, requested, limited] = /^exceeded quota: .*?, requested: (.*?), used: .*?, limited: (.*)$/.exec(reason) ?? [];
  if (requested === undefined || limited === undefined) return false;
  const most = new Map(amountsIn(limited));
  return amountsIn(requested).every(([resource, amount]) => amount <= (most.get(resource) ?? Number.NEGATIVE_INFINITY));
}

function amountsIn(text: string): [resource: string, amount: number][] {
  return text.split(",").map((one) => {
    const [resource = "", amount = ""] = one.split("=");
    return [resource, quantityAmount(amount) ?? Number.POSITIVE_INFINITY];
  });
}

/** Which other template the field is from that the API server names. */
function saidBy(text: string, { template, origins }: Pick<TriedPod, "template" | "origins">): string {
  const [path] = /\b(?:spec|metadata)(?:\.[A-Za-z]+|\[\d+\])+/.exec(text) ?? [];
  if (path === undefined) return "";
  const place = path.replaceAll(/\[(\d+)\]/g, ".$1").split(".");
  const here = origins.filter(({ at }) => place.every((part, step) => String(at[step]) === part));
  const owners = new Set(
    here.map(({ of }) => (of?.by === "template" ? of.name : of?.by === "defaults" ? "defaults.template" : "")),
  );
  const [owner = ""] = owners;
  return owners.size === 1 && owner !== "" && owner !== template ? ` (${owner} says so)` : "";
}
