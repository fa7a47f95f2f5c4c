import type { SlaveRecord } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { noon, slave } from "../records.fixture.ts";
import { expectedOnline, printExpected } from "./expected-online.ts";

const second = 1000;

/** One whose agent came so many milliseconds after its launch, an hour ago or later. */
function came(ms: number, at: number, change: Partial<SlaveRecord> = {}): SlaveRecord {
  const bornAt = noon - 3600 * second + at * second;
  const trail = [{ state: "requested" as const, at: bornAt, reason: "for a test" }];
  const life = { trail, agent: { firstOnlineAt: bornAt + ms } };
  return { ...slave(`ks-backend-${at}`, "deleted", { life }), ...change };
}

const tens = Array.from({ length: 20 }, (_, at) => came((at + 1) * 10 * second, at));
const born = (ago: number, state: "requested" | "scheduled" | "online" = "scheduled") =>
  slave("ks-backend-new", state, { since: noon - ago, life: {} });

describe("when a slave is likely to be online", () => {
  test("is told by those of its template, of which half and 19 of 20 were there", () => {
    const found = expectedOnline(born(0), tens, noon);
    expect(found).toEqual({ kind: "likely", p50: noon + 100 * second, p95: noon + 190 * second, of: 20 });
  });

  test("is told, of one that has waited already, by those that waited as long", () => {
    const found = expectedOnline(born(100 * second), tens, noon);
    expect(found).toMatchObject({ p50: noon + 50 * second, p95: noon + 100 * second, of: 20 });
  });

  test("is told as late where it takes longer than any of them", () => {
    expect(expectedOnline(born(200 * second), tens, noon)).toEqual({ kind: "late", longestMs: 200 * second, of: 20 });
  });

  test("goes by the newest fifty", () => {
    const old = Array.from({ length: 60 }, (_, at) => came(900 * second, at));
    const late = Array.from({ length: 50 }, (_, at) => came(second, at + 3000));
    expect(expectedOnline(born(0), [...late, ...old], noon)).toMatchObject({ p95: noon + second, of: 50 });
  });

  test.each<[string, SlaveRecord, SlaveRecord[]]>([
    ["one that is there", born(0, "online"), tens],
    ["too few", born(0), tens.slice(0, 4)],
    ["those of another template", born(0), tens.map((one) => ({ ...one, template: "go" }))],
    ["those of another master", born(0), tens.map((one) => ({ ...one, master: "mobile" }))],
    ["those of another size", born(0), tens.map((one) => ({ ...one, size: { cpu: "4" } }))],
    ["those whose agents never came", born(0), tens.map((one) => ({ ...one, life: slave("x", "deleted").life }))],
    [
      "those whose beginning is not kept",
      born(0),
      tens.map((one) => ({ ...one, life: { ...one.life, trailDropped: 1 } })),
    ],
    ["itself", born(0), Array.from({ length: 9 }, () => born(0))],
  ])("is not told of or by %s", (_, coming, all) => {
    expect(expectedOnline(coming, all, noon)).toBeUndefined();
  });

  test("is one clause of a sentence", () => {
    const said = printExpected({ kind: "likely", p50: noon + 26_000, p95: noon + 55_000, of: 20 }, "maven");
    expect(said).toBe(
      "it is likely to be online about 2026-03-04T12:00:26Z, and in 19 of 20 cases by 2026-03-04T12:00:55Z (by the last 20 slaves of template maven)",
    );
    expect(printExpected({ kind: "late", longestMs: 80_000, of: 7 }, "maven")).toBe(
      "it takes longer than any of the last 7 slaves of template maven did (at most 1m20s)",
    );
  });
});
