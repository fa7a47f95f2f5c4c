import type { IncomingMessage } from "node:http";
import { httpError, Refusal } from "./answer.ts";

/** One request, read whole. */
export interface Received {
  readonly method: string;
  /** Below the context path, without a leading slash, as it was sent. */
  readonly path: string;
  /** The path's segments, decoded; empty ones are dropped. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** A value of the form or, where it has none of the name, of the query. */
  parameter(name: string): string | null;
  /** Every value of the form, in order. */
  parameters(name: string): readonly string[];
}

const mostBytes = 4 * 1024 * 1024;

/** Reads a request; null where it lies outside the context path. Raises a refusal for a body that is too large. */
export async function receive(message: IncomingMessage, context: string): Promise<Received | null> {
  const { method = "GET", url = "/", headers } = message;
  return received({ method, url, headers, body: await readBody(message) }, context);
}

/** A request as it was sent: its whole body, and its address from the first slash on, or with the host before it. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** The request, taken apart; null where it lies outside the context path. */
export function received(sent: Sent, context: string): Received | null {
  const { body } = sent;
  const url = new URL(sent.url, "http://simulator");
  if (url.pathname !== context && !url.pathname.startsWith(`${context}/`)) return null;
  const path = url.pathname.slice(context.length + 1);
  const isForm = String(sent.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded");
  const form = new URLSearchParams(isForm ? body : "");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(sent.headers)) {
    if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: sent.method,
    path,
    segments: path
      .split("/")
      .filter((segment) => segment !== "")
      .map(decode),
    query: url.searchParams,
    headers,
    body,
    parameter: (name) => form.get(name) ?? url.searchParams.get(name),
    parameters: (name) => form.getAll(name),
  };
}

async function readBody(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += (chunk as Buffer).length;
    if (bytes > mostBytes) throw new Refusal(httpError(413, "Payload Too Large"));
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
