import { type ManualTiming, manualTiming } from "@kubestack/runtime/testing";
import { describe, expect, test } from "vitest";
import { Poller } from "./poller.ts";

/** Work that takes time, and writes down when it began and ended. */
function work(
  timing: ManualTiming,
  takesMs: { round: number; look: number },
  intervals: { round: number; look?: number },
) {
  const log: string[] = [];
  const began: Record<"round" | "look", number[]> = { round: [], look: [] };
  let running = 0;
  let most = 0;
  let nextRound = 0;
  let nextLook = 0;
  const run = async (kind: "round" | "look"): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    began[kind].push(timing.monotonic());
    log.push(`${kind}@${timing.monotonic()}`);
    if (takesMs[kind] > 0) await timing.sleep(takesMs[kind]);
    log.push(`${kind} over@${timing.monotonic()}`);
    running -= 1;
  };
  return {
    log,
    began,
    mostAtOnce: () => most,
    due: () => ({ round: nextRound, look: intervals.look === undefined ? undefined : nextLook }),
    round: () => {
      nextRound = timing.monotonic() + intervals.round;
      return run("round");
    },
    look: () => {
      nextLook = timing.monotonic() + (intervals.look ?? 0);
      return run("look");
    },
  };
}

describe("a poller", () => {
  test("begins each round one interval after the one before began, however long it takes", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 300, look: 0 }, { round: 1000 });
    poller.start(done);
    await timing.advance(5000);
    expect(done.began.round).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  });

  test("begins at once where a round takes longer than its interval, but never two at once", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 1500, look: 0 }, { round: 1000 });
    poller.start(done);
    await timing.advance(4500);
    expect(done.began.round).toEqual([0, 1500, 3000, 4500]);
    expect(done.mostAtOnce()).toBe(1);
  });

  test("fits looks between the rounds; a round that is due goes first", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 100, look: 30 }, { round: 1000, look: 250 });
    poller.start(done);
    await timing.advance(1200);
    expect(done.log).toEqual([
      "round@0",
      "round over@100",
      "look@100",
      "look over@130",
      "look@350",
      "look over@380",
      "look@600",
      "look over@630",
      "look@850",
      "look over@880",
      "round@1000",
      "round over@1100",
      "look@1100",
      "look over@1130",
    ]);
    expect(done.mostAtOnce()).toBe(1);
  });

  test("answers a kick by a round that begins after it", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 100, look: 0 }, { round: 10_000 });
    poller.start(done);
    await timing.advance(500);
    void poller.kick().then(() => done.log.push("answered"));
    await timing.advance(200);
    expect(done.log).toEqual(["round@0", "round over@100", "round@500", "round over@600", "answered"]);
  });

  test("answers a kick in the midst of a round by the next one, which begins at once", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 100, look: 0 }, { round: 10_000 });
    poller.start(done);
    await timing.advance(50);
    void poller.kick().then(() => done.log.push("one"));
    void poller.kick().then(() => done.log.push("two"));
    await timing.advance(1000);
    expect(done.log).toEqual(["round@0", "round over@100", "round@100", "round over@200", "one", "two"]);
  });

  test("answers a kick from before its start by its first round", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 100, look: 0 }, { round: 10_000 });
    const kicked = poller.kick();
    poller.start(done);
    await timing.advance(100);
    await kicked;
    expect(done.began.round).toEqual([0]);
  });

  test("that is stopped in the midst of work waits for its end, and begins nothing more", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 100, look: 0 }, { round: 1000 });
    poller.start(done);
    await timing.advance(50);
    const waiting = poller.kick();
    const stopped = poller.stop().then(() => done.log.push("stopped"));
    await timing.advance(10_000);
    await stopped;
    await waiting;
    expect(done.log).toEqual(["round@0", "round over@100", "stopped"]);
  });

  test("that is stopped while it sleeps ends at once, and answers later kicks", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 0, look: 0 }, { round: 1000 });
    poller.start(done);
    await timing.asleep();
    await poller.stop();
    await poller.kick();
    await timing.advance(5000);
    expect(done.began.round).toEqual([0]);
  });

  test("that is woken asks anew what is due, and no round comes sooner for it", async () => {
    const timing = manualTiming();
    const poller = new Poller(timing);
    const done = work(timing, { round: 100, look: 30 }, { round: 10_000 });
    let lookAt: number | undefined;
    poller.start({
      ...done,
      due: () => ({ ...done.due(), look: lookAt }),
      look: () => {
        lookAt = undefined;
        return done.look();
      },
    });
    await timing.advance(500);
    lookAt = 500;
    poller.wake();
    await timing.advance(200);
    // While something runs, it is over first.
    lookAt = 700;
    poller.wake();
    await timing.advance(10);
    lookAt = 710;
    poller.wake();
    await timing.advance(100);
    expect(done.log).toEqual([
      "round@0",
      "round over@100",
      "look@500",
      "look over@530",
      "look@700",
      "look over@730",
      "look@730",
      "look over@760",
    ]);
    expect(done.mostAtOnce()).toBe(1);
  });

  test("that was never started can be stopped", async () => {
    const poller = new Poller(manualTiming());
    const kicked = poller.kick();
    await poller.stop();
    await kicked;
  });
});
