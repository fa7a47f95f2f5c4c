import { z } from "zod";
import { jobNameOf } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import { requireIdentity } from "./identity.ts";
import { sessionOf } from "./probe.ts";

/** One item of a master's queue as the master shows it, nothing concluded. */
export interface QueueEntry {
  /** Unique within one session of the master. */
  readonly id: string;
  /** It could start at once if an executor were there. */
  readonly buildable: boolean;
  /** Handed to an executor already. Hudson does not tell: false. */
  readonly pending: boolean;
  readonly blocked: boolean;
  readonly stuck: boolean;
  /** The master's words; "" where it gives none. See `readWhy`. */
  readonly why: string;
  /** Milliseconds since the epoch by the master's clock, or null. */
  readonly inQueueSince: number | null;
  /** When it became buildable; null where the master does not tell. */
  readonly buildableSince: number | null;
  /** The job's full name where its address tells it, else the task's own name; both "" for a task that is hidden from us. */
  readonly job: { readonly name: string; readonly url: string };
  /** null: the job names no label. Missing: this kind of task does not tell (pipelines, Hudson, Jenkins before 2.94). */
  readonly labelExpression?: string | null;
  /** The task's class, where the master tells it (Jenkins 2). */
  readonly taskClass?: string;
}

/** The queue as one answer showed it. */
export interface QueueReading {
  readonly items: QueueEntry[];
  /** Items of jobs that we may discover but not read: they wait, and cannot be served. */
  readonly hidden: number;
  readonly session: string | null;
  /** How many items could not be read, and why the first of them could not. */
  readonly skipped: number;
  readonly skippedBecause: string | null;
}

const tree =
  "items[id,blocked,buildable,stuck,pending,why,inQueueSince,buildableStartMilliseconds," +
  "task[_class,name,url,labelExpression]],discoverableItems[task[name]]";

const itemSchema = z.object({
  id: z.union([z.number().int(), z.string().min(1).max(256)]),
  blocked: z.boolean().nullish(),
  buildable: z.boolean().nullish(),
  stuck: z.boolean().nullish(),
  pending: z.boolean().nullish(),
  why: z.string().nullish(),
  inQueueSince: z.number().nullish(),
  buildableStartMilliseconds: z.number().nullish(),
  task: z
    .object({
      _class: z.string().max(512).nullish(),
      name: z.string().nullish(),
      url: z.string().nullish(),
      labelExpression: z.string().max(4096).nullish(),
    })
    .nullish(),
});

const queueSchema = z.object({ items: z.array(z.unknown()), discoverableItems: z.array(z.unknown()).nullish() });

/**
 * Reads the whole queue in one request. On a Hudson a second one makes sure that we were known: it shows a stranger's
 * view of the queue to whom it does not know (see `requireIdentity`).
 */
export async function readQueue(session: Session): Promise<QueueReading> {
  const { value, answer } = await session.readJson({ path: "queue/", tree, what: "to show its queue" }, queueSchema);
  if (answer.headers["x-jenkins"] === undefined) await requireIdentity(session);
  const items: QueueEntry[] = [];
  let skipped = 0;
  let skippedBecause: string | null = null;
  for (const entry of value.items) {
    const item = itemSchema.safeParse(entry);
    if (item.success) items.push(entryOf(item.data, session.base));
    else {
      skipped += 1;
      skippedBecause ??= z.prettifyError(item.error).slice(0, 300);
    }
  }
  return {
    items,
    hidden: value.discoverableItems?.length ?? 0,
    session: sessionOf(answer),
    skipped,
    skippedBecause,
  };
}

function entryOf(item: z.infer<typeof itemSchema>, base: URL): QueueEntry {
  const { task } = item;
  const url = addressIn(task?.url ?? "", base);
  return {
    id: String(item.id),
    buildable: item.buildable ?? false,
    pending: item.pending ?? false,
    blocked: item.blocked ?? false,
    stuck: item.stuck ?? false,
    why: (item.why ?? "").slice(0, 4096),
    inQueueSince: item.inQueueSince ?? null,
    buildableSince: item.buildableStartMilliseconds ?? null,
    job: { name: (jobNameOf(url) ?? task?.name ?? "").slice(0, 2048), url },
    ...(task?.labelExpression === undefined ? {} : { labelExpression: task.labelExpression }),
    ...(task?._class ? { taskClass: task._class } : {}),
  };
}

/** A job's address is absolute, a pipeline block's is relative to the master. */
function addressIn(url: string, base: URL): string {
  const whole = url !== "" && URL.canParse(url, base.href) ? new URL(url, base.href).href : url;
  return whole.slice(0, 4096);
}
