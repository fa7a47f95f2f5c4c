import {
  type ExplainRequest,
  type ExplanationMessage,
  explanationSchema,
  KubestackError,
  sentenceOf,
} from "@kubestack/contracts";

/** Somebody waits at a prompt, in milliseconds. */
const patienceMs = 15_000;
/** A longer answer, in bytes, is none of KubeStack's. */
const longestAnswer = 16 * 1024 * 1024;

/** Asks for an explanation over HTTP. `not-found` as the server says it; `bus-unavailable` where nothing answers as KubeStack does. */
export async function explainOverHttp(server: string, { what, master }: ExplainRequest): Promise<ExplanationMessage> {
  const url = new URL(`${server.replace(/\/+$/, "")}/api/v1/explain`);
  url.searchParams.set("what", what);
  if (master !== undefined) url.searchParams.set("master", master);
  const { status, body } = await get(url, server);
  const read = explanationSchema.safeParse(body);
  if (status === 200 && read.success) return read.data;
  const error = errorIn(body);
  if (error === undefined || status === 200)
    throw unavailable(`What answers at ${server} is no KubeStack, or one of another release (${status}).`);
  if (error.code === "not-found") throw new KubestackError("not-found", error.message, { retry: "never" });
  throw unavailable(`KubeStack at ${server} says: ${error.message} (${status})`);
}

async function get(url: URL, server: string): Promise<{ readonly status: number; readonly body: unknown }> {
  try {
    const answer = await fetch(url, {
      headers: { accept: "application/json" },
      redirect: "error",
      signal: AbortSignal.timeout(patienceMs),
    });
    return { status: answer.status, body: parsed(await textOf(answer)) };
  } catch (error) {
    throw unavailable(
      `Nobody answers at ${server} (${sentenceOf(error)}): is kubestackd api running there, and is that its address? Its log says where it listens.`,
    );
  }
}

async function textOf({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    length += part.length;
    if (length > longestAnswer) throw new Error(`its answer is longer than ${longestAnswer} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Undefined for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorIn(body: unknown): { readonly code: string; readonly message: string } | undefined {
  if (typeof body !== "object" || body === null || !("error" in body)) return undefined;
  const { error } = body;
  if (typeof error !== "object" || error === null || !("code" in error) || !("message" in error)) return undefined;
  return typeof error.code === "string" && typeof error.message === "string"
    ? { code: error.code, message: error.message }
    : undefined;
}

function unavailable(sentence: string): KubestackError {
  return new KubestackError("bus-unavailable", sentence, { retry: "never" });
}
