import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { randomOf } from "../chaos/random.ts";
import { readOnce } from "./cost.ts";
import { type Growth, growthsOf, mostGrowth } from "./growth.ts";
import { HostileInputs } from "./hostile-inputs.ts";
import type { FuzzedParser } from "./parser.ts";
import { shortened } from "./shorten.ts";

/** One parse may cost this much of processor time, in milliseconds, where nothing else is said. */
const usualMostMs = 50;
/** The heap may be so much larger at the end than after the first tenth, in bytes: less than one small object for each input. */
export const mostHeldBytes = 3_000_000;
/** What takes longer than all before is read so often again, and the least counts: collecting garbage is nobody's fault. */
const triesAgain = 3;
/** And what costs too much is read so often: the first inputs of a kind are read by code that is not compiled yet. */
const triesOfSlow = 20;
const warmUpShare = 0.1;
const turnEvery = 100;
/** Each try to shorten a slow input takes its time. */
const mostTriesOfSlow = 60;

export interface FuzzOptions {
  readonly inputs: number;
  readonly seed: number;
  /** Collects garbage; undefined: the heap is not measured. */
  readonly collectGarbage?: (() => void) | undefined;
  /** Whether growing inputs are measured. */
  readonly grows: boolean;
  /** What one parse may cost, in milliseconds of processor time; default 50. */
  readonly mostMs?: number;
  /**
   * What costs too much is read again after each of these pauses, in milliseconds, before it is a fault: a machine that others use, too,
   * is slow for seconds at a time, and takes that for the processor's time. Default: none.
   */
  readonly pausesMs?: readonly number[];
}

/** What is wrong with a parser. */
export interface Fault {
  /** In one sentence. */
  readonly says: string;
  /** The input that shows it, as short as it could be made; undefined where it is no single one. */
  readonly input?: string;
}

/** What reading so many hostile inputs came to. */
export interface Findings {
  readonly parser: string;
  readonly inputs: number;
  readonly refused: number;
  /** The dearest input, in milliseconds of processor time. */
  readonly worstMs: number;
  /** By how many bytes the heap grew; undefined where it was not measured. */
  readonly heldBytes: number | undefined;
  /** The family that grows worst; undefined where none was measured. */
  readonly growth: Growth | undefined;
  readonly faults: readonly Fault[];
}

/** Lets a parser read hostile inputs, and measures it. Stops at the first input that raises what it must not, or costs too much. */
export async function fuzz(parser: FuzzedParser, options: FuzzOptions): Promise<Findings> {
  const { inputs, seed, collectGarbage, mostMs = parser.mostMs ?? usualMostMs, pausesMs = [] } = options;
  const hostile = new HostileInputs(parser, randomOf(seed));
  const warmUp = Math.ceil(inputs * warmUpShare);
  const faults: Fault[] = [];
  let [read, refused, worstMs, heldBefore] = [0, 0, 0, 0];
  for (; read < inputs && faults.length === 0; read += 1) {
    if (read === warmUp) heldBefore = heldBytes(collectGarbage);
    // What a library closes in a turn of its own is not held.
    if (read % turnEvery === 0) await nextTurn();
    const input = hostile.next();
    const outcome = await readOnce(parser.read, input);
    if (outcome.isRefused) refused += 1;
    const ms =
      outcome.ms > worstMs ? await patientLeastOf(parser, input, { first: outcome.ms, mostMs, pausesMs }) : outcome.ms;
    worstMs = Math.max(worstMs, ms);
    if ("raised" in outcome) faults.push(await raisedFault(parser, input, outcome.raised));
    else if (ms > mostMs) faults.push(await slowFault(parser, input, { ms, mostMs }));
  }
  await nextTurn();
  const held = collectGarbage === undefined || faults.length > 0 ? undefined : heldBytes(collectGarbage) - heldBefore;
  if (held !== undefined && held > mostHeldBytes)
    faults.push({
      says: `the heap is ${Math.round(held / 1000)} kB larger after ${inputs} inputs than after ${warmUp}`,
    });
  const growths = options.grows && faults.length === 0 ? await growthsOf(parser) : [];
  for (const growth of growths) faults.push(...growthFaults(growth));
  return {
    parser: parser.name,
    inputs: read,
    refused,
    worstMs,
    heldBytes: held,
    growth: growths.toSorted((a, b) => b.ratio - a.ratio)[0],
    faults,
  };
}

function heldBytes(collectGarbage: (() => void) | undefined): number {
  collectGarbage?.();
  return process.memoryUsage().heapUsed;
}

async function patientLeastOf(
  parser: FuzzedParser,
  input: string,
  { pausesMs, ...of }: { readonly first: number; readonly mostMs: number; readonly pausesMs: readonly number[] },
): Promise<number> {
  let least = await leastOf(parser, input, of);
  for (const ms of pausesMs) {
    if (least <= of.mostMs) break;
    await pause(ms);
    least = await leastOf(parser, input, { ...of, first: least });
  }
  return least;
}

/** The least of some tries; while that is too much, of some more. */
async function leastOf(
  { read }: FuzzedParser,
  input: string,
  { first = Number.POSITIVE_INFINITY, mostMs }: { readonly first?: number; readonly mostMs: number },
): Promise<number> {
  let least = first;
  for (let tries = 0; tries < triesAgain || (least > mostMs && tries < triesOfSlow); tries += 1)
    least = Math.min(least, (await readOnce(read, input)).ms);
  return least;
}

async function raisedFault({ read }: FuzzedParser, input: string, raised: unknown): Promise<Fault> {
  const short = await shortened(input, async (part) => "raised" in (await readOnce(read, part)));
  const { raised: last = raised } = await readOnce(read, short);
  return { says: `it raised ${wordsOf(last)}`, input: short };
}

async function slowFault(
  parser: FuzzedParser,
  input: string,
  { ms, mostMs }: { ms: number; mostMs: number },
): Promise<Fault> {
  const isSlow = async (part: string) => (await leastOf(parser, part, { mostMs })) > mostMs;
  const short = await shortened(input, isSlow, mostTriesOfSlow);
  return { says: `it took ${Math.round(ms)} ms of processor time, more than ${mostMs}`, input: short };
}

function growthFaults({ family, size, ratio, raised }: Growth): Fault[] {
  if (raised !== undefined) return [{ says: `at the ${family}, ${size} characters, it raised ${wordsOf(raised)}` }];
  if (ratio <= mostGrowth) return [];
  return [{ says: `twice the ${family} cost ${ratio.toFixed(1)} times as much, at ${size} characters` }];
}

function wordsOf(raised: unknown): string {
  const words = raised instanceof Error ? `${raised.name}: ${raised.message}` : String(raised);
  return words.split("\n", 6).join(" ").slice(0, 500);
}
