import { describe, expect, test } from "vitest";
import { Members, silentMs } from "./members.ts";

const says = (process: string, beat: number, of: { serves?: string[]; holds?: string[]; unable?: string } = {}) => ({
  service: "slave-supervisor" as const,
  process,
  beat,
  serves: of.serves ?? ["m"],
  holds: of.holds ?? [],
  unable: of.unable ?? "",
});
const namesOf = (members: Members, at: number) => members.living(at).map(({ process }) => process);

describe("who is reckoned with", () => {
  test("whoever was heard not long ago, from its first word on", () => {
    const members = new Members();
    members.heard(says("a", 1), 100);
    members.heard(says("a", 2), 1_100);
    members.heard(says("b", 1), 1_200);
    expect(members.living(1_300).map(({ process, since }) => [process, since])).toEqual([
      ["a", 100],
      ["b", 1_200],
    ]);
    expect(namesOf(members, 1_100 + silentMs)).toEqual(["a", "b"]);
    expect(namesOf(members, 1_101 + silentMs)).toEqual(["b"]);
  });

  test("one that was silent for longer has only just come", () => {
    const members = new Members();
    members.heard(says("a", 1), 0);
    members.heard(says("a", 5), silentMs + 1);
    expect(members.living(silentMs + 1)[0]?.since).toBe(silentMs + 1);
  });

  test("one that can work again has only just come; one that can't any more has not", () => {
    const members = new Members();
    const sinceNow = (at: number) => members.living(at).map(({ since, unable }) => [since, unable]);
    members.heard(says("a", 1), 0);
    members.heard(says("a", 2, { unable: "cut" }), 1_000);
    expect([sinceNow(1_000), members.unableOf("a")]).toEqual([[[0, "cut"]], "cut"]);
    members.heard(says("a", 3), 2_000);
    members.heard(says("a", 4), 3_000);
    expect([sinceNow(3_000), members.unableOf("a"), members.unableOf("b")]).toEqual([[[2_000, ""]], "", ""]);
  });

  test("what comes late says nothing", () => {
    const members = new Members();
    members.heard(says("a", 2, { holds: [] }), 0);
    members.heard(says("a", 1, { holds: ["m"] }), 3_000);
    expect([members.living(3_000)[0]?.holds.size, members.lastSignOf("a")]).toEqual([0, 0]);
  });

  test("not who ends, and not who is known to be dead", () => {
    const members = new Members();
    members.heard(says("a", 1), 0);
    members.heard(says("b", 1), 0);
    members.heard(says("a", 2, { serves: [] }), 100);
    members.died("b");
    expect(namesOf(members, 100)).toEqual([]);
    expect(members.lastSignOf("b")).toBe(0);
  });

  test("one that was taken for dead and is heard again has only just come", () => {
    const members = new Members();
    members.heard(says("a", 1), 0);
    members.died("a");
    members.heard(says("a", 2), 900);
    expect(members.living(900)[0]?.since).toBe(900);
  });
});
