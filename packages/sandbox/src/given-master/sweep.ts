import { setTimeout as sleep } from "node:timers/promises";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import { type HudsonAdmin, hudsonAdmin } from "@kubestack/real-parts";
import type { GivenMaster } from "./given-master.ts";

const mostRounds = 10;
const betweenRoundsMs = 1_000;

/**
 * Removes every node and job whose name begins with the run's own prefix, and lets the master go on if the run had quieted it down.
 * Nodes first, so that no build of such a job runs on. Raises `master-refused` with the names of what could not be removed.
 * `pause` waits between two rounds; default: a timer.
 */
export async function sweepMaster(
  given: GivenMaster,
  secret: string,
  pause: (ms: number) => Promise<void> = (ms) => sleep(ms),
): Promise<void> {
  const admin = hudsonAdmin({ url: given.url, user: given.user, password: secret });
  if (given.mayPause) await goOn(admin);
  let trouble: unknown;
  for (let round = 1; ; round += 1) {
    const left = await ownOf(admin, given.prefix);
    if (left.nodes.length + left.jobs.length === 0) return;
    if (round > mostRounds) throw notSwept(given, [...left.nodes, ...left.jobs], trouble);
    if (round > 1) await pause(betweenRoundsMs);
    for (const [names, remove] of [[left.nodes, admin.deleteNode] as const, [left.jobs, admin.deleteJob] as const]) {
      for (const name of names) {
        await remove(name).catch((error: unknown) => {
          trouble = error;
        });
      }
    }
  }
}

async function ownOf(admin: HudsonAdmin, prefix: string): Promise<{ nodes: string[]; jobs: string[] }> {
  const isOwn = (name: string) => name.startsWith(prefix);
  const nodes = (await admin.nodes()).map((node) => node.displayName);
  return { nodes: nodes.filter(isOwn), jobs: (await admin.jobs()).filter(isOwn) };
}

async function goOn(admin: HudsonAdmin): Promise<void> {
  await admin.call("cancelQuietDown", { method: "POST", contentType: "application/x-www-form-urlencoded" });
}

function notSwept({ url }: GivenMaster, names: readonly string[], trouble: unknown): KubestackError {
  const why = trouble === undefined ? "" : ` (${sentenceOf(trouble)})`;
  return new KubestackError(
    "master-refused",
    `${url} still has what the tests made, to be removed by hand: ${names.join(", ")}${why}.`,
  );
}
