import type { Amounts } from "@kubestack/contracts";
import type { WaitReason } from "../shortfall.ts";
import { type CappedResource, type Caps, dominant, plus } from "./amounts.ts";
import type { OtherSharer, Refusal, Sharer } from "./divide.ts";
import { fairShares } from "./fair-shares.ts";

/** Whose caps they are, in words, and the keys of the configuration that say them. */
export interface CapNames {
  readonly who: string;
  readonly keys: Readonly<Record<CappedResource, string>>;
}

export const capsOfAll: CapNames = {
  who: "all masters",
  keys: { slaves: "limits.maxSlaves", cpu: "limits.cpu", memory: "limits.memory" },
};

export function capsOfMaster(name: string): CapNames {
  const keys = { slaves: "masters[].maxSlaves", cpu: "masters[].cpu", memory: "masters[].memory" };
  return { who: `master ${name}`, keys };
}

/** By what name pods that are no slaves count under the caps of all masters: none that a master can have. */
export const foreignPods = "pods of the Kubernetes plugin";

/** What a refusal is told from. */
export interface Told {
  readonly names: CapNames;
  readonly caps: Caps;
  readonly ask: Amounts;
  /** The master, with what it was granted just now. */
  readonly own: Sharer;
  /** What it still wants, those included that are refused. */
  readonly want: Amounts;
  readonly others: readonly OtherSharer[];
}

/** Why a launch is not made, with numbers. */
export function toldRefusal(refusal: Refusal, told: Told): Pick<WaitReason, "code" | "reason"> {
  const { names, caps } = told;
  switch (refusal.kind) {
    case "too-large": {
      const { of } = refusal;
      const most = printAmount(of, caps[of] ?? 0);
      const reason = `it asks for ${printAmount(of, refusal.ask)}, and ${names.who} may have ${most} (${names.keys[of]})`;
      return { code: "too-large", reason };
    }
    case "full":
      return { code: "cap", reason: toldFull(refusal, told) };
    case "behind": {
      const reason = `a launch before it waits for room: ${names.who} can't have that much more now`;
      return { code: "cap", reason };
    }
    case "share":
      return { code: "share", reason: toldShare(refusal.before, told) };
  }
}

function toldFull(
  { of, used }: Extract<Refusal, { kind: "full" }>,
  { names, caps, ask, others }: Pick<Told, "names" | "caps" | "ask" | "others">,
): string {
  const areAt = names.who === capsOfAll.who ? "are at their cap" : "is at its cap";
  const cap = caps[of] ?? 0;
  const foreign = others.find(({ name }) => name === foreignPods)?.used[of] ?? 0;
  const besides = foreign === 0 ? "" : `, ${printBare(of, foreign)} of it ${foreignPods}`;
  if (of === "slaves") return `${names.who} ${areAt}: ${used}/${cap} slaves${besides} (${names.keys.slaves})`;
  const part = `${printBare(of, used)} of ${printAmount(of, cap)}${besides}`;
  return `${names.who} ${areAt}: ${part}, and it asks for ${printBare(of, ask[of])} (${names.keys[of]})`;
}

function toldShare(before: readonly string[], { caps, own, want, others }: Told): string {
  const { of } = dominant(own.used, caps);
  const cap = caps[of] ?? 0;
  const all = [{ ...own, want }, ...others];
  const shares = fairShares(
    cap,
    all.map((one) => ({ weight: one.weight, demand: plus(one.used, one.want)[of] })),
  );
  const shareOf = (at: number): number => Math.floor(shares[at] ?? 0);
  const own_ = `${printBare(of, own.used[of])} of ${printAmount(of, cap)}`;
  const isAtShare = own.used[of] === shareOf(0);
  const head = isAtShare
    ? `master ${own.name} is at its share: ${own_}`
    : `master ${own.name} has ${own_}, and its share is ${printBare(of, shareOf(0))}`;
  const [name, ...more] = before;
  const other = others.find((one) => one.name === name);
  const waits = other === undefined ? "" : `; master ${other.name} waits for ${other.want.slaves} below its own`;
  return `${head}${waits}${toldMore(more.length)}`;
}

function toldMore(count: number): string {
  if (count === 0) return "";
  return count === 1 ? ", as does another one" : `, as do ${count} others`;
}

/** `12 cpu`, `1.5 cpu`, `11.5Gi of memory`, `800 slaves`. */
function printAmount(of: CappedResource, amount: number): string {
  const text = printBare(of, amount);
  return of === "memory" ? `${text} of memory` : `${text} ${of}`;
}

const gibi = 1024 ** 3;

function printBare(of: CappedResource, amount: number): string {
  if (of === "slaves") return String(amount);
  if (of === "cpu") return String(Math.round(amount) / 1000);
  return `${Math.round((amount / gibi) * 100) / 100}Gi`;
}
