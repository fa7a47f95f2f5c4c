import type { Computer } from "@kubestack/contracts";
import { slaveName } from "@kubestack/slave";
import { describe, expect, test } from "vitest";
import { AskedLooks, askedForMs, mostAsked } from "./asked-looks.ts";

const named = (number: number): string => slaveName({ master: "m", epoch: "abcd", number });
const [one, two, three] = [named(1), named(2), named(3)];

const idle = (name: string): Computer => ({
  name,
  online: true,
  markedOffline: true,
  idle: true,
  executors: 1,
  labels: null,
  builds: [],
});
const busy = (name: string): Computer => ({ ...idle(name), idle: false });

/** A reading that begins and ends at once. */
function read(looks: AskedLooks, ...computers: Computer[]): void {
  looks.begin();
  looks.saw(computers);
}

describe("a look is asked for", () => {
  test("for nodes of ours only", () => {
    const looks = new AskedLooks("m");
    const others = ["built-in", "", "ks-m-", slaveName({ master: "other", epoch: "abcd", number: 1 })];
    expect(looks.ask({ nodes: others, until: "idle" }, 0)).toBe(false);
    expect(looks.ask({ nodes: [...others, one], until: "idle" }, 0)).toBe(true);
    expect(looks.wanted(0)).toEqual([one]);
  });

  test("to see something: one reading that begins afterwards is enough, whatever it shows", () => {
    const looks = new AskedLooks("m");
    looks.ask({ nodes: [one, two], until: "seen" }, 0);
    expect([looks.wanted(0), looks.isPressing()]).toEqual([[one, two], true]);
    read(looks, busy(one), idle(two));
    expect([looks.wanted(0), looks.isPressing()]).toEqual([[], false]);
  });

  test("until a node is idle, or gone: a busy one is looked at on and on", () => {
    const looks = new AskedLooks("m");
    looks.ask({ nodes: [one, two, three], until: "idle" }, 0);
    read(looks, busy(one), busy(two), busy(three));
    expect([looks.wanted(0), looks.isPressing()]).toEqual([[one, two, three], false]);
    read(looks, busy(one), idle(two));
    expect(looks.wanted(0)).toEqual([one]);
    read(looks, idle(one));
    expect(looks.wanted(0)).toEqual([]);
  });

  test("until a node is idle, for ten seconds at most: who asked was wrong, or lied", () => {
    const looks = new AskedLooks("m");
    looks.ask({ nodes: [one], until: "idle" }, 1000);
    read(looks, busy(one));
    expect(askedForMs).toBe(10_000);
    expect(looks.wanted(11_000)).toEqual([one]);
    expect(looks.wanted(11_001)).toEqual([]);
  });

  test("and a reading that had begun by then is no answer", () => {
    const looks = new AskedLooks("m");
    looks.begin();
    looks.ask({ nodes: [one], until: "seen" }, 0);
    looks.ask({ nodes: [two], until: "idle" }, 0);
    looks.saw([idle(one), idle(two)]);
    expect([looks.wanted(0), looks.isPressing()]).toEqual([[one, two], true]);
    read(looks, idle(one), idle(two));
    expect(looks.wanted(0)).toEqual([]);
  });

  test("without names for whatever is shown busy of ours, once", () => {
    const looks = new AskedLooks("m");
    expect(looks.ask({ nodes: [], until: "idle" }, 0)).toBe(false);
    read(looks, busy(one), idle(two), busy("built-in"));
    expect(looks.ask({ nodes: [], until: "idle" }, 0)).toBe(true);
    expect(looks.wanted(0)).toEqual([one]);
    read(looks, busy(one));
    expect(looks.wanted(0)).toEqual([]);
  });

  test("for its end: that something else is told of it, or of all, does not shorten or lengthen that", () => {
    const looks = new AskedLooks("m");
    looks.ask({ nodes: [one], until: "idle" }, 0);
    read(looks, busy(one));
    looks.ask({ nodes: [one], until: "seen" }, 5000);
    looks.ask({ nodes: [], until: "seen" }, 6000);
    expect(looks.isPressing()).toBe(true);
    read(looks, busy(one));
    expect([looks.wanted(10_000), looks.wanted(10_001)]).toEqual([[one], []]);
  });

  test("for its end a second time: from then on", () => {
    const looks = new AskedLooks("m");
    looks.ask({ nodes: [one], until: "seen" }, 0);
    looks.ask({ nodes: [one], until: "idle" }, 5000);
    looks.ask({ nodes: [one], until: "idle" }, 9000);
    read(looks, busy(one));
    expect([looks.wanted(19_000), looks.wanted(19_001)]).toEqual([[one], []]);
  });

  test("for more nodes than are kept: the first are given up, and a reading clears what never existed", () => {
    const looks = new AskedLooks("m");
    for (const from of [1, 901])
      looks.ask({ nodes: Array.from({ length: 900 }, (_, at) => named(from + at)), until: "idle" }, 0);
    const wanted = looks.wanted(0);
    expect([wanted.length, wanted[0], wanted.at(-1)]).toEqual([mostAsked, named(801), named(1800)]);
    read(looks);
    expect(looks.wanted(0)).toEqual([]);
  });
});
