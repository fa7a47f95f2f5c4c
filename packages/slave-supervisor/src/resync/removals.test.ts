import { type Ledger, podName } from "@kubestack/contracts";
import { slaveName } from "@kubestack/slave";
import { objectAnnotations } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { retentionMarks } from "../retained-pods/marks.ts";
import type { RecordStanding } from "./rebuilding.ts";
import { compare, nextLookMs, type Seen, type SeenNode, type SeenPod, secondLookMs } from "./removals.ts";

const now = 5_000_000;
const living = { number: 4, nonce: "n4", template: "t", labels: [], item: null, at: 1, reason: "" };
const ledger: Ledger = {
  version: 2,
  op: "op",
  master: "m",
  owner: "a",
  term: 3,
  epoch: "abcd",
  next: 5,
  epochs: ["0000"],
  live: [living, { ...living, number: 2, epoch: "0000" }],
};

interface Of {
  readonly epoch: string;
  readonly number: number;
  readonly install?: string;
  readonly master?: string;
  /** Which of its pods. */
  readonly attempt?: number;
}

/** Slaves by how they stand: 4 and 0000/2 live; 3 was given and taken back; 0000/9 is of an earlier epoch; 5 was not given yet. */
const lives: Of = { epoch: "abcd", number: 4 };
const livesOfOld: Of = { epoch: "0000", number: 2 };
const burnt: Of = { epoch: "abcd", number: 3 };
const old: Of = { epoch: "0000", number: 9 };
const strange: Of = { epoch: "efgh", number: 1 };
const ahead: Of = { epoch: "abcd", number: 5 };

const nameOf = ({ epoch, number }: Of): string => slaveName({ master: "m", epoch, number });

function marked(of: Of) {
  const { install = "test", master = "m", epoch, number, attempt } = of;
  const name = podName({ name: nameOf(of), attempt });
  const annotations = objectAnnotations({
    install,
    master,
    template: "t",
    name: nameOf(of),
    attempt,
    epoch,
    number,
    nonce: "n",
    labels: [],
  });
  return { name, uid: `uid-${name}`, annotations };
}

/** Under the slave's own name: what it is called says nothing of whose it is. */
const service = (of: Of) => ({ ...marked(of), slave: nameOf(of) });
const pod = (of: Of, changed: Partial<SeenPod> = {}): SeenPod => ({
  ...marked(of),
  deletionTimestamp: null,
  graceSeconds: null,
  ...changed,
});
const node = (of: Of, changed: Partial<SeenNode> = {}): SeenNode => ({
  name: nameOf(of),
  online: false,
  idle: true,
  ...changed,
});

function seen(changed: Partial<Seen>, standing: RecordStanding = "none"): Seen {
  const nothing = { epochs: [], pods: [], secrets: [], nodes: [], records: [] };
  const bounds = { isListed: true, retentionCaps: () => [{ of: "it", most: 2 }] };
  return { install: "test", master: "m", ledger, ...nothing, ...bounds, standingOf: () => standing, now, ...changed };
}

/** What goes at the first look, and what at one a minute later. */
function twice(what: Seen): readonly [first: string[], second: string[]] {
  const first = compare(what, new Map());
  const second = compare({ ...what, now: now + secondLookMs }, first.firstLooks);
  const told = ({ removals }: typeof first): string[] => removals.map(({ kind, name }) => `${kind} ${name}`);
  return [told(first), told(second)];
}

type Sides = (of: Of) => Partial<Seen>;
const sides: readonly (readonly [kind: string, of: Sides])[] = [
  ["pod", (of) => ({ pods: [pod(of)] })],
  ["Secret", (of) => ({ secrets: [marked(of)] })],
  ["Service", (of) => ({ services: [service(of)] })],
  ["node", (of) => ({ nodes: [node(of)] })],
];

