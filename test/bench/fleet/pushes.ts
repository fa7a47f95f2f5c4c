import { setTimeout as pause } from "node:timers/promises";
import { connectBus } from "@kubestack/bus";
import { type Computer, channels, subjects } from "@kubestack/contracts";
import { quantile, type Ratio, rounded } from "../measure.ts";
import { Builds } from "./builds.ts";
import { type FleetSite, startFleetSite } from "./site.ts";

/** The builds are ended in so many parts, one after the other; the middle one of the parts' figures counts, since any may be disturbed. */
const parts = 5;
const partBuilds = 100;
/** Of a hundred ends of builds ninety-nine are to be looked for within this time, in milliseconds. */
const promisedMs = 50;
/** What the launch of the last slave set going is over by then. */
const settlingMs = 15_000;
/** Between two ends, in milliseconds: long enough to be alone, and never in step with the rounds. */
const pauseMs = (number: number): number => 100 + ((number * 97) % 200);
/** After this the end of a build was found by nobody. */
const patienceMs = 10_000;

/** What is measured of the end of one build, in milliseconds after it happened at the master. */
interface Found {
  /** A reading of the master that shows it was on NATS. */
  readonly lookMs: number;
  /** The slave was being removed for it. */
  readonly drainingMs: number;
}

/**
 * How soon the end of a build is looked for where the master publishes it by ZMQ: from the end itself, before the frame is even
 * written, to the reading on NATS by which the removal begins. `kubestackd` listens at a real publisher; nothing else is going on.
 */
export async function benchPushes(tell: (line: string) => void): Promise<Ratio> {
  const site = await startFleetSite(tell, { publishes: true });
  try {
    const held = new Builds(site.jenkins);
    await held.hold(parts * partBuilds);
    held.expire();
    await pause(settlingMs);
    tell(`${held.running} builds run; each is ended by itself`);
    const found = await endEach(site);
    await held.endAll();
    await site.agents.untilNoPods();
    const looks = found.map(({ lookMs }) => lookMs);
    const drainings = found.map(({ drainingMs }) => drainingMs);
    const p99Ms = middlePart(looks, (part) => quantile(part, 0.99));
    return {
      name: `milliseconds from a build's end, told by ZMQ, to the reading by which its slave's removal begins, at 99 of 100, to ${promisedMs}`,
      ratio: rounded(p99Ms / promisedMs),
      limit: 1,
      figures: {
        builds: found.length,
        medianMs: rounded(middlePart(looks, (part) => quantile(part, 0.5))),
        p99Ms: rounded(p99Ms),
        p99OfAllMs: rounded(quantile(looks, 0.99)),
        worstMs: rounded(Math.max(...looks)),
        drainingMedianMs: rounded(middlePart(drainings, (part) => quantile(part, 0.5))),
        drainingP99Ms: rounded(middlePart(drainings, (part) => quantile(part, 0.99))),
      },
    };
  } finally {
    await site.stop();
  }
}

function middlePart(values: readonly number[], figure: (part: readonly number[]) => number): number {
  const figures = Array.from({ length: parts }, (_, at) =>
    figure(values.slice(at * partBuilds, (at + 1) * partBuilds)),
  );
  return quantile(figures, 0.5);
}

async function endEach({ jenkins, natsUrl }: FleetSite): Promise<Found[]> {
  const bus = await connectBus({ servers: [natsUrl], name: "bench" });
  let shown = (_: readonly Computer[]): void => undefined;
  let drained = (_: string): void => undefined;
  const ends = [
    bus.subscribe(channels.look, subjects.look("backend"), ({ data }) => shown(data.computers)),
    bus.subscribe(channels.demand, subjects.demand("backend"), ({ data }) => shown(data.sources[0]?.computers ?? [])),
    bus.subscribe(channels.slave, subjects.slavesOf("backend"), ({ data }) => {
      if (data.state === "draining") drained(data.slave);
    }),
  ];
  try {
    const found: Found[] = [];
    const running = jenkins.core
      .works()
      .flatMap(({ job, number, node }) => (number !== null && node ? [{ job, number, node }] : []));
    for (const { job, number, node } of running) {
      const began = performance.now();
      const look = new Promise<number>((resolve) => {
        shown = (computers) => {
          const ours = computers.find(({ name }) => name === node);
          if (ours !== undefined && ours.builds.length === 0) resolve(performance.now() - began);
        };
      });
      const draining = new Promise<number>((resolve) => {
        drained = (slave) => {
          if (slave === node) resolve(performance.now() - began);
        };
      });
      jenkins.core.finishBuild(job, { number });
      const late = new AbortController();
      const nobody = pause(patienceMs, undefined, { signal: late.signal }).then(() => {
        throw new Error(`the end of build ${number} of ${job} was not found within ${patienceMs / 1000} s`);
      });
      const [lookMs, drainingMs] = await Promise.race([Promise.all([look, draining]), nobody]);
      late.abort();
      nobody.catch(() => undefined);
      found.push({ lookMs, drainingMs });
      await pause(pauseMs(found.length));
    }
    return found;
  } finally {
    for (const end of ends) end();
    await bus.close();
  }
}
