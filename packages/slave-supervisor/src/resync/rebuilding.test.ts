import { type Ledger, podName } from "@kubestack/contracts";
import type { PodObservation } from "@kubestack/kubernetes";
import { slaveName } from "@kubestack/slave";
import { podAnnotations } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { recordIn } from "../slave-record.fixture.ts";
import { doubted } from "./doubt.ts";
import { foundSlaves, isAhead, type RecordStanding, standingOfRecord, unnamedPods } from "./rebuilding.ts";

const living = { number: 4, nonce: "n4", template: "t", labels: [], item: null, at: 1, reason: "" };
const ledger: Ledger = {
  version: 1,
  op: "op",
  master: "m",
  owner: "a",
  term: 1,
  epoch: "abcd",
  next: 5,
  live: [living],
};
const ours = { install: "test", master: "m" };

function pod(
  epoch: string,
  number: number,
  changed: { install?: string; name?: string; attempt?: number } = {},
): PodObservation {
  const name = slaveName({ master: "m", epoch, number });
  const { install = "test", attempt } = changed;
  const identity = {
    install,
    master: "m",
    template: "python",
    name,
    epoch,
    number,
    nonce: `n${number}`,
    labels: ["a", "cpu=4"],
    size: { cpu: "4" },
    attempt,
  };
  return {
    name: changed.name ?? podName({ name, attempt }),
    uid: `uid-${number}`,
    annotations: podAnnotations(identity),
  } as unknown as PodObservation;
}

describe("slaves that the ledger does not name", () => {
  test("are told by their pods: not those that it names, not another installation's, not one under a strange name", () => {
    const pods = [pod("abcd", 4), pod("0000", 4), pod("0000", 5, { install: "x" }), pod("0000", 6, { name: "other" })];
    expect(unnamedPods(ledger, pods, ours).map(({ pod: { name } }) => name)).toEqual(["ks-m-00004"]);
  });

  test("are told by the newest of their pods, under its own name", () => {
    const second = pod("0000", 4, { attempt: 2 });
    const misnamed = pod("0000", 5, { attempt: 2, name: "ks-m-00005" });
    for (const pods of [
      [pod("0000", 4), second, misnamed],
      [second, pod("0000", 4)],
    ])
      expect(unnamedPods(ledger, pods, ours)).toMatchObject([
        { identity: { name: "ks-m-00004", attempt: 2 }, pod: { name: "ks-m-00004-2" } },
      ]);
  });

  const found = (pods: PodObservation[], of: { isBehind?: boolean; standing?: RecordStanding } = {}) =>
    foundSlaves({
      ledger,
      unnamed: unnamedPods(ledger, pods, ours),
      isBehind: of.isBehind ?? false,
      standingOf: () => of.standing ?? "none",
      at: 9,
    });

  test("are named again with all that their pods say", () => {
    expect(found([pod("0000", 7)])).toEqual([
      {
        epoch: "0000",
        number: 7,
        nonce: "n7",
        template: "python",
        labels: ["a", "cpu=4"],
        size: { cpu: "4" },
        item: null,
        at: 9,
        reason: "its pod was there, and the ledger did not name it: it is supervised again",
      },
    ]);
  });

  test.each<[string, PodObservation, Parameters<typeof found>[1], boolean]>([
    ["of another epoch, without a record", pod("0000", 7), {}, true],
    ["of another epoch, whose record is not over", pod("0000", 7), { standing: "open" }, true],
    ["whose record is over", pod("0000", 7), { standing: "over" }, false],
    ["whose record a newer release wrote", pod("0000", 7), { standing: "closed" }, false],
    ["of a number that was given and taken back", pod("abcd", 3), {}, false],
    ["of such a number, in a ledger that is behind", pod("abcd", 3), { isBehind: true }, true],
    ["of a number that was not given yet, in a ledger that is behind", pod("abcd", 9), { isBehind: true }, true],
  ])("%s: named again is %#", (_, one, of, isFound) => {
    expect(found([one], of)).toHaveLength(isFound ? 1 : 0);
  });

  test("tell that the ledger is behind where their number was not given yet", () => {
    expect([4, 5, 6].map((number) => isAhead(ledger, { epoch: "abcd", number }))).toEqual([false, true, true]);
    expect(isAhead(ledger, { epoch: "0000", number: 9 })).toBe(false);
  });
});

describe("a record stands", () => {
  test.each<[string, Parameters<typeof standingOfRecord>, RecordStanding]>([
    ["as none where there is none", [undefined, "nonce-1"], "none"],
    ["as open while its slave lives", [recordIn("busy"), "nonce-1"], "open"],
    ["as open whatever its nonce, where none is asked for", [recordIn("busy"), undefined], "open"],
    ["as over once it is deleted", [recordIn("deleted"), "nonce-1"], "over"],
    ["as closed where it has another nonce", [recordIn("busy"), "other"], "closed"],
    ["as closed where a newer release wrote it", [recordIn("busy", { version: 99 }), "nonce-1"], "closed"],
    ["as closed where it can't be read", ["unreadable", "nonce-1"], "closed"],
  ])("%s", (_, asked, standing) => {
    expect(standingOfRecord(...asked)).toBe(standing);
  });
});

test("what was seen at the master before a store was put back decides no removal after", () => {
  const { life } = recordIn("draining");
  const looked = { ...life, markedAt: 5, idleLooks: 2, lastLookAt: 6, podMayGoFirst: true };
  const after = doubted(looked);
  expect(after).toEqual({
    ...looked,
    markedAt: null,
    unmarkedAt: null,
    idleLooks: 0,
    lastLookAt: null,
    podMayGoFirst: false,
  });
  expect(doubted(after)).toEqual(after);
});
