import { z } from "zod";

/**
 * A question that a program of somebody's own answers over NATS, as JSON: `{"ok": REPLY}`, or `{"error": {"message": "…"}}` where it
 * can't or won't.
 */
export interface Question<Request, Reply> {
  readonly name: string;
  /** The subject with `<…>` in place of tokens, for people. */
  readonly form: string;
  readonly request: z.ZodType<Request>;
  readonly reply: z.ZodType<Reply>;
  /** What it asks for, in one sentence. */
  readonly about: string;
}

/** More nodes than these are not told by name. */
export const toldNodes = 10_000;

const nodeNames = z.array(z.string().min(1).max(256)).max(toldNodes);
const nodes = z.number().int().nonnegative();
const reason = z.string().max(2000);

/** How a pool stands with the program that makes its nodes. Null is as good as absent. */
export const poolStateSchema = z.object({
  /** So many nodes are to be there, whoever said so last. */
  wanted: nodes,
  /** Those that are there, by the names that they have in the cluster; absent: it does not know. */
  nodes: nodeNames.nullish(),
  /** The fewest and the most that it would ever have; absent: no limit of its own. */
  least: nodes.nullish(),
  most: nodes.nullish(),
  /** Who else decides how many there are, in words that go after "it is scaled by"; absent: nobody. KubeStack then leaves it alone. */
  owner: z.string().max(512).nullish(),
});
export type PoolState = z.infer<typeof poolStateSchema>;

export const poolStatusRequestSchema = z.object({ pool: z.string() });
export const poolScaleRequestSchema = z.object({ pool: z.string(), size: nodes, reason });
export const poolRemoveRequestSchema = z.object({ pool: z.string(), nodes: nodeNames.min(1), size: nodes, reason });
const nothing = z.object({});

/** The table of all questions: docs/subjects.md is made from it. */
export const questions = {
  poolStatus: {
    name: "poolStatus",
    form: "kubestack.pool.<pool>.status",
    request: poolStatusRequestSchema,
    reply: poolStateSchema,
    about: "How many nodes a pool is to have, which it has, and who else decides on it.",
  } satisfies Question<{ pool: string }, PoolState>,
  poolScale: {
    name: "poolScale",
    form: "kubestack.pool.<pool>.scale",
    request: poolScaleRequestSchema,
    reply: nothing,
    about: "From now on a pool is to have so many nodes; asked again it changes nothing.",
  } satisfies Question<{ pool: string; size: number; reason: string }, object>,
  poolRemove: {
    name: "poolRemove",
    form: "kubestack.pool.<pool>.remove",
    request: poolRemoveRequestSchema,
    reply: nothing,
    about:
      "These very nodes are to go, and the pool is to have as many fewer; one that has gone already changes nothing.",
  } satisfies Question<{ pool: string; nodes: string[]; reason: string }, object>,
} as const;
export type QuestionName = keyof typeof questions;
