import { endless, type Item, type Packing, type Shape } from "./problem.ts";

/** Cores, gigabytes and pods of one node, and what it costs. */
export function shape(cpu: number, memory: number, pricePerHour: number, of: Partial<Shape> = {}): Shape {
  const takes = { cpu, memory, pricePerHour };
  return { room: Float64Array.of(110, cpu, memory), pricePerHour, rank: 0, most: 100_000, takes, ...of };
}

/** So many pods of such a size, which every shape takes. */
export function item(count: number, cpu: number, memory: number, of: Partial<Item> = {}): Item {
  return {
    ask: Float64Array.of(1, cpu, memory),
    count,
    perNode: Number.POSITIVE_INFINITY,
    accepted: everywhere,
    ...of,
  };
}

const everywhere = Array<boolean>(1000).fill(true);

export function problem(items: readonly Item[], shapes: readonly Shape[], of: Partial<Packing> = {}): Packing {
  return { items, shapes, purse: endless, ...of };
}

/** Instances as sites have them: sizes of builds, machines of a few families whose prices go by their sizes, somewhat. */
export function randomProblem(
  random: () => number,
  size: { readonly kinds: number; readonly pods: number; readonly pools: number },
): Packing {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const shapes = Array.from({ length: size.pools }, () => {
    const cpu = pick([2, 4, 8, 16, 32, 48, 64]);
    const memory = cpu * pick([2, 4, 8]);
    const price = (0.03 * cpu + 0.004 * memory) * (0.6 + 0.8 * random());
    return shape(cpu - 0.2, memory - 1, Number(price.toFixed(3)));
  });
  const items = Array.from({ length: size.kinds }, () => {
    const cpu = pick([0.5, 1, 1.5, 2, 3, 4, 6, 8, 12]);
    return item(1, cpu, Number((cpu * pick([0.5, 1, 2, 4, 6])).toFixed(1)));
  });
  const counts = items.map(() => 0);
  for (let pod = 0; pod < size.pods; pod += 1) {
    const at = Math.floor(random() * items.length);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return problem(
    items.map((one, at) => ({ ...one, count: counts[at] ?? 0 })),
    shapes,
  );
}
