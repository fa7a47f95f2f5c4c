import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { decideCapacity } from "@kubestack/capacity";
import { processorMs, quantile, type Ratio, rounded } from "../measure.ts";
import { siteOf } from "./site.ts";

/** Milliseconds of processor time that one decision may take, once code is compiled, and megabytes that it may need. */
const limits = { ms: 50, megabytes: 100 } as const;
const site = { pods: 10_000, shapes: 200, pools: 100 } as const;
const warmUps = 10;
const rounds = 15;

/** A decision on very many pods and pools, from nothing. */
export function benchCapacity(): Ratio {
  const situation = siteOf(site);
  const taken: number[] = [];
  for (let round = 0; round < warmUps + rounds; round += 1) {
    const ms = processorMs(() => decideWhole());
    if (round >= warmUps) taken.push(ms);
  }
  const medianMs = quantile(taken, 0.5);
  return {
    name: `nodes of ${site.pools} pools for ${site.pods} pods of ${site.shapes} shapes to ${limits.ms} ms`,
    ratio: rounded(medianMs / limits.ms),
    limit: 1,
    figures: { medianMs: rounded(medianMs), mostMs: rounded(quantile(taken, 1)) },
  };

  function decideWhole(): void {
    const { unplaced } = decideCapacity(situation);
    if (unplaced.length > 0) throw new Error(`${unplaced.length} shapes found no place`);
  }
}

/** How much memory the same takes in a process that does nothing else, beyond what it had before. */
export function benchCapacityMemory(): Ratio {
  const alone = fileURLToPath(new URL("memory-alone.ts", import.meta.url));
  const megabytes = Number(execFileSync(process.execPath, [alone], { encoding: "utf8", timeout: 60_000 }));
  return {
    name: `memory of that decision to ${limits.megabytes} MB`,
    ratio: rounded(megabytes / limits.megabytes),
    limit: 1,
    figures: { megabytes: rounded(megabytes) },
  };
}
