import { z } from "zod";
import type { MasterOptions } from "./connect.ts";
import { createAgents } from "./http/agents.ts";
import { parseBase, segment } from "./http/master-url.ts";
import { createSend } from "./http/send.ts";
import { createSession, type Session } from "./http/session.ts";
import { defaultTimeouts } from "./http/timeouts.ts";
import { createOwnPath, type OwnPath } from "./own-address.ts";
import { createProbe, type Probe } from "./probe.ts";
import { readHasSwarm } from "./swarm.ts";

/** The master's clock as the header of an answer told it, in whole seconds of its own. */
export interface MasterClock {
  /** Its time minus this machine's, in ms, good to about half a second and half the answer's time. */
  readonly offsetMs: number;
  /** How long the answer took, in ms. */
  readonly answerMs: number;
}

/** What a user sees of a master's jobs, from a look at the first of them. */
export interface JobSight {
  /** Jobs and folders at the top that the user sees, counted up to 200. */
  readonly seen: number;
  /** Whether one of the looked at exports the label that it asks for; null where none is of a kind that could. */
  readonly tellsLabel: boolean | null;
  /** Whether the configuration of one could be read; null where no job was found to try it with. */
  readonly readsConfig: boolean | null;
}

/** Questions to a master that nothing but an examination needs. They change nothing; errors are those of `Master`. */
export interface Examination {
  /** Null: the master's answers bear no date. */
  clock(): Promise<MasterClock | null>;
  jobs(flavour: Probe["flavour"]): Promise<JobSight>;
  /** The names of the clouds that provision agents for a label, or their kind where they tell no name. */
  cloudsOf(label: string): Promise<string[]>;
  /** Whether it has the Swarm plugin. */
  hasSwarm(): Promise<boolean>;
  close(): void;
}

/** Opens no connection yet: the first request does. `ownNow` is this machine's clock. */
export function connectExamination(options: MasterOptions, ownNow: () => number = Date.now): Examination {
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const agents = createAgents({ ...options, connectMs: timeouts.connectMs });
  const session = createSession({
    master: options.name,
    user: options.user,
    base: parseBase(options.url),
    auth: options.auth,
    send: createSend({ ...options, agents, timeouts }),
  });
  const ownPath = createOwnPath(session, createProbe(session), options.publicUrl);
  return {
    clock: () => readClock(session, ownNow),
    jobs: (flavour) => readJobs(session, ownPath, flavour),
    cloudsOf: (label) => readClouds(session, label),
    hasSwarm: () => readHasSwarm(session),
    close: () => agents.close(),
  };
}

async function readClock(session: Session, ownNow: () => number): Promise<MasterClock | null> {
  const sentAt = ownNow();
  const { answer } = await session.readJson({ path: "", tree: "quietingDown", what: "for its time" }, z.unknown());
  const answeredAt = ownNow();
  const said = Date.parse(answer.headers.date ?? "");
  if (Number.isNaN(said)) return null;
  // The header is cut to whole seconds: on average half a second has passed since.
  return { offsetMs: said + 500 - (sentAt + answeredAt) / 2, answerMs: answeredAt - sentAt };
}

const mostJobs = 200;
const jobFields = "_class,url,buildable,labelExpression";
const jobSchema = z.object({
  _class: z.string().optional(),
  url: z.string().optional(),
  /** Folders have none. */
  buildable: z.boolean().nullish(),
  labelExpression: z.string().nullish(),
});
type JobBean = z.output<typeof jobSchema>;
const jobsSchema = z.object({
  jobs: z.array(jobSchema.extend({ jobs: z.array(jobSchema).nullish() })).nullish(),
});

/** Hudson has no folders, and does not understand how to ask for a part of a list. */
const trees: Readonly<Record<Probe["flavour"], string>> = {
  jenkins: `jobs[${jobFields},jobs[${jobFields}]{0,20}]{0,${mostJobs}}`,
  hudson: "jobs[url,buildable]",
};

async function readJobs(session: Session, ownPath: OwnPath, flavour: Probe["flavour"]): Promise<JobSight> {
  const tree = trees[flavour];
  const { value } = await session.readJson({ path: "", tree, what: "to show its jobs" }, jobsSchema);
  const top = (value.jobs ?? []).slice(0, mostJobs);
  const all: JobBean[] = top.flatMap((job) => [job, ...(job.jobs ?? [])]);
  const real = all.filter(({ buildable, url }) => typeof buildable === "boolean" && url !== undefined);
  const labelled = real.filter((job) => "labelExpression" in job);
  return {
    seen: top.length,
    tellsLabel: real.length === 0 ? null : labelled.length > 0,
    readsConfig: real[0]?.url === undefined ? null : await mayReadConfig(session, await ownPath(real[0].url)),
  };
}

async function mayReadConfig(session: Session, path: string): Promise<boolean> {
  const what = "to show a job's configuration";
  return (await session.get({ path: `${path}config.xml`, what, accept: [403, 404] })).status === 200;
}

const cloudsSchema = z.object({
  clouds: z.array(z.object({ _class: z.string().optional(), name: z.string().nullish() })).nullish(),
});

async function readClouds(session: Session, label: string): Promise<string[]> {
  const path = `label/${segment(label)}/`;
  const what = `to tell what provisions label ${label}`;
  const { value } = await session.readJson({ path, tree: "clouds[name]", what }, cloudsSchema);
  return (value.clouds ?? []).map(({ name, _class }) => name || _class?.split(".").at(-1) || "of no name");
}