describe.each(sides)("a %s", (kind, of) => {
  const what = (slave: Of): string => `${kind} ${nameOf(slave)}`;

  test.each<[string, Of, RecordStanding, readonly [boolean, boolean]]>([
    ["of a slave that lives stays", lives, "open", [false, false]],
    ["of a slave of an earlier epoch that lives stays", livesOfOld, "open", [false, false]],
    ["of a number that was given and taken back goes on sight", burnt, "none", [true, true]],
    ["of a record that is over goes on sight", old, "over", [true, true]],
    ["of no record goes at the second look, never on first sight", old, "none", [false, true]],
    ["of a record that the ledger does not name goes at the second look", old, "open", [false, true]],
    ["of a record that a newer release wrote stays", old, "closed", [false, false]],
    ["of a number that the ledger has not given yet stays: the ledger is behind", ahead, "none", [false, false]],
  ])("%s", (_, slave, standing, goes) => {
    const expected = goes.map((isGone, look) => (isGone && (kind !== "node" || look > 0) ? [what(slave)] : []));
    expect(twice(seen(of(slave), standing))).toEqual(expected);
    expect(compare(seen(of(slave), standing), new Map()).ahead).toEqual(
      slave === ahead ? [{ epoch: "abcd", number: 5 }] : [],
    );
  });

  test("of an epoch that the ledger does not know goes at the second look where its marks say ours, else never", () => {
    expect(twice(seen(of(strange)))).toEqual(kind === "node" ? [[], []] : [[], [what(strange)]]);
  });

  test("of an epoch that was kept outside of the store goes at the second look", () => {
    expect(twice(seen({ ...of(strange), epochs: [strange.epoch] }))).toEqual([[], [what(strange)]]);
  });

  test("that came back between two looks has its first look again", () => {
    const first = compare(seen(of(old)), new Map());
    const gone = compare(seen({ now: now + 30_000 }), first.firstLooks);
    expect(compare(seen({ ...of(old), now: now + secondLookMs }), gone.firstLooks).removals).toEqual([]);
  });
});

describe("of others", () => {
  test.each<[string, Of]>([
    ["another installation's", { ...burnt, install: "other" }],
    ["another master's", { ...burnt, master: "other" }],
  ])("%s pod and Secret are never touched, whatever their numbers", (_, of) => {
    expect(twice(seen({ pods: [pod(of)], secrets: [marked(of)] }, "over"))).toEqual([[], []]);
  });

  test("nothing is touched that bears no marks, or half of them", () => {
    const bare = { name: nameOf(burnt), uid: "u", annotations: {} };
    const half = { ...marked(burnt), annotations: { ...marked(burnt).annotations, "kubestack.io/number": "" } };
    const pods = [bare, half].map((one) => ({ ...one, deletionTimestamp: null, graceSeconds: null }));
    expect(twice(seen({ pods, secrets: [bare, half] }))).toEqual([[], []]);
  });

  test("nor a node with another kind of name", () => {
    const nodes = ["built-in", "ks-anchor-test-1", "ks-other-abcd3", "ks-m-abc"].map((name) => ({
      ...node(burnt),
      name,
    }));
    expect(twice(seen({ nodes }))).toEqual([[], []]);
  });
});

describe("a doubt ends no build", () => {
  const uses: readonly [string, Partial<SeenNode>][] = [
    ["shows its agent online", { online: true }],
    ["shows it at work", { idle: false }],
  ];
  test.each(uses)("where the master %s, pod, Secret and node stay, and that is told at the second look", (_, use) => {
    for (const of of [old, burnt]) {
      const what = seen({ pods: [pod(of)], secrets: [marked(of)], nodes: [node(of, use)] });
      expect(twice(what)).toEqual([[], []]);
      const first = compare(what, new Map());
      expect(first.left).toEqual([]);
      const { left } = compare({ ...what, now: now + secondLookMs }, first.firstLooks);
      expect(left.map(({ kind }) => kind)).toEqual(["pod", "node"]);
      expect(left[0]?.reason).toBe("the master shows its agent online, or at work");
    }
  });

  test("while the master does not answer, nothing goes that no record knows", () => {
    const blind = seen({ pods: [pod(old)], secrets: [marked(strange)], nodes: undefined });
    expect(twice(blind)).toEqual([[], []]);
    // The looks begin when it answers.
    const { firstLooks } = compare(blind, new Map());
    expect(compare({ ...blind, nodes: [], now: now + secondLookMs }, firstLooks).removals).toEqual([]);
  });
});

