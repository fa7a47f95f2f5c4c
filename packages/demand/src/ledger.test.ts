import type { Ledger } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import {
  adopted,
  granted,
  isOfAnotherStore,
  type Launch,
  livingKeys,
  newLedger,
  released,
  renewed,
  shortened,
  taken,
} from "./ledger.ts";

const launch = (nonce: string): Launch => ({
  nonce,
  template: "python",
  labels: ["python"],
  item: { id: "7", job: "job 7", url: "queue/item/7/", seenAt: 1 },
  at: 1,
  reason: "for job 7",
});
const first = newLedger({ master: "m", owner: "a", epoch: "0000", op: "birth" });

describe("the ledger", () => {
  test("names each launch with the next number, and never the same number again", () => {
    const one = granted(first, [launch("n1"), launch("n2")], "w1");
    expect(one.live.map(({ number, nonce }) => [number, nonce])).toEqual([
      [1, "n1"],
      [2, "n2"],
    ]);
    const emptied = released(one.ledger, new Set(["0000/1", "0000/2"]), "w2");
    expect(emptied).toMatchObject({ next: 3, live: [], op: "w2" });
    expect(granted(emptied, [launch("n3")], "w3").live[0]?.number).toBe(3);
  });

  test("released twice is released once: a set of numbers, never a count (H6)", () => {
    const { ledger } = granted(first, [launch("n1"), launch("n2")], "w1");
    const once = released(ledger, new Set(["0000/1"]), "w2");
    expect(released(once, new Set(["0000/1"]), "w2")).toEqual(once);
    expect(released(once, new Set(["0000/99", "abcd/2"]), "w2").live).toHaveLength(1);
  });

  test("taken over has another owner and a higher term, and the same slaves", () => {
    const { ledger } = granted(first, [launch("n1")], "w1");
    expect(taken(ledger, { owner: "b", op: "w2" })).toEqual({ ...ledger, owner: "b", op: "w2", term: 2 });
  });

  test("need not hold what a record says that is saved, and holds all of any other", () => {
    const { ledger } = granted(first, [launch("n1"), launch("n2")], "w1");
    const [, second] = ledger.live;
    const { live } = shortened(ledger, ({ number }) => number === 1);
    const { item: _item, reason: _reason, ...kept } = { ...launch("n1"), number: 1 };
    expect(live).toEqual([{ ...kept, item: null, reason: "" }, second]);
    expect(shortened({ ...ledger, live }, () => false)).toEqual({ ...ledger, live });
  });
});

describe("a ledger of a store that was lost or put back (H37)", () => {
  const { ledger } = granted({ ...first, store: "s1" }, [launch("n1"), launch("n2")], "w1");
  const again = renewed(ledger, "1111");
  const found = { ...launch("f1"), number: 2, epoch: "abcd" };

  test.each<[string, string | undefined, string, boolean]>([
    ["the same store", "s1", "s1", false],
    ["another store", "s1", "s2", true],
    ["an earlier release", undefined, "s2", false],
  ])("is told by its store: it was last taken over in %s", (_, written, now, isOther) => {
    const { store: _store, ...bare } = ledger;
    expect(isOfAnotherStore(written === undefined ? bare : { ...bare, store: written }, now)).toBe(isOther);
    expect(taken(ledger, { owner: "b", op: "w", store: "s2" }).store).toBe("s2");
  });

  test("gets another epoch, gives its numbers from the first, and its slaves keep their names", () => {
    expect(again).toMatchObject({ epoch: "1111", next: 1, epochs: ["0000"], version: 2 });
    expect(livingKeys(again)).toEqual(livingKeys(ledger));
    const { ledger: more } = granted(again, [launch("n3")], "w2");
    expect([...livingKeys(more)]).toEqual(["0000/1", "0000/2", "1111/1"]);
    expect([...livingKeys(renewed(more, "2222"))]).toEqual(["0000/1", "0000/2", "1111/1"]);
  });

  test("names what is found, once; a number of another epoch is another slave", () => {
    const rebuilt = adopted(again, [found, found, { ...found, number: 1, epoch: "0000" }], "w2");
    expect([...livingKeys(rebuilt)]).toEqual(["0000/1", "0000/2", "abcd/2"]);
    expect(rebuilt).toMatchObject({ op: "w2", epochs: ["0000", "abcd"] });
    expect(adopted(rebuilt, [found], "w2")).toEqual(rebuilt);
    expect([...livingKeys(released(rebuilt, new Set(["abcd/2"]), "w3"))]).toEqual(["0000/1", "0000/2"]);
  });

  test("is left alone by a release that knows no epochs, as long as it names slaves of an earlier one", () => {
    expect([ledger.version, again.version]).toEqual([1, 2]);
    expect(released(again, livingKeys(again), "w2").version).toBe(1);
  });

  test("remembers so many earlier epochs, the newest", () => {
    const epochs = Array.from({ length: 40 }, (_, at) => `e${String(at).padStart(3, "0")}`);
    const many = epochs.reduce(renewed, first);
    expect(many.epochs).toEqual(epochs.slice(7, -1));
  });
});

/** Everything that is shared: one compare-and-set register, records and pods that are created once. */
interface World {
  readonly revision: number;
  readonly ledger: Ledger;
  readonly records: readonly number[];
  readonly pods: readonly number[];
}

