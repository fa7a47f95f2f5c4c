import type { IncomingMessage } from "node:http";

/**
 * A body longer than this, in bytes, is refused, before anybody knows who sent it. What is known of jobs has some ten KiB; of a
 * mebibyte of keys even the engine's JSON costs more than its length says.
 */
export const longestBody = 512 * 1024;

/** The whole body of a request; `too long`, or `cut off` where the sender went away or was too slow. Never raises. */
export function readBody(request: IncomingMessage): Promise<Buffer | "too long" | "cut off"> {
  // What is said to be too long need not come.
  if (Number(request.headers["content-length"] ?? 0) > longestBody) return Promise.resolve("too long");
  // Who went away while it waited for its turn tells so no more.
  if (request.destroyed) return Promise.resolve("cut off");
  return new Promise((resolve) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on("data", (part: Buffer) => {
      length += part.length;
      if (length <= longestBody) parts.push(part);
      else {
        parts.length = 0;
        resolve("too long");
      }
    });
    request.once("end", () => resolve(Buffer.concat(parts)));
    request.once("error", () => resolve("cut off"));
    request.once("close", () => resolve("cut off"));
  });
}
