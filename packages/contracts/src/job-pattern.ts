import { z } from "zod";

const rule = "must be a job's full name, such as shop/api, shop/* or shop/**; correct it";

/**
 * Which jobs are meant, by their full names: `*` stands for anything within one segment, `**`, as a segment, for any number of
 * segments; at the end that is at least one, so that `shop/**` is what lies below `shop`. Case counts, as in a job's address.
 */
export const jobPattern = z
  .string({ error: rule })
  .max(256, "is longer than 256 characters; shorten it")
  .refine((text) => text.split("/").every((segment) => segment !== "" && isSegment(segment)), rule);

function isSegment(segment: string): boolean {
  return segment === "**" || !(segment.includes("**") || /\p{Cc}/u.test(segment));
}

/** Whether a job is meant by any of the patterns. Costs at most the product of the lengths of pattern and name. */
export function jobMatcher(patterns: readonly string[]): (job: string) => boolean {
  const read = patterns.map((pattern) => {
    const segments = pattern.split("/");
    return segments.at(-1) === "**" ? [...segments, "*"] : segments;
  });
  return (job) => {
    const segments = job.split("/");
    return read.some((pattern) =>
      isMeantBy(pattern, segments, { isAny: (segment) => segment === "**", isEqual: isSegmentMeant }),
    );
  };
}

/** `jobs: ["mobile/**", "shop/api"]`, as the configuration has it; of a long list the beginning. */
export function printJobs(patterns: readonly string[]): string {
  const shown = patterns.slice(0, 5).map((pattern) => JSON.stringify(pattern));
  return `jobs: [${shown.join(", ")}${patterns.length > 5 ? ", …" : ""}]`;
}

function isSegmentMeant(pattern: string, segment: string): boolean {
  return isMeantBy(pattern, segment, { isAny: (part) => part === "*", isEqual: (a, b) => a === b });
}

/**
 * Whether the parts are those of the pattern, some of which stand for any number of parts. The last such one alone is tried
 * with more: what came before it could only have taken less.
 */
function isMeantBy(
  pattern: ArrayLike<string>,
  parts: ArrayLike<string>,
  by: { readonly isAny: (of: string) => boolean; readonly isEqual: (of: string, part: string) => boolean },
): boolean {
  let [at, next] = [0, 0];
  let retry: { readonly after: number; from: number } | undefined;
  while (at < parts.length) {
    const of = pattern[next];
    if (of !== undefined && by.isAny(of)) {
      next += 1;
      retry = { after: next, from: at };
    } else if (of !== undefined && by.isEqual(of, parts[at] ?? "")) {
      next += 1;
      at += 1;
    } else if (retry !== undefined) {
      retry.from += 1;
      next = retry.after;
      at = retry.from;
    } else return false;
  }
  while (next < pattern.length && by.isAny(pattern[next] ?? "")) next += 1;
  return next === pattern.length;
}
