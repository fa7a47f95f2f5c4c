import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { jobMatcher, jobPattern, printJobs } from "./job-pattern.ts";

describe("a job is meant", () => {
  test.each<[string, readonly string[], readonly string[]]>([
    ["**", ["api", "shop/api", "", "a/b/c/d"], []],
    ["*", ["api", ""], ["shop/api"]],
    ["shop/api", ["shop/api"], ["shop", "shop/api/main", "Shop/api", "a/shop/api"]],
    ["shop/*", ["shop/api", "shop/feature%2Fx"], ["shop", "shop/api/main"]],
    ["shop/**", ["shop/api", "shop/api/main"], ["shop", "shopping/api"]],
    ["**/api", ["api", "shop/api", "a/b/api"], ["api/main", "shop/my-api"]],
    ["shop/**/main", ["shop/main", "shop/api/main", "shop/a/b/main"], ["shop/main/x", "main"]],
    ["**/api-*/**", ["api-1/main", "shop/api-1/x/y"], ["api-1", "shop/api/x"]],
    ["shop/*-api-*", ["shop/my-api-1", "shop/-api-", "shop/-api-api-"], ["shop/api", "shop/my-api"]],
    ["a/**/b/**/c", ["a/b/c", "a/b/b/x/c", "a/c/b/c"], ["a/c", "a/b/c/d", "a/x/c"]],
    ["a.c", ["a.c"], ["abc"]],
  ])("by %s", (pattern, meant, others) => {
    const matches = jobMatcher([pattern]);
    expect(meant.filter((job) => !matches(job))).toEqual([]);
    expect(others.filter(matches)).toEqual([]);
  });

  test("by any one of several", () => {
    const matches = jobMatcher(["mobile/**", "shop/api"]);
    expect(["mobile/app", "shop/api", "shop/web"].map(matches)).toEqual([true, true, false]);
  });

  test("as a regular expression of the same meaning has it", () => {
    const segment = fc
      .array(fc.constantFrom("a", "b", "*"), { minLength: 1, maxLength: 4 })
      .map((list) => list.join(""));
    const pattern = fc
      .array(fc.oneof(segment, fc.constant("**")), { minLength: 1, maxLength: 4 })
      .map((list) => list.join("/"))
      .filter((text) => jobPattern.safeParse(text).success);
    const name = fc
      .array(
        fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 4 }).map((list) => list.join("")),
        { minLength: 1, maxLength: 5 },
      )
      .map((list) => list.join("/"));
    fc.assert(
      fc.property(pattern, name, (text, job) => {
        const source = text
          .split("/")
          .map((part, at, all) => {
            if (part === "**") return at === all.length - 1 ? ".+" : "(?:[^/]+/)*";
            return `${part.replaceAll("*", "[^/]*")}${at === all.length - 1 ? "" : "/"}`;
          })
          .join("");
        expect(jobMatcher([text])(job)).toBe(new RegExp(`^${source}$`).test(job));
      }),
      { numRuns: 3000 },
    );
  });

  test("at a bounded cost, whatever the pattern and the name", () => {
    const stars = jobMatcher([`${"*a".repeat(127)}b`]);
    const paths = jobMatcher([Array(51).fill("**/a").join("/")]);
    const began = performance.now();
    expect(stars("a".repeat(2048))).toBe(false);
    expect(paths(`${Array(1023).fill("a").join("/")}/b`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

test.each(["", "/", "shop/", "/shop", "a//b", "a**", "**b/c", "***", "a\nb", "x".repeat(257)])(
  "%j is no pattern",
  (text) => {
    expect(jobPattern.safeParse(text).success).toBe(false);
  },
);

test("patterns are shown as the configuration has them", () => {
  expect(printJobs(["mobile/**", "shop/api"])).toBe('jobs: ["mobile/**", "shop/api"]');
  expect(printJobs(["a", "b", "c", "d", "e", "f"])).toBe('jobs: ["a", "b", "c", "d", "e", …]');
});