describe("in order", () => {
  test("a pod goes before its node, and its Secret with it", () => {
    const what = { pods: [pod(burnt)], secrets: [marked(burnt)], nodes: [node(burnt)] };
    expect(twice(seen(what))[0]).toEqual([`pod ${nameOf(burnt)}`]);
    const [first, second] = twice(seen({ ...what, pods: [] }));
    expect([first, second]).toEqual([
      [`Secret ${nameOf(burnt)}`],
      [`Secret ${nameOf(burnt)}`, `node ${nameOf(burnt)}`],
    ]);
  });

  test("a Service has a name of its own, and stays while its slave's pod is there, or its agent", () => {
    const services = [{ ...service(burnt), name: `${nameOf(burnt)}-db` }];
    const goes = [`Service ${nameOf(burnt)}-db`];
    expect(twice(seen({ services }))).toEqual([goes, goes]);
    expect(twice(seen({ services, nodes: [node(burnt, { idle: false })] }))).toEqual([[], []]);
    const going = pod(burnt, { deletionTimestamp: 1, graceSeconds: 10 });
    expect(twice(seen({ services, pods: [going] }))).toEqual([[], []]);
  });

  test("a node of a slave that is over goes at the next look: a round may have begun before it was removed", () => {
    const what = seen({ nodes: [node(burnt)] });
    const { removals, firstLooks } = compare(what, new Map());
    expect(removals).toEqual([]);
    expect(compare({ ...what, now: now + nextLookMs - 1 }, firstLooks).removals).toEqual([]);
    expect(compare({ ...what, now: now + nextLookMs }, firstLooks).removals).toHaveLength(1);
  });

  test("a pod that is going is not deleted again; one that should have been gone long ago goes by force", () => {
    const going = seen({ pods: [pod(old, { deletionTimestamp: 1, graceSeconds: 10 })] });
    const first = compare(going, new Map());
    expect(first.removals).toEqual([]);
    expect(compare({ ...going, now: now + 69_999 }, first.firstLooks).removals).toEqual([]);
    const { removals } = compare({ ...going, now: now + 70_000 }, first.firstLooks);
    expect(removals).toMatchObject([{ kind: "pod", uid: `uid-${nameOf(old)}`, overdueMs: 60_000 }]);
  });

  test.each<[string, Partial<Seen>, boolean]>([
    ["nothing of its slave is there", {}, true],
    ["its pod is there", { pods: [pod(old)] }, false],
    ["its node is there", { nodes: [node(old)] }, false],
    ["the master does not answer", { nodes: undefined }, false],
  ])("a record that the ledger does not name goes at the second look if %s", (_, there, goes) => {
    const [first, second] = twice(seen({ records: [nameOf(old), nameOf(lives)], ...there }));
    expect(first).toEqual([]);
    expect(second.includes(`record ${nameOf(old)}`)).toBe(goes);
    expect(second).not.toContain(`record ${nameOf(lives)}`);
  });
});

