import type { ClusterRequest } from "./connection.ts";

const largestBodyBytes = 256 * 1024 * 1024;

/** The request's path with its query. */
export function pathOf(request: ClusterRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {}))
    if (value !== undefined) query.set(name, String(value));
  if (query.size === 0) return request.path;
  return `${request.path}${request.path.includes("?") ? "&" : "?"}${query}`;
}

/** Headers with names in lower case and one value each. */
export function flatHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value ?? "")]));
}

/** A whole body as text. Raises past 256 MiB, before it is kept. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > largestBodyBytes) throw new Error(`the answer is larger than ${largestBodyBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
