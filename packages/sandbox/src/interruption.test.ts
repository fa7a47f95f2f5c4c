import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { Interrupted, onInterruption } from "./interruption.ts";

function setup() {
  const source = new EventEmitter();
  const clock = { now: 1000 };
  const forced: number[] = [];
  const ending = onInterruption({ source, monotonic: () => clock.now, force: (code) => forced.push(code) });
  return { source, clock, forced, signal: ending.signal };
}

test.each([
  ["SIGINT", "Ctrl-C"],
  ["SIGTERM", "SIGTERM"],
  ["SIGHUP", "SIGHUP"],
])("%s says that all is to end", (name, by) => {
  const { source, signal, forced } = setup();
  source.emit(name);
  expect(signal.reason).toBeInstanceOf(Interrupted);
  expect(signal.reason.message).toContain(by);
  expect(forced).toEqual([]);
});

test("the same key press that comes twice, from the terminal and from npm, is one", () => {
  const { source, clock, forced } = setup();
  source.emit("SIGINT");
  clock.now += 400;
  source.emit("SIGINT");
  expect(forced).toEqual([]);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
])("a second one, %s, is by force", (name, code) => {
  const { source, clock, forced } = setup();
  source.emit("SIGINT");
  clock.now += 501;
  source.emit(name);
  expect(forced).toEqual([code]);
});
