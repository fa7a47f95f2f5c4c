import type { Bus } from "@kubestack/bus";
import { createLogger } from "@kubestack/runtime";
import { describe, expect, test } from "vitest";
import { type FakeMaster, fakeMaster } from "../../master.fixture.ts";
import { jenkinsQueue } from "./index.ts";
import { queueEntry } from "./queue-entry.fixture.ts";

function listen(master: FakeMaster) {
  let now = 0;
  const tick = (): number => {
    now += 10;
    return now;
  };
  const log = createLogger({ level: "silent" });
  // Only the master is asked.
  const around = { name: "m", master, bus: {} as Bus, hooks: undefined, log, now: tick };
  return jenkinsQueue.connect({ type: "jenkins-queue", interval: 2000 }, around);
}

describe("a reading of a Jenkins queue", () => {
  test("asks for the computers first and for the queue after, and says when", async () => {
    const master = fakeMaster();
    const { readAt, queueReadAt } = await listen(master).observe();
    expect(master.asked).toEqual(["computers", "queue"]);
    expect(readAt).toBeLessThan(queueReadAt);
  });

  test("lists what could start at once, and nothing else", async () => {
    const master = fakeMaster();
    master.queue = [
      queueEntry("1", "waits"),
      queueEntry("2", "blocked", { blocked: true, buildable: false }),
      queueEntry("3", "quiet", { buildable: false }),
      queueEntry("4", "handed over", { pending: true }),
      queueEntry("5", "stuck", { stuck: true, buildableSince: 77 }),
    ];
    const { items } = await listen(master).observe();
    expect(items.map(({ id, waitingSince }) => [id, waitingSince])).toEqual([
      ["1", 1001],
      ["5", 77],
    ]);
    expect(items[0]).toEqual({
      id: "1",
      job: "waits",
      url: "http://ci.example.org/job/waits/",
      wants: { kind: "expression", expression: "from-config" },
      labelOrigin: "config.xml",
      waitingSince: 1001,
      why: "",
    });
  });

  test.each([
    ["Jenkins is about to shut down", true],
    ["Waiting for next available executor on ‘a’", false],
  ])("tells from %j whether the master is quieting down", async (why, quietingDown) => {
    const master = fakeMaster();
    master.queue = [queueEntry("1", "a", { why })];
    expect((await listen(master).observe()).quietingDown).toBe(quietingDown);
  });

  test("fails where the master was started anew in between: its two halves are of two lives", async () => {
    const master = fakeMaster();
    master.pause = async (what) => {
      if (what === "queue") master.session = "second";
    };
    await expect(listen(master).observe()).rejects.toThrow("started anew while it was being read");
  });
});
