import { z } from "zod";

/** What the publisher tells of a build, by the beginning of its frame. */
export const topics = { started: "onStarted", completed: "onCompleted", finalized: "onFinalized" } as const;
export type Moment = keyof typeof topics;

/** What one frame tells. Whoever reaches the port may have written it: it says where to look, never what is so. */
export interface Notice {
  readonly moment: Moment;
  /** The node that ran the build; null where the publisher names none: pipelines, the master's own executors, old publishers. */
  readonly node: string | null;
  /** The build's whole address; null where the master does not know its own. */
  readonly url: string | null;
}

/** A frame as it was understood, or why it was not. */
export type Reading = { readonly notice: Notice } | { readonly unreadable: string };

/** Frames longer than this, in bytes, are not looked into. Usual ones have a few hundred. */
export const longestFrame = 256 * 1024;

const momentOf: ReadonlyMap<string, Moment> = new Map(
  Object.entries(topics).map(([moment, topic]) => [topic, moment as Moment]),
);

/** Of all that is told only what is used; `name` is left out, since it is the job's last name, without its folders. */
const contentSchema = z.object({
  build: z.object({ full_url: z.string().max(4096).nullish(), node_name: z.string().max(512).nullish() }),
});

const decoder = new TextDecoder();

/** Reads one message of the ZMQ event publisher: a single part, `TOPIC`, a blank, and JSON. Never raises. */
export function readFrame(parts: readonly Uint8Array[]): Reading {
  const [frame] = parts;
  if (frame === undefined || parts.length !== 1) return { unreadable: `it has ${parts.length} parts instead of one` };
  if (frame.length > longestFrame) return { unreadable: `it has ${frame.length} bytes, more than ${longestFrame}` };
  const text = decoder.decode(frame);
  const blank = text.indexOf(" ");
  const moment = momentOf.get(text.slice(0, Math.max(0, blank)));
  if (moment === undefined) return { unreadable: "it begins with no known topic" };
  const content = contentSchema.safeParse(parsed(text.slice(blank + 1)));
  if (!content.success) return { unreadable: "what follows its topic is not what the publisher sends" };
  const { full_url: url, node_name: node } = content.data.build;
  return { notice: { moment, node: node || null, url: url || null } };
}

/** Undefined where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
