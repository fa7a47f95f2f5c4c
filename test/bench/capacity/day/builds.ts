import type { PodNeeds } from "@kubestack/contracts";
import { numbers } from "../site.ts";

const GiB = 2 ** 30;
const secondMs = 1000;
const hourMs = 3600 * secondMs;

/** A build of the day. */
export interface Build {
  readonly name: string;
  readonly needs: PodNeeds;
  readonly at: number;
  readonly ms: number;
}

/** Cores, gigabytes, the share of all builds together with those before, and how many minutes such builds take in the mean. */
const shapes = [
  { cpu: 1, memory: 2, upTo: 0.35, minutes: 4 },
  { cpu: 2, memory: 4, upTo: 0.7, minutes: 8 },
  { cpu: 4, memory: 12, upTo: 0.9, minutes: 12 },
  { cpu: 8, memory: 16, upTo: 1, minutes: 20 },
].map(({ cpu, memory, ...of }) => ({ ...of, needs: { requests: { cpu: cpu * 1000, memory: memory * GiB } } }));

/** Builds an hour by the hour of the day: a quiet night, two peaks. */
const perHour = [10, 8, 8, 8, 10, 15, 30, 80, 180, 260, 280, 240, 160, 220, 280, 260, 200, 120, 70, 40, 30, 25, 20, 15];

/** What a site builds from one hour to another: by the hour, with bursts of some dozens at once, such as a merge that builds everything. */
export function buildsOf(hours: { readonly from: number; readonly to: number }, seed: number): Build[] {
  const random = numbers(seed);
  const builds: Build[] = [];
  const add = (at: number) => {
    const luck = random();
    const shape = shapes.find(({ upTo }) => luck < upTo);
    if (shape === undefined) return;
    const ms = shape.minutes * 60 * secondMs * (0.4 + 1.2 * random());
    builds.push({ name: `s${builds.length + 1}`, needs: shape.needs, at, ms });
  };
  for (let hour = hours.from; hour < hours.to; hour += 1) {
    const begin = (hour - hours.from) * hourMs;
    const count = perHour[hour % 24] ?? 0;
    for (let one = 0; one < count; one += 1) add(begin + random() * hourMs);
    if (count < 100) continue;
    const burstAt = begin + random() * hourMs;
    for (let one = 0; one < 60; one += 1) add(burstAt + random() * 5 * secondMs);
  }
  return builds.sort((a, b) => a.at - b.at);
}