describe("a pod that is kept", () => {
  const until = now + 10 * secondLookMs;
  const kept = (of: Of, marks = retentionMarks(until, "it failed")): SeenPod => {
    const one = pod(of);
    return { ...one, annotations: { ...one.annotations, ...marks } };
  };

  test.each<[string, Of, RecordStanding]>([
    ["of a slave that is over", burnt, "over"],
    ["of a slave that no record knows", old, "none"],
    ["of a record that the ledger does not name", old, "open"],
  ])("%s stays until its time is over", (_, of, standing) => {
    const what = seen({ pods: [kept(of)] }, standing);
    expect(twice(what)).toEqual([[], []]);
    expect(twice({ ...what, now: until })[0]).toEqual([`pod ${nameOf(of)}`]);
  });

  test("goes, too, while the master does not answer, and whatever it shows of it", () => {
    const pods = [kept(old)];
    expect(twice(seen({ pods, nodes: undefined, now: until }))[0]).toEqual([`pod ${nameOf(old)}`]);
    const nodes = [node(old, { online: true })];
    expect(twice(seen({ pods, nodes, now: until }))[0]).toEqual([`pod ${nameOf(old)}`]);
  });

  test("holds up neither its Secret nor its Services nor its node", () => {
    const services = [{ ...marked(burnt), name: "db", slave: nameOf(burnt) }];
    const what = seen({ pods: [kept(burnt)], secrets: [marked(burnt)], services, nodes: [node(burnt)] });
    const owned = [`Secret ${nameOf(burnt)}`, "Service db"];
    expect(twice(what)).toEqual([owned, [...owned, `node ${nameOf(burnt)}`]]);
  });

  test("keeps its record until it is gone", () => {
    const what = seen({ pods: [kept(old)], records: [nameOf(old)] }, "open");
    expect(twice(what)).toEqual([[], []]);
    expect(twice({ ...what, pods: [] })[1]).toEqual([`record ${nameOf(old)}`]);
  });

  test("of a slave that still leaves is not judged, nor one that somebody deletes", () => {
    const over = retentionMarks(1, "it failed");
    expect(twice(seen({ pods: [kept(lives, over)] }))).toEqual([[], []]);
    expect(twice(seen({ pods: [{ ...kept(burnt, over), deletionTimestamp: 1 }] }))[0]).toEqual([]);
  });

  test("of too many the one goes that would first, and all once their master is out of the configuration", () => {
    const pods = [0, 1, 2].map((number) => kept({ epoch: "abcd", number }, retentionMarks(until + number, "")));
    expect(twice(seen({ pods }))[0]).toEqual([`pod ${nameOf({ epoch: "abcd", number: 0 })}`]);
    expect(twice(seen({ pods, isListed: false }))[0]).toHaveLength(3);
  });

  test("whose mark nobody can read goes", () => {
    const marks: Record<string, string> = { "kubestack.io/retained-until": "soon" };
    expect(twice(seen({ pods: [kept(burnt, marks)] }))[0]).toEqual([`pod ${nameOf(burnt)}`]);
  });
});

describe("a slave that has come to its second pod", () => {
  const second = { ...lives, attempt: 2 };
  const told = (changed: Partial<Seen>, attempt = 2) =>
    compare(seen({ attemptOf: () => attempt, ...changed }, "open"), new Map()).removals.map(({ kind, name }) => [
      kind,
      name,
    ]);

  test.each<[string, Partial<Seen>, readonly (readonly string[])[]]>([
    ["keeps that, and its Secret", { pods: [pod(second)], secrets: [marked(second)] }, []],
    ["loses the first one, which a late request made, on sight", { pods: [pod(lives)] }, [["pod", nameOf(lives)]]],
    ["keeps the first one where that goes already", { pods: [pod(lives, { deletionTimestamp: 1 })] }, []],
    ["keeps a later one, of a record that was put back", { pods: [pod({ ...lives, attempt: 3 })] }, []],
  ])("%s", (_, what, expected) => expect(told(what)).toEqual(expected));

  test("loses it with its Secret and its node when it is over, under the slave's name", () => {
    const over = { ...burnt, attempt: 2 };
    const what = { pods: [pod(over)], secrets: [marked(over)], nodes: [node(over)] };
    expect(twice(seen(what))).toEqual([[`pod ${nameOf(burnt)}-2`], [`pod ${nameOf(burnt)}-2`]]);
    const after = { secrets: [marked(over)], nodes: [node(over)] };
    expect(twice(seen(after))[1]).toEqual([`Secret ${nameOf(burnt)}-2`, `node ${nameOf(burnt)}`]);
    const inUse = { pods: [pod(over)], nodes: [node(over, { online: true })] };
    expect(twice(seen(inUse))).toEqual([[], []]);
  });
});
