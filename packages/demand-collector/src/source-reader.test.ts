import { systemTiming } from "@kubestack/runtime";
import { expect, test } from "vitest";
import type { DemandListener } from "./listeners/listener.ts";
import { SourceReader } from "./source-reader.ts";

/** A reader of a source that changes while it is read, if it is told to. */
function reading(intervalMs: number) {
  let tell: () => void = () => undefined;
  const state = { changesMeanwhile: false, fails: false, wakes: 0 };
  const listener: DemandListener = {
    name: "s",
    intervalMs,
    watch: (changed) => {
      tell = changed;
      return () => undefined;
    },
    observe: async () => {
      if (state.changesMeanwhile) tell();
      if (state.fails) throw new Error("away");
      return { readAt: 0, queueReadAt: 0, session: null, quietingDown: false, items: [] };
    },
  };
  const reader = new SourceReader(listener, { timing: { ...systemTiming, monotonic: () => 1000 }, now: () => 0 });
  reader.watch(() => {
    state.wakes += 1;
  });
  return { reader, state };
}

test.each([[false], [true]])(
  "a change while it is read is read at once after, and not after an interval (it fails: %s)",
  async (fails) => {
    const { reader, state } = reading(60_000);
    state.fails = fails;
    await reader.read();
    expect(reader.nextAt).toBe(61_000);
    state.changesMeanwhile = true;
    await reader.read();
    expect([reader.nextAt, state.wakes]).toEqual([0, 1]);
    state.changesMeanwhile = false;
    await reader.read();
    expect(reader.nextAt).toBe(61_000);
  },
);
