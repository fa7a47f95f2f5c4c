import { viewOf, waitsOn } from "@kubestack/explain";
import { noon, slave } from "@kubestack/explain/testing";
import { describe, expect, test } from "vitest";
import { slaveTable } from "./slave-table.ts";

const ready = { secret: { createdAt: noon }, node: { registeredAt: noon } };
const held = { by: "ann", at: noon - 3_840_000, until: noon + 3_360_000, reason: "flaky" };
const lost = { at: noon, class: "evicted", reason: "the pod was evicted" };
const build = { current: { url: "http://ci/job/shop/job/api/412/", startedAt: noon } };

test.each([
  ["requested", {}, "its pod"],
  [
    "scheduled",
    { pod: { waitsOn: "node" as const, waitDetail: "0/1 nodes are available" } },
    "node: 0/1 nodes are available",
  ],
  [
    "scheduled",
    { pod: { waitsOn: "image" as const, waitDetail: "jnlp: ErrImagePull 401" } },
    "image: jnlp: ErrImagePull 401",
  ],
  ["scheduled", { ...ready, pod: { waitsOn: "start" as const } }, "start"],
  ["scheduled", { ...ready, pod: { waitsOn: "agent" as const } }, "agent"],
  ["scheduled", { pod: { waitsOn: "agent" as const } }, "its node at the master"],
  ["scheduled", { node: { registeredAt: noon }, pod: { waitsOn: "start" as const } }, "its Secret"],
  ["online", {}, "a build"],
  ["online", { goesAfterBuild: true }, "to be drained"],
  ["online", { agent: { lostAt: noon - 12_000 } }, "its agent, lost 12s ago"],
  ["busy", { builds: build }, "goes after its build"],
  ["busy", { builds: build, limits: { builds: 0 } }, "its build"],
  ["busy", { builds: build, limits: { builds: 0 }, goesAfterBuild: true }, "goes after its build"],
  ["busy", { builds: build, agent: { lostAt: noon - 70_000 } }, "its agent, lost 1m10s ago"],
  ["busy", { builds: build, lost, pod: { endedAt: noon } }, "its lost pod to be gone, before pod 2 follows"],
  ["busy", { builds: build, lost, attempt: 2 }, "pod 2"],
  [
    "busy",
    { builds: build, lost, attempt: 2, pod: { uid: "u", waitDetail: "0/1 nodes are available" } },
    "pod 2: node: 0/1 nodes are available",
  ],
  ["draining", { ...ready, pod: { uid: "u" } }, "still there: node, pod, Secret"],
  ["draining", { ...ready, node: { registeredAt: noon, removedAt: noon } }, "still there: pod, Secret"],
  ["draining", { pod: { goneAt: noon } }, "nothing more"],
  ["draining", { pod: { uid: "u" }, held }, "held by ann, release 56m"],
  ["draining", { pod: { uid: "u", goneBy: noon }, held }, "still there: node, pod"],
  ["busy", { builds: build, held }, "its build, then held by ann, release 56m"],
  ["deleted", {}, null],
  [
    "deleted",
    { pod: { retained: { at: noon, until: noon + 90_000, because: "it failed" } } },
    "its pod goes in 1m30s: it failed",
  ],
  ["deleted", { pod: { retained: { at: noon, until: noon, because: "it failed" } } }, null],
] as const)("a slave that is %s with %j waits on %s", (state, life, expected) => {
  expect(waitsOn(slave("ks-a", state, { life }), noon)).toBe(expected);
});

