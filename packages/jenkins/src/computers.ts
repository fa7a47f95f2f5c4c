import type { Computer, RunningBuild } from "@kubestack/contracts";
import { z } from "zod";
import { segment } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import { sessionOf } from "./probe.ts";

/** The whole fleet of a master as one answer showed it. */
export interface Fleet {
  readonly computers: Computer[];
  /** Which start of the master answered; null where it does not tell. */
  readonly session: string | null;
  /** How many entries could not be read, and why the first of them could not. They are missing above, not gone. */
  readonly skipped: number;
  readonly skippedBecause: string | null;
}

/** One node as one answer showed it. */
export interface NodeReading {
  /** Null: the master has none of this name, or does not show it to us. */
  readonly computer: Computer | null;
  /** Which start of the master answered; null where it does not tell. */
  readonly session: string | null;
}

const fields =
  "displayName,idle,offline,temporarilyOffline,numExecutors,assignedLabels[name]," +
  "executors[idle,currentExecutable[url,number,queueId]]";

const executableSchema = z.object({
  url: z.string().nullish(),
  number: z.number().int().nullish(),
  /** Builds of Jenkins 1.601 and later; -1 where a build came from no queue. */
  queueId: z.number().int().nullish(),
});

const computerBeanSchema = z.object({
  displayName: z.string().min(1).max(512),
  idle: z.boolean(),
  offline: z.boolean(),
  temporarilyOffline: z.boolean(),
  numExecutors: z.number().int().nonnegative(),
  /** Jenkins 2.94 and later. */
  assignedLabels: z.array(z.object({ name: z.string().nullish() })).nullish(),
  executors: z.array(z.object({ currentExecutable: executableSchema.nullish() })).nullish(),
});

const fleetSchema = z.object({ computer: z.array(z.unknown()) });

const longestLabel = 256;
const longestUrl = 4096;

/** Reads every node of the master in one request. */
export async function readComputers(session: Session): Promise<Fleet> {
  const { value, answer } = await session.readJson(
    { path: "computer/", tree: `computer[${fields}]`, what: "to show its nodes" },
    fleetSchema,
  );
  const computers: Computer[] = [];
  let skipped = 0;
  let skippedBecause: string | null = null;
  for (const entry of value.computer) {
    const bean = computerBeanSchema.safeParse(entry);
    if (bean.success) computers.push(computerOf(bean.data));
    else {
      skipped += 1;
      skippedBecause ??= z.prettifyError(bean.error).slice(0, 300);
    }
  }
  return { computers, session: sessionOf(answer), skipped, skippedBecause };
}

/** Reads one node; null where the master has none of this name, or does not show it to us. */
export async function readComputer(session: Session, name: string): Promise<Computer | null> {
  return (await readNode(session, name)).computer;
}

/**
 * The same, with the start of the master that answered: that it has no such node may be since it was started anew. Where an
 * answer tells no start, it may be of whoever stands before a master that is away: then the whole fleet settles it.
 */
export async function readNode(session: Session, name: string): Promise<NodeReading> {
  const path = `computer/${segment(name)}/`;
  const what = `to show node ${name}`;
  const { value, answer } = await session.readJsonIfThere({ path, tree: fields, what }, computerBeanSchema);
  if (value !== null) return { computer: computerOf(value), session: sessionOf(answer) };
  if (sessionOf(answer) !== null) return { computer: null, session: sessionOf(answer) };
  const fleet = await readComputers(session);
  return { computer: fleet.computers.find((one) => one.name === name) ?? null, session: fleet.session };
}

/**
 * `offline` is true for a marked node as well as for one without a channel. An executable is there if it is an object,
 * even an empty one: pipelines and jobs hidden from us show no more. Work outside the executors (a pipeline's own
 * thread, a matrix parent) shows in `idle` alone.
 */
function computerOf(bean: z.infer<typeof computerBeanSchema>): Computer {
  const builds = (bean.executors ?? [])
    .map((executor) => executor.currentExecutable)
    .filter((executable) => executable !== null && executable !== undefined)
    .map(runningBuildOf);
  const labels = bean.assignedLabels?.map((label) => label.name ?? "") ?? null;
  return {
    name: bean.displayName,
    online: !bean.offline,
    markedOffline: bean.temporarilyOffline,
    idle: bean.idle,
    executors: bean.numExecutors,
    labels: labels?.filter((label) => label !== "" && label.length <= longestLabel) ?? null,
    builds,
  };
}

function runningBuildOf({ url, number, queueId }: z.infer<typeof executableSchema>): RunningBuild {
  const item = typeof queueId === "number" && queueId > 0 ? { item: String(queueId) } : {};
  return { url: (url ?? "").slice(0, longestUrl), number: number ?? null, ...item };
}
