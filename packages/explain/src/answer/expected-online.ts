import type { SlaveRecord } from "@kubestack/contracts";
import { utcSecond } from "@kubestack/contracts";
import { printAge } from "../words/age.ts";

/** When the agent of a slave that is on its way is likely to be there, and take its build, by those that came before it. */
export type ExpectedOnline =
  | {
      readonly kind: "likely";
      /** Half of those like it that took as long as this one has already were there by then, in milliseconds of NATS's time. */
      readonly p50: number;
      /** 19 of 20 of them were. */
      readonly p95: number;
      readonly of: number;
    }
  /** None of those like it took as long as this one has. */
  | { readonly kind: "late"; readonly longestMs: number; readonly of: number };

/** By so many of the newest, and by no fewer than these: of fewer nothing can be told. */
const newest = 50;
const fewest = 5;

/**
 * By slaves of the same template, size and master whose agents came: how long that took from their launch on. What a slave did
 * until its build came, as a warm one does, tells nothing of the next. Undefined where too few are known, or the slave is on
 * its way no more. Pure.
 */
export function expectedOnline(
  slave: SlaveRecord,
  all: readonly SlaveRecord[],
  now: number,
): ExpectedOnline | undefined {
  const bornAt = slave.life.trail[0]?.at;
  if (bornAt === undefined || !(slave.state === "requested" || slave.state === "scheduled")) return undefined;
  const took = all
    .filter((one) => isLike(one, slave))
    .flatMap((one) => startOf(one) ?? [])
    .sort((a, b) => b.at - a.at)
    .slice(0, newest)
    .map(({ ms }) => ms)
    .sort((a, b) => a - b);
  if (took.length < fewest) return undefined;
  const longer = took.filter((ms) => ms > now - bornAt);
  if (longer.length === 0) return { kind: "late", longestMs: took.at(-1) ?? 0, of: took.length };
  const at = (share: number) => bornAt + (longer[Math.ceil(longer.length * share) - 1] ?? 0);
  return { kind: "likely", p50: at(0.5), p95: at(0.95), of: took.length };
}

function isLike(one: SlaveRecord, slave: SlaveRecord): boolean {
  return (
    one.name !== slave.name &&
    one.master === slave.master &&
    one.template === slave.template &&
    JSON.stringify(one.size) === JSON.stringify(slave.size)
  );
}

/** When the agent of one came, and how long after its launch. A trail that lost its beginning tells nothing. */
function startOf({ life }: SlaveRecord): { readonly at: number; readonly ms: number } | undefined {
  const [first] = life.trail;
  const at = life.agent.firstOnlineAt;
  return first === undefined || life.trailDropped > 0 || at === null
    ? undefined
    : { at, ms: Math.max(0, at - first.at) };
}

/** `it is likely to be online about 2026-03-04T09:15:26Z, and in 19 of 20 cases by …:55Z (by the last 20 slaves of template maven)`. */
export function printExpected(expected: ExpectedOnline, template: string): string {
  const of = `the last ${expected.of} slaves of template ${template}`;
  return expected.kind === "likely"
    ? `it is likely to be online about ${utcSecond(expected.p50)}, and in 19 of 20 cases by ${utcSecond(expected.p95)} (by ${of})`
    : `it takes longer than any of ${of} did (at most ${printAge(expected.longestMs)})`;
}
