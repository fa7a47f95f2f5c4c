import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Wording } from "@kubestack/jenkins-simulator";
import { startNatsServer } from "@kubestack/real-parts";
import { quantile, type Ratio, rounded } from "../measure.ts";

export interface Size {
  readonly items: number;
  readonly computers: number;
}

/** What the reader is told. */
export interface ToRead {
  readonly nats: string;
  readonly url: string;
  readonly user: string;
  readonly token: string;
  readonly rounds: number;
}

/** What the reader measured, in milliseconds of its own processor time for each round. */
export interface Reading {
  readonly roundMs: readonly number[];
  readonly readBackMs: readonly number[];
  /** What the last round held, and of how many items the label was not found. */
  readonly items: number;
  readonly computers: number;
  readonly unknown: number;
  readonly peakMegabytes: number;
  readonly heapMegabytes: number;
}

const size: Size = { items: 5_000, computers: 2_000 };
/** Milliseconds of processor time that reading such a master may take, from the requests to the published round. */
const limitMs = 250;
const rounds = 25;
/** Those before are slower: code is compiled, and an old master's jobs are asked for their labels. */
const warmUps = 10;

/** What one round of a large master costs the demand-collector, as today's Jenkins and as an old one phrase it. */
export async function benchRound(): Promise<Ratio[]> {
  const nats = await startNatsServer();
  try {
    const ratios: Ratio[] = [];
    for (const wording of ["2.579", "1.651"] as const) ratios.push(await measure(wording, nats.url));
    return ratios;
  } finally {
    await nats.stop();
  }
}

async function measure(wording: Wording, nats: string): Promise<Ratio> {
  const master = start("large-master.ts");
  const reader = start("reader.ts");
  try {
    const access = await ask<Omit<ToRead, "nats" | "rounds">>(master, { wording, ...size });
    const read = await ask<Reading>(reader, { nats, rounds, ...access } satisfies ToRead);
    if (read.items < size.items || read.computers < size.computers)
      throw new Error(`the round held ${read.items} items and ${read.computers} computers`);
    const ms = quantile(read.roundMs.slice(warmUps), 0.5);
    return {
      name: `milliseconds of processor time for a round of ${size.items} items and ${size.computers} computers of Jenkins ${wording}, to ${limitMs}`,
      ratio: rounded(ms / limitMs),
      limit: 1,
      figures: {
        ms: rounded(ms),
        firstMs: rounded(read.roundMs[0] ?? Number.NaN),
        worstMs: rounded(Math.max(...read.roundMs.slice(warmUps))),
        readBackMs: rounded(quantile(read.readBackMs.slice(warmUps), 0.5)),
        items: read.items,
        withoutLabel: read.unknown,
        computers: read.computers,
        peakMegabytes: rounded(read.peakMegabytes),
        heapMegabytes: rounded(read.heapMegabytes),
      },
    };
  } finally {
    for (const child of [master, reader]) await end(child);
  }
}

/** As `packages/daemon/bin/kubestackd.js` starts the services: otherwise another amount of garbage would gather. */
const execArgv = ["--max-semi-space-size=8", "--heap-growing-percent=40"];

function start(file: string): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), { execArgv });
}

/** Sends a process its task, and waits for its answer. Rejects where it ends without one. */
async function ask<Answer>(child: ChildProcess, task: object): Promise<Answer> {
  child.send(task);
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnargs.at(-1)} ended with ${code} and said nothing`);
  });
  const [answer] = await Promise.race([once(child, "message"), ended]);
  return answer as Answer;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill();
  await ended;
}