/** What a process knows and where it is. */
interface Process {
  readonly at: string;
  readonly revision: number;
  readonly ledger: Ledger;
  readonly todo: readonly number[];
}

type Program = (self: Process, world: World) => { self: Process; world: World };

function write(self: Process, world: World, ledger: Ledger, after: Partial<Process>): { self: Process; world: World } {
  if (self.revision !== world.revision) return { self: { ...self, at: "stopped" }, world };
  const revision = world.revision + 1;
  return { self: { ...self, ledger, revision, ...after }, world: { ...world, ledger, revision } };
}

/** Creates the next thing of the list; what exists already is left alone. */
function create(
  self: Process,
  world: World,
  of: { what: "records" | "pods"; next: string },
): { self: Process; world: World } {
  const [number, ...todo] = self.todo;
  if (number === undefined) return { self: { ...self, at: of.next, todo: numbersOf(self.ledger) }, world };
  const there = world[of.what];
  const after = there.includes(number) ? world : { ...world, [of.what]: [...there, number] };
  return { self: { ...self, todo }, world: after };
}

function numbersOf(ledger: Ledger): number[] {
  return ledger.live.map(({ number }) => number);
}

/** Had read the ledger and decided to launch for the only item; may be paused anywhere from here on. */
const owner: Program = (self, world) => {
  if (self.at === "grant") {
    const { ledger } = granted(self.ledger, [launch("a")], "op-a");
    return write(self, world, ledger, { at: "records", todo: numbersOf(ledger) });
  }
  return self.at === "records"
    ? create(self, world, { what: "records", next: "pods" })
    : create(self, world, { what: "pods", next: "done" });
};

/** Takes over; launches for the item if it finds no slave for it. `names`: it makes the missing records of all numbers first. */
const successor =
  (names: boolean): Program =>
  (self, world) => {
    switch (self.at) {
      case "read":
        return { self: { ...self, at: "take", revision: world.revision, ledger: world.ledger }, world };
      case "take": {
        const after = write(self, world, taken(self.ledger, { owner: "b", op: "op-b" }), {
          at: names ? "missing" : "list",
        });
        // Somebody wrote in between: read again.
        if (after.self.at === "stopped") return { self: { ...self, at: "read" }, world };
        return { ...after, self: { ...after.self, todo: numbersOf(after.self.ledger) } };
      }
      case "missing":
        return create(self, world, { what: "records", next: "list" });
      case "list": {
        const served = world.records.length > 0;
        return { self: { ...self, at: served ? "pods" : "grant", todo: world.records }, world };
      }
      case "grant": {
        const { ledger, live } = granted(self.ledger, [launch("b")], "op-b2");
        return write(self, world, ledger, { at: "records", todo: live.map(({ number }) => number) });
      }
      case "records": {
        const after = create(self, world, { what: "records", next: "pods" });
        return after.self.at === "pods" ? { ...after, self: { ...after.self, todo: world.records } } : after;
      }
      default:
        return create(self, world, { what: "pods", next: "done" });
    }
  };

/** Every end that the two processes can come to, over all interleavings, and how many states were seen. */
function everyEnd(programs: readonly [Program, Program]): { ends: World[]; states: number } {
  const start: Process = { at: "grant", revision: 1, ledger: first, todo: [] };
  const world: World = { revision: 1, ledger: first, records: [], pods: [] };
  const open: { world: World; processes: readonly [Process, Process] }[] = [
    { world, processes: [start, { ...start, at: "read" }] },
  ];
  const seen = new Set<string>();
  const ends: World[] = [];
  for (const state of open) {
    const key = JSON.stringify(state);
    if (seen.has(key)) continue;
    seen.add(key);
    let moved = false;
    for (const which of [0, 1] as const) {
      const self = state.processes[which];
      if (self.at === "done" || self.at === "stopped") continue;
      moved = true;
      const next = programs[which](self, state.world);
      const processes =
        which === 0 ? ([next.self, state.processes[1]] as const) : ([state.processes[0], next.self] as const);
      open.push({ world: next.world, processes });
    }
    if (!moved) ends.push(state.world);
  }
  return { ends, states: seen.size };
}

describe("an owner that is paused anywhere while another takes over (H1, H5)", () => {
  test("one item gets one pod, in every interleaving", () => {
    const { ends, states } = everyEnd([owner, successor(true)]);
    expect(states).toBeGreaterThan(20);
    for (const end of ends) expect(end.pods).toHaveLength(1);
    // Both can win: the check is not about one of them only.
    expect(new Set(ends.map(({ ledger }) => ledger.live[0]?.nonce))).toEqual(new Set(["a", "b"]));
  });

  test("the control: a successor that believes the records alone launches twice", () => {
    const { ends } = everyEnd([owner, successor(false)]);
    expect(Math.max(...ends.map(({ pods }) => pods.length))).toBe(2);
  });
});

describe("a removal whose answer was lost, done again by the next owner (H6)", () => {
  const { ledger } = granted(first, [launch("n1"), launch("n2")], "w1");

  test.each([
    ["numbers", (of: Ledger) => released(of, new Set(["0000/1"]), "w"), 1],
    // The control: what a count would say.
    ["a count", (of: Ledger) => ({ ...of, live: of.live.slice(1) }), 0],
  ] as const)("kept as %s", (_, remove, left) => {
    expect(remove(remove(ledger)).live).toHaveLength(left);
  });
});
