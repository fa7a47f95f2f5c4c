import type { CapacitySituation, Pool, WantedPods } from "@kubestack/capacity";

const GiB = 2 ** 30;

/** Numbers from 0 to 1 that look random and are the same each time. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Pools of many machines, and pods of as many shapes as a large site has templates and sizes. */
export function siteOf(size: {
  readonly pods: number;
  readonly shapes: number;
  readonly pools: number;
}): CapacitySituation {
  const random = numbers(7);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const pools = Array.from({ length: size.pools }, (_none, at): Pool => {
    const cpu = pick([2, 4, 8, 16, 32, 48, 64]);
    const memory = cpu * pick([2, 4, 8]);
    const isSpot = random() < 0.5;
    const price = (0.03 * cpu + 0.004 * memory) * (0.8 + 0.4 * random()) * (isSpot ? 0.4 : 1);
    return {
      name: `pool-${at}`,
      nodeLabels: { pool: `pool-${at}` },
      taints: at % 4 === 0 ? [{ key: "ci", value: String(at % 8), effect: "NoSchedule" }] : [],
      shape: { cpu: cpu * 1000, memory: memory * GiB, pods: 110 },
      ...{ min: 0, max: 200, pricePerHour: Number(price.toFixed(3)), isSpot },
      ...{ deliverWithinMs: 600_000, scaleDownDelayMs: 300_000, disruptionBudget: 2 },
    };
  });
  const shapes = Array.from({ length: size.shapes }, (_none, at): { names: string[] } & WantedPods => {
    const cpu = pick([0.5, 1, 1.5, 2, 3, 4, 6, 8]) * 1000;
    const memory = Math.round((cpu / 1000) * pick([0.5, 1, 2, 4, 6]) * GiB);
    const tolerations = at % 3 === 0 ? [{ key: "ci", value: String(at % 8), effect: "NoSchedule" }] : [];
    return { needs: { requests: { cpu, memory: memory + at * 2 ** 20 }, tolerations }, names: [] };
  });
  for (let pod = 0; pod < size.pods; pod += 1) pick(shapes).names.push(`s${pod}`);
  return { pools, nodes: [], pods: [], wanted: shapes, memories: new Map(), now: 0 };
}
