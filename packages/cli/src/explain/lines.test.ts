import { explanationOf, type Observation, toldExplanation } from "@kubestack/explain";
import { demand, item, masterStatus, noon, plan, serviceStatus, slave } from "@kubestack/explain/testing";
import { expect, test } from "vitest";
import { printSecond } from "../text/local-time.ts";
import { widthOf } from "../text/width.ts";
import { linesOf } from "./lines.ts";

test("the lines are folded to the terminal, and never cut", () => {
  const told = explained();
  const lines = linesOf(told, { width: 60, colour: false }, noon);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
  const text = lines.map((line) => line.trim()).join(" ");
  expect(text).toContain(told.sentence);
  expect(text).not.toContain("\u001b");
  expect(lines.at(-2)).toMatch(/^ {2}next {6}the slave is given up/);
});

test("instants, before the facts and in them, are told in the time of where the terminal stands", () => {
  const at = (ms: number) => printSecond(noon + ms, noon);
  const told = {
    ...explained(),
    sentence: "shop/api is over since 2026-03-04T12:00Z.",
    next: "likely about 2026-03-04T12:00:26Z",
    evidence: [{ at: "2026-03-04T11:59:19.000Z", fact: "held until 2026-03-04 14:00:07 UTC" }],
  };
  expect(linesOf(told, { width: undefined, colour: false }, noon)).toEqual([
    `shop/api is over since ${at(0).slice(0, -3)}.`,
    `  ${at(-41_000)}  held until 2026-03-04 14:00:07 UTC`,
    `  next      likely about ${at(26_000)}`,
  ]);
});

function explained() {
  const why = `\u001b[31m${"Waiting for next available executor ".repeat(4)}`;
  const [source] = demand("backend", [item("412", { why })]).sources;
  if (source === undefined) throw new Error("a demand without a source");
  const answer = { state: "ok" as const, status: serviceStatus("demand-collector", [masterStatus("backend")]) };
  const image = { waitsOn: "image" as const, waitsSince: noon - 12_000, waitDetail: "pulling agent:3", node: "ip-1" };
  const seen: Observation = {
    services: { "demand-collector": answer, "completion-collector": answer, "slave-supervisor": answer },
    slaves: [slave("ks-backend-7f3k2p", "scheduled", { since: noon - 38_000, life: { pod: image } })],
    unreadable: 0,
    rounds: new Map([["backend", { source, publishedAt: noon }]]),
    plans: new Map([["backend", plan("backend", [["412", "slave-coming", "ks-backend-7f3k2p is scheduled"]])]]),
    kept: new Map(),
    holders: new Map(),
    newestStamp: noon,
  };
  return toldExplanation(explanationOf(seen, { what: "412", now: noon }), noon);
}
