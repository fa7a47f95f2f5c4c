import { hasCode } from "@kubestack/contracts";
import { z } from "zod";
import { jobNameOf, segment } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import type { OwnPath } from "./own-address.ts";
import { sessionOf } from "./probe.ts";

/** One build as the master tells it. */
export interface Build {
  readonly job: string;
  readonly number: number;
  readonly building: boolean;
  /** SUCCESS, UNSTABLE, FAILURE, NOT_BUILT or ABORTED; null until it is known. */
  readonly result: string | null;
  /** The node it ran on: "" is the master itself; null where it does not tell: pipelines run on several, and a build of a moment ago has none yet. */
  readonly builtOn: string | null;
  /** Start, in milliseconds since the epoch by the master's clock. */
  readonly timestamp: number;
  /** 0 while it runs. */
  readonly durationMs: number;
  /** Which start of the master answered; null where it does not tell. */
  readonly session: string | null;
}

/** Where an item of the queue is or went. */
export type QueueItemFate =
  | { readonly kind: "waiting" }
  | { readonly kind: "cancelled" }
  | { readonly kind: "build"; readonly number: number; readonly url: string };

const buildSchema = z.object({
  number: z.number().int(),
  building: z.boolean(),
  result: z.string().max(64).nullish(),
  builtOn: z.string().max(512).nullish(),
  timestamp: z.number(),
  duration: z.number(),
});

const itemSchema = z.object({
  cancelled: z.boolean().nullish(),
  executable: z.object({ number: z.number().int(), url: z.string().max(4096) }).nullish(),
});

/** Reads a build by the address that an executor or an item names. Raises not-found where it was deleted. */
export async function readBuild(session: Session, ownPath: OwnPath, url: string): Promise<Build> {
  const path = await ownPath(url);
  const { value, answer } = await session.readJson(
    { path, tree: "number,building,result,builtOn,timestamp,duration", what: "to show a build" },
    buildSchema,
  );
  return {
    job: jobNameOf(url) ?? "",
    number: value.number,
    building: value.building,
    result: value.result ?? null,
    builtOn: value.builtOn ?? null,
    timestamp: value.timestamp,
    durationMs: value.duration,
    session: sessionOf(answer),
  };
}

const newestSchema = z.object({
  lastBuild: z.object({ number: z.number().int(), url: z.string().max(4096) }).nullish(),
});

/** The youngest build of the job at this address; null where it has none. Raises not-found where the job is gone. */
export async function readNewestBuild(
  session: Session,
  ownPath: OwnPath,
  jobUrl: string,
): Promise<{ readonly number: number; readonly url: string } | null> {
  const { value } = await session.readJson(
    { path: await ownPath(jobUrl), tree: "lastBuild[number,url]", what: "to show a job's newest build" },
    newestSchema,
  );
  return value.lastBuild ?? null;
}

/**
 * Follows an item that is in the queue or left it. Null: the master does not tell (any more): Jenkins keeps it for
 * about five minutes, Hudson not at all.
 */
export async function readQueueItem(session: Session, id: string): Promise<QueueItemFate | null> {
  try {
    const { value } = await session.readJson(
      {
        path: `queue/item/${segment(id)}/`,
        tree: "cancelled,executable[number,url]",
        what: "to show an item of its queue",
      },
      itemSchema,
    );
    if (value.executable) return { kind: "build", number: value.executable.number, url: value.executable.url };
    return { kind: value.cancelled === true ? "cancelled" : "waiting" };
  } catch (error) {
    if (hasCode(error, "not-found")) return null;
    throw error;
  }
}
