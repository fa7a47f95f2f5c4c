import { describe, expect, test } from "vitest";
import { type Parameters, readQuery } from "./query.ts";

const allowed: Parameters = {
  what: { longest: 20, isNeeded: true },
  master: { longest: 5, isNeeded: false },
};

describe("a query", () => {
  test.each<[string, Record<string, string>]>([
    ["what=412", { what: "412" }],
    ["what=http://ci/job/a/&master=m", { what: "http://ci/job/a/", master: "m" }],
    ["&what=a&&", { what: "a" }],
    ["what=a=b", { what: "a=b" }],
    ["what=a%20b+c%2Bd", { what: "a b c+d" }],
    ["wh%61t=%F0%9F%9A%80", { what: "🚀" }],
    ["what=a&master=", { what: "a", master: "" }],
    ["what=%00%0A", { what: "\u0000\n" }],
  ])("%s is read", (text, values) => {
    expect(readQuery(text, allowed)).toEqual({ values: new Map(Object.entries(values)) });
  });

  test.each([
    ["", "what is missing; give it as ?what=…"],
    ["what", "what is missing; give it as ?what=…"],
    ["what=%20+", "what is missing; give it as ?what=…"],
    ["master=m", "what is missing; give it as ?what=…"],
    ["what=a&what=b", "what is there twice; give one"],
    ["what=a&wh%61t=a", "what is there twice; give one"],
    ["what=a&x=1", "'x' is not asked for here; leave it out"],
    ["__proto__=a", "'__proto__' is not asked for here; leave it out"],
    ["toString", "'toString' is not asked for here; leave it out"],
    ["=a", "'' is not asked for here; leave it out"],
    [`${"x".repeat(99)}=1`, `'${"x".repeat(64)}…' is not asked for here; leave it out`],
    ["what=aaaaaaaaaaaaaaaaaaaaa", "what is longer than 20 characters; shorten it"],
    ["what=a&master=abcdef", "master is longer than 5 characters; shorten it"],
    ["what=%", "the query is not encoded as UTF-8 with % before each byte; encode it so"],
    ["what=%zz", "the query is not encoded as UTF-8 with % before each byte; encode it so"],
    ["what=%E4", "the query is not encoded as UTF-8 with % before each byte; encode it so"],
    ["what=%ED%A0%80", "the query is not encoded as UTF-8 with % before each byte; encode it so"],
    ["what=%C0%AF", "the query is not encoded as UTF-8 with % before each byte; encode it so"],
    [`what=${"a".repeat(16 * 1024)}`, "the query is longer than 16384 characters; shorten it"],
  ])("%s is refused", (text, fault) => {
    expect(readQuery(text, allowed)).toEqual({ fault });
  });
});
