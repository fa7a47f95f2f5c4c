import { channels, subjects } from "@kubestack/contracts";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Bed, patient } from "../../bed.fixture.ts";
import { awayError, fakeMaster } from "../../master.fixture.ts";
import type { MasterCollectorOptions } from "../../master-collector.ts";
import { queueEntry } from "../jenkins-queue/queue-entry.fixture.ts";

const bed = new Bed("own-");
const master = fakeMaster();
const external = { type: "external", maxAge: 300_000, interval: 60_000 } as const;
const queue = { type: "jenkins-queue", interval: 250 } as const;

afterEach(() => {
  Object.assign(master, { failure: undefined, queue: [] });
});

/** A collector of a master of its own, or of that `name`, and a system that sends. */
async function collected(
  listeners: MasterCollectorOptions["listeners"],
  options: { ofJenkins?: true; name?: string } = {},
) {
  const { ofJenkins, ...more } = options;
  const own = ofJenkins ? { ...master, close: () => undefined } : undefined;
  const collecting = await bed.collected({ ...more, master: own, listeners });
  const { name, shown } = collecting;
  /** Waits until a source shows so many items; `unknown` where it does not answer. */
  const shows = (source: string, expected: number | "unknown") =>
    vi.waitFor(() => {
      const { state, items = [] } = shown(source) ?? {};
      expect(state === "unknown" ? state : state && items.length).toBe(expected);
    }, patient);
  const send = (data: object) => bed.bus.publish(channels.externalDemand, subjects.externalDemand(name), data as never);
  return { ...collecting, shows, send };
}

describe("a system of one's own, whose master is no Jenkins", () => {
  test("is unknown until it sends, then shows what it sends, whole, and at once", async () => {
    const { shows, shown, send, collector } = await collected([external]);
    await shows("external", "unknown");
    expect(collector.status()).toMatchObject({ waiting: null });
    await send({ items: [{ id: "1", label: "python && fast" }, { id: "2" }] });
    await shows("external", 2);
    expect(shown("external")).toMatchObject({ supply: "items", session: null, intervalMs: 60_000 });
    expect(shown("external")?.items.map(({ wants }) => wants)).toEqual([
      { kind: "expression", expression: "python && fast" },
      { kind: "any" },
    ]);
    await send({ items: [] });
    await shows("external", 0);
    expect(collector.status()).toMatchObject({ waiting: 0, state: "ok" });
  });

  test("an old message says nothing any more", async () => {
    const { shows, send } = await collected([{ ...external, maxAge: 1_000, interval: 250 }]);
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    await shows("external", "unknown");
  });

  test("a collector that is started anew knows what was sent before", async () => {
    const first = await collected([external]);
    await first.send({ items: [{ id: "1" }] });
    await first.shows("external", 1);
    await first.stop();
    const second = await collected([external], { name: first.name });
    await second.shows("external", 1);
  });
});

describe("beside a Jenkins", () => {
  test("each source has rounds of its own in one message, and one that is away takes nothing from the other", async () => {
    master.queue = [queueEntry("7", "waits")];
    const { shows, send, collector } = await collected([queue, external], { ofJenkins: true });
    await shows("jenkins-queue", 1);
    await shows("external", "unknown");
    expect(collector.status().detail).toMatch(/^answers; external: /);
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    expect(collector.status()).toMatchObject({ waiting: 2, detail: "answers" });
  });

  test("a Jenkins that is away leaves the other source as it is", async () => {
    const { shows, shown, send } = await collected([queue, external], { ofJenkins: true });
    await send({ items: [{ id: "1" }] });
    await shows("external", 1);
    master.failure = awayError;
    await shows("jenkins-queue", "unknown");
    expect(shown("external")).toMatchObject({ state: "ok", items: [{ id: "1" }] });
  });
});
