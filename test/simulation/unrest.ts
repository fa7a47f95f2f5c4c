import type { Schedule } from "./schedule.ts";
import type { ServiceName, Site } from "./site.ts";

/** From one event to the next of one service, in milliseconds. */
const betweenMs = [1_000, 15_000] as const;
/** How long a process stands still: shorter and longer than a lease of fifteen seconds. */
const pauseMs = [500, 25_000] as const;
/** How long a connection is broken: shorter and longer than others take to think its process dead. */
const breakMs = [50, 20_000] as const;
/** How often something happens to a service; after that its processes are left alone. */
const events = 12;

/**
 * So many processes of each service, to which something happens again and again: they are killed, stopped for a while, cut
 * off from NATS, asked to end, and further ones are started. At least one is left, or comes back within some seconds.
 */
export function unrest(services: readonly ServiceName[], count = 2): NonNullable<Schedule["disturb"]> {
  return (site) => {
    for (const service of services) {
      for (let more = 1; more < count; more += 1) void site.time.apart(() => site.startAnother(service));
      disturb(site, { service, count, left: events });
    }
    return undefined;
  };
}

function disturb(site: Site, of: { service: ServiceName; count: number; left: number }): void {
  const { time } = site;
  const { service, count, left } = of;
  if (left === 0) {
    // Whoever was asked to end while it was cut off does so only now.
    time.in(pauseMs[1], () => void (site.replicas(service).length > 0 || site.startAnother(service)));
    return;
  }
  time.in(time.between(...betweenMs), () => {
    befall(site, service, count);
    disturb(site, { ...of, left: left - 1 });
  });
}

function befall(site: Site, service: ServiceName, count: number): void {
  const { time } = site;
  const replicas = site.replicas(service);
  const running = replicas.filter(({ state }) => state === "runs");
  const one = running[Math.floor(time.random() * running.length)];
  if (one === undefined || replicas.length < count) return void site.startAnother(service);
  const kind = Math.floor(time.random() * 4);
  if (kind === 0) time.kill(one);
  else if (kind === 1) void site.endOrderly(one);
  else if (kind === 2) site.nats.connections.break(one, time.between(...breakMs));
  else {
    time.stop(one);
    time.in(time.between(...pauseMs), () => time.goOn(one));
  }
}