describe("a view", () => {
  test("tells state, age and build, and the clock that runs out first", () => {
    const record = slave("ks-a", "busy", {
      since: noon - 62_000,
      life: { builds: build, agent: { lostAt: noon - 20_000 } },
    });
    expect(viewOf(record, noon)).toMatchObject({
      forMs: 62_000,
      build: { name: "shop/api #412", url: build.current.url },
      launchedFor: "shop/api",
      clock: { name: "lost", leftMs: 100_000 },
    });
  });

  test("an idle slave names no build that it ran before", () => {
    expect(
      viewOf(slave("ks-a", "online", { life: { builds: { lastUrl: "http://ci/job/a/1/", ran: 1 } } }), noon).build,
    ).toBe(null);
  });

  test("one that is to be idle has its age before it, not its idle time", () => {
    const life = { agent: { firstOnlineAt: noon - 60_000, idleSince: noon - 60_000 } };
    const record = { ...slave("ks-a", "online", { life }), item: null };
    expect(viewOf(record, noon)).toMatchObject({ isWarm: false, clock: { name: "idle" } });
    const warm = viewOf({ ...record, isWarm: true }, noon);
    expect(warm).toMatchObject({ isWarm: true, launchedFor: null, clock: { name: "age" } });
    const lines = slaveTable([warm], { width: undefined, colour: false, wide: true, all: false });
    expect(lines[1]).toMatch(/ a build \(warm\) .* \(warm\) /);
  });

  test("tells who holds it, and the clock of that", () => {
    const view = viewOf(slave("ks-a", "draining", { life: { held } }), noon);
    expect(view.held).toEqual({ by: "ann", until: new Date(noon + 3_360_000).toISOString(), reason: "flaky" });
    expect(view.clock).toEqual({ name: "hold", leftMs: 3_360_000 });
    expect(viewOf(slave("ks-a", "deleted", { life: { held, pod: { goneAt: noon } } }), noon).held).toBeNull();
  });

  test("a damaged record without a trail is shown, not thrown", () => {
    expect(viewOf(slave("ks-a", "requested", { life: { trail: [] } }), noon)).toMatchObject({
      since: null,
      clock: null,
    });
  });
});

describe("the table", () => {
  const views = [
    slave("ks-b-2", "busy", { master: "b", since: noon - 2000, life: { builds: build, pod: { node: "n1" } } }),
    slave("ks-b-1", "scheduled", { master: "b", since: noon - 12_000 }),
    slave("ks-a-1", "draining", { master: "a", since: noon - 1000, life: { outcome: "served" } }),
    slave("ks-b-0", "scheduled", { master: "b", since: noon - 240_000 }),
  ].map((record) => viewOf(record, noon));

  test("is by master, then by state, the oldest first", () => {
    expect(slaveTable(views, { width: undefined, colour: false, wide: false, all: false })).toEqual([
      "SLAVE   MASTER  TEMPLATE  STATE      FOR  WAITS ON              NODE  BUILD",
      "ks-a-1  a       maven     draining    1s  still there: pod      –     –",
      "ks-b-0  b       maven     scheduled   4m  node                  –     –",
      "ks-b-1  b       maven     scheduled  12s  node                  –     –",
      "ks-b-2  b       maven     busy        2s  goes after its build  n1    shop/api #412",
    ]);
  });

  test("has the outcome with --all, and more with -o wide", () => {
    const [head = ""] = slaveTable(views, { width: undefined, colour: false, wide: true, all: true });
    expect(head.split(/ {2,}/)).toEqual(
      "SLAVE,MASTER,TEMPLATE,STATE,FOR,OUTCOME,WAITS ON,GIVES UP IN,NODE,BUILD,LAUNCHED FOR,RAN,NAMESPACE,LABELS,BECAUSE".split(
        ",",
      ),
    );
  });

  test("says of a slave that is over that its pod is kept", () => {
    const retained = { at: noon, until: noon + 60_000, because: "it failed" };
    const [kept, gone] = [null, noon].map((goneAt) =>
      viewOf(slave("ks-k", "deleted", { since: noon - 5000, life: { pod: { retained, goneAt } } }), noon),
    );
    expect(kept?.retained).toEqual({ until: new Date(noon + 60_000).toISOString(), because: "it failed" });
    expect(gone?.retained).toBeNull();
    const rows = slaveTable([kept ?? expect.fail()], { width: undefined, colour: false, wide: false, all: false });
    expect(rows[1]).toMatch(/^ks-k +backend +maven +retained +5s +its pod goes in 1m: it failed/);
  });

  test("in 60 cells the name, the state and what it waits on are still there", () => {
    const [head = ""] = slaveTable(views, { width: 60, colour: false, wide: true, all: false });
    expect(head.split(/ {2,}/)).toEqual(["SLAVE", "TEMPLATE", "STATE", "FOR", "WAITS ON", "BUILD"]);
  });
});
