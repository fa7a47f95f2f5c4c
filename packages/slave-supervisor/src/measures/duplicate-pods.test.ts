import { podAnnotations } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { recordAfter } from "../slave-record.fixture.ts";
import { DuplicatePods, markedSlave } from "./duplicate-pods.ts";

const slave = { master: "m", epoch: "abcd", number: 4, attempt: 1 };

describe("the marks of a pod", () => {
  test("name its slave", () => {
    expect(markedSlave({ annotations: podAnnotations(recordAfter([])) }, "test")).toEqual({
      master: "m",
      epoch: "abcd",
      number: 1,
      attempt: 1,
    });
    const second = podAnnotations({ ...recordAfter([]), attempt: 2 });
    expect(markedSlave({ annotations: second }, "test")?.attempt).toBe(2);
  });

  test("of another installation, or half of them, name nobody", () => {
    const whole = podAnnotations(recordAfter([]));
    expect(markedSlave({ annotations: whole }, "other")).toBeUndefined();
    expect(markedSlave({ annotations: {} }, "test")).toBeUndefined();
    const annotations = Object.fromEntries(Object.entries(whole).filter(([name]) => !name.endsWith("/epoch")));
    expect(markedSlave({ annotations }, "test")).toBeUndefined();
  });
});

describe("a second pod of a slave", () => {
  test("is counted once, however often it is seen", () => {
    const pods = new DuplicatePods();
    const counts = [["a"], ["a"], ["b"], ["a"], ["b"]].map((uids) => pods.saw(slave, uids, true));
    expect(counts).toEqual([0, 0, 1, 0, 0]);
    expect(pods.saw(slave, ["c"], true)).toBe(1);
  });

  test("is known by the record's pod too, though that was never seen", () => {
    expect(new DuplicatePods().saw(slave, ["of the record", "another"], true)).toBe(1);
  });

  test("of another number or epoch is none", () => {
    const pods = new DuplicatePods();
    expect(pods.saw(slave, ["a"], true)).toBe(0);
    expect(pods.saw({ ...slave, number: 5 }, ["b"], true)).toBe(0);
    expect(pods.saw({ ...slave, epoch: "wxyz" }, ["c"], true)).toBe(0);
    expect(pods.saw({ ...slave, attempt: 2 }, ["d"], true)).toBe(0);
    expect(pods.saw({ ...slave, attempt: 2 }, ["e"], true)).toBe(1);
  });

  test("seen while another process owns the master is counted by its next owner, once", () => {
    const pods = new DuplicatePods();
    expect(pods.saw(slave, ["a", "b"], false)).toBe(0);
    expect(pods.saw(slave, ["b"], true)).toBe(1);
    expect(pods.saw(slave, ["a"], true)).toBe(0);
  });
});
