import { type Command, type Question as Inquiry, KubestackError, sentenceOf } from "@kubestack/contracts";
import { NoRespondersError } from "@nats-io/transport-node";
import type { Connection } from "./connection.ts";
import type { Answer } from "./service.ts";

/** When no further answer has come for this long, in milliseconds, all have answered. */
const quietMs = 250;

/** A question as it is sent. */
export interface Question<Q> {
  readonly subject: string;
  readonly request: Q;
  readonly timeoutMs: number;
}

/** Asks for one answer. `bus-unavailable` where nobody answers; what was answered as an error is raised. */
export async function ask<Q, A>(
  { nc }: Connection,
  command: Command<Q, A>,
  { subject, request, timeoutMs }: Question<Q>,
): Promise<A> {
  let answer: Answer<unknown>;
  try {
    const reply = await nc.request(subject, JSON.stringify(command.request.parse(request)), { timeout: timeoutMs });
    answer = reply.json<Answer<unknown>>();
  } catch (error) {
    throw unanswered(subject, command.service, error);
  }
  return replyIn(command, answer);
}

/**
 * Asks for as many answers as come, until none has come for a quarter of a second. None where nobody listens. An answer that
 * can't be understood, or is an error, is raised.
 */
export async function askAll<Q, A>(
  { nc }: Connection,
  command: Command<Q, A>,
  { subject, request, timeoutMs }: Question<Q>,
): Promise<A[]> {
  const answers: Answer<unknown>[] = [];
  try {
    const replies = await nc.requestMany(subject, JSON.stringify(command.request.parse(request)), {
      strategy: "stall",
      stall: quietMs,
      maxWait: timeoutMs,
    });
    for await (const reply of replies) answers.push(reply.json<Answer<unknown>>());
  } catch (error) {
    if (error instanceof NoRespondersError) return [];
    throw unanswered(subject, command.service, error);
  }
  return answers.map((answer) => replyIn(command, answer));
}

/** Asks a program of somebody's own, whose answers are hostile until they are read. */
export async function inquire<Q, A>(
  { nc }: Connection,
  inquiry: Inquiry<Q, A>,
  { subject, request, timeoutMs }: Question<Q>,
): Promise<A> {
  const unavailable = (what: string, cause?: unknown) =>
    new KubestackError("target-unavailable", `${what} on ${subject}; see to the program that answers there.`, {
      cause,
    });
  let answer: unknown;
  try {
    const reply = await nc.request(subject, JSON.stringify(inquiry.request.parse(request)), { timeout: timeoutMs });
    answer = reply.json();
  } catch (error) {
    throw unavailable(`Nobody gave an answer that is JSON (${sentenceOf(error)})`, error);
  }
  const { ok, error } = (typeof answer === "object" && answer !== null ? answer : {}) as {
    ok?: unknown;
    error?: unknown;
  };
  if (error !== undefined) throw new KubestackError("target-refused", `${subject} was refused: ${messageOf(error)}`);
  const read = inquiry.reply.safeParse(ok);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw unavailable(`The answer is of another form (ok.${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""})`);
}

function messageOf(error: unknown): string {
  const message = typeof error === "object" && error !== null ? (error as { message?: unknown }).message : error;
  return typeof message === "string" && message !== "" ? message.slice(0, 500) : "it did not say why";
}

function replyIn<Q, A>(command: Command<Q, A>, answer: Answer<unknown>): A {
  if ("error" in answer)
    throw new KubestackError(answer.error.code, answer.error.message, { retry: answer.error.retry });
  return command.reply.parse(answer.ok);
}

function unanswered(subject: string, service: string, cause: unknown): KubestackError {
  return new KubestackError(
    "bus-unavailable",
    `Nobody answers ${subject}: is ${service} running? (${sentenceOf(cause)})`,
    { cause },
  );
}
