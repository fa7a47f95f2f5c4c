import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createLogger, type Logger } from "./logger.ts";
import { Started, type Stoppable } from "./shutdown.ts";

const silent: Logger = createLogger({ level: "silent" });

function part(name: string, order: string[], stop: () => Promise<void> = async () => undefined): Stoppable {
  return {
    name,
    stop: () => {
      order.push(name);
      return stop();
    },
  };
}

describe("what was started", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("is stopped in the opposite order, one after the other", async () => {
    const order: string[] = [];
    const started = new Started(silent);
    const slow = Promise.withResolvers<void>();
    started.add(part("first", order));
    started.add(part("second", order, () => slow.promise));
    const stopping = started.stop();
    await Promise.resolve();
    expect(order).toEqual(["second"]);
    slow.resolve();
    await stopping;
    expect(order).toEqual(["second", "first"]);
  });

  test("is stopped whatever becomes of the others", async () => {
    const order: string[] = [];
    const started = new Started(silent);
    started.add(part("a", order));
    started.add(part("rejects", order, () => Promise.reject(new Error("no"))));
    started.add({
      name: "throws",
      stop: () => {
        order.push("throws");
        throw new Error("no");
      },
    });
    await started.stop();
    expect(order).toEqual(["throws", "rejects", "a"]);
  });

  test("is stopped once, and asking again waits for the same end", async () => {
    const order: string[] = [];
    const started = new Started(silent);
    const slow = Promise.withResolvers<void>();
    started.add(part("a", order, () => slow.promise));
    const [one, two] = [started.stop(), started.stop()];
    expect(one).toBe(two);
    slow.resolve();
    await two;
    expect(order).toEqual(["a"]);
  });

  test("is left behind after 15 seconds", async () => {
    const order: string[] = [];
    const started = new Started(silent);
    started.add(part("next", order));
    started.add(part("hangs", order, () => new Promise(() => undefined)));
    const stopping = started.stop();
    await vi.advanceTimersByTimeAsync(14_999);
    expect(order).toEqual(["hangs"]);
    await vi.advanceTimersByTimeAsync(1);
    await stopping;
    expect(order).toEqual(["hangs", "next"]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
