import { type DaysEnd, live, type Schedule } from "./schedule.ts";
import type { ServiceName, Site } from "./site.ts";

/** Where a process ends: at its nth request since the first, before it is sent or while its answer is on the way. */
export interface CrashPoint {
  readonly service: ServiceName;
  readonly at: number;
  readonly when: "before" | "sent";
  /** Only these requests count. Default: all. */
  readonly among?: readonly string[];
}

/** A day so small that every one of its crash points can be tried. */
export const smallDay: Omit<Schedule, "seed"> = {
  builds: 2,
  wishes: ["python", "go"],
  templates: [
    { name: "python", labels: ["python"] },
    { name: "go", labels: ["go"] },
  ],
  takesMs: [2_000, 4_000],
};

/** How long a process stands still, in milliseconds: longer than its lease, so that another one has taken over. */
const pauseMs = 25_000;

/** What a service's requests are called, whichever slave they are about. */
function kindOf(request: string): string {
  return request.replace(/ks-m-[0-9a-v]+/, "<slave>").replace(/job-\d/, "<job>");
}

/** A day on which something befalls a service at one of its requests. */
async function befall(
  { service, at, when, among }: CrashPoint,
  seed: number,
  { what, changed = {} }: { what: (site: Site) => void; changed?: Partial<Schedule> | undefined },
): Promise<{ day: DaysEnd; request: string | undefined }> {
  let count = 0;
  let request: string | undefined;
  const disturb = (site: Site): undefined => {
    const victim = site.process(service);
    site.time.onRequest = (process, asked, phase) => {
      if (request !== undefined || phase !== when || process !== victim) return;
      if (among?.includes(kindOf(asked)) === false) return;
      count += 1;
      if (count <= at) return;
      request = kindOf(asked);
      site.time.apart(() => what(site));
    };
  };
  return { day: await live({ ...smallDay, ...changed, seed, disturb }), request };
}

/** A day on which a service dies at one request and is started again a little later; and what that request was. */
export function crashAt(point: CrashPoint, seed: number, changed?: Partial<Schedule>) {
  const what = (site: Site): void => {
    site.kill(point.service);
    site.time.in(1_000, () => void site.start(point.service));
  };
  return befall(point, seed, { what, changed });
}

/** A day on which a service stands still at one request, another process takes its work over, and the first one goes on. */
export function pauseAt(point: CrashPoint, seed: number, changed?: Partial<Schedule>) {
  const what = (site: Site): void => {
    const paused = site.process(point.service);
    site.time.stop(paused);
    void site.startAnother(point.service);
    site.time.in(pauseMs, () => site.time.goOn(paused));
  };
  return befall(point, seed, { what, changed });
}
