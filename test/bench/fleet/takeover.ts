import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { readExposition } from "@kubestack/metrics/testing";
import type { RunningProcess } from "@kubestack/real-parts";
import { type Ratio, rounded } from "../measure.ts";
import { countRequests } from "./requests.ts";
import type { FleetSite } from "./site.ts";

/** Within this time after the death of their owner, in seconds, all slaves are to be supervised again. */
const promisedSeconds = 5;
/** A holder that is not the first in the order hands over some ten seconds after the other came: that is waited for. */
const settlingMs = 20_000;
/** What a takeover sets going is there by then. */
const aftermathMs = 10_000;
const patienceMs = 60_000;
const pollMs = 20;

/** A line of the log, with what is said of a takeover. */
interface Line {
  readonly time: string;
  readonly msg: string;
  readonly slaves?: number;
  readonly lastSignMs?: number;
}

/**
 * Kills the `kubestackd` that has the master, with all its slaves, and measures how long it takes until another one
 * supervises them. Fails where that makes or removes a pod, or loses a slave.
 */
export async function benchTakeover(site: FleetSite, slaves: number, tell: (line: string) => void): Promise<Ratio> {
  const second = await site.another();
  await pause(settlingMs);
  const processes = [site.kubestackd, second];
  const held = await Promise.all(processes.map(holdsTheMaster));
  const [owner, heir] = held[0] ? [site.kubestackd, second] : [second, site.kubestackd];
  if (held.filter(Boolean).length !== 1) throw new Error(`${held.filter(Boolean).length} processes hold the master`);
  const before = await changesOfPods(site);
  const takeovers = (await takeoversIn(heir)).length;

  const killedAt = Date.now();
  owner.send("SIGKILL");
  const line = await until(async () => (await takeoversIn(heir))[takeovers]);
  const seconds = (Date.parse(line.time) - killedAt) / 1000;
  const told = await figuresOf(heir);
  const supervised = told.sum("kubestack_slaves") ?? 0;
  tell(`a kubestackd with ${slaves} slaves was killed; they were supervised again after ${rounded(seconds)} s`);
  await pause(aftermathMs);
  const changes = (await changesOfPods(site)) - before;
  if (supervised !== slaves || line.slaves !== slaves || changes !== 0)
    throw new Error(
      `of ${slaves} slaves ${supervised} were supervised, and ${changes} pods were made or removed by it`,
    );
  return {
    name: `seconds from the death of the owner of ${slaves} slaves until all are supervised, to ${promisedSeconds}`,
    ratio: rounded(seconds / promisedSeconds),
    limit: 1,
    figures: {
      seconds: rounded(seconds),
      sinceLastSignSeconds: rounded((line.lastSignMs ?? Number.NaN) / 1000),
      supervised,
      podsMadeOrRemoved: changes,
      duplicateLaunches: (await figuresOf(heir)).sum("kubestack_duplicate_launches_total") ?? Number.NaN,
    },
  };
}

async function linesOf(process: RunningProcess): Promise<Line[]> {
  const text = await readFile(process.logFile, "utf8");
  return text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));
}

async function takeoversIn(process: RunningProcess): Promise<Line[]> {
  return (await linesOf(process)).filter(({ msg }) => msg === "took the master over");
}

/** What the process tells of itself, where its log says it does. */
async function figuresOf(process: RunningProcess) {
  const said = (await linesOf(process)).find(({ msg }) => msg.startsWith("metrics are at "));
  const answer = await fetch(said?.msg.slice("metrics are at ".length) ?? "", { signal: AbortSignal.timeout(5_000) });
  return readExposition(await answer.text());
}

async function holdsTheMaster(process: RunningProcess): Promise<boolean> {
  return (await figuresOf(process)).sum("kubestack_lease_held", { service: "slave-supervisor" }) === 1;
}

/** Pods made and removed so far, as the API server wrote it down. */
async function changesOfPods({ auditFile }: FleetSite): Promise<number> {
  const counts = await countRequests(auditFile);
  return (counts.get("create pods") ?? 0) + (counts.get("delete pods") ?? 0);
}

async function until<T>(find: () => Promise<T | undefined>): Promise<T> {
  for (let waitedMs = 0; waitedMs < patienceMs; waitedMs += pollMs) {
    const found = await find();
    if (found !== undefined) return found;
    await pause(pollMs);
  }
  throw new Error(`nobody took the master over within ${patienceMs / 1000} s`);
}
