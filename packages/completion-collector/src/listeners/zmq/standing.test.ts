import { expect, test } from "vitest";
import { Standing, toldAgainMs } from "./standing.ts";

const noon = Date.UTC(2026, 0, 1, 12);

test("how a connection stands is told in one sentence, with what was heard", () => {
  const standing = new Standing("zmq tcp://ci:8888", noon);
  expect(standing.describe()).toBe(
    "zmq tcp://ci:8888 not connected since 2026-01-01T12:00:00.000Z, 0 messages heard, 0 of them unreadable",
  );
  standing.lost("no connection could be made yet", noon + 1000);
  expect(standing.describe()).toContain(
    "not connected since 2026-01-01T12:00:00.000Z (no connection could be made yet)",
  );
  standing.connected(noon + 60_000);
  for (let times = 0; times < 3; times += 1) standing.heard();
  expect([standing.unreadable(), standing.unreadable()]).toEqual([true, false]);
  expect(standing.describe()).toBe(
    "zmq tcp://ci:8888 connected since 2026-01-01T12:01:00.000Z, 3 messages heard, 2 of them unreadable",
  );
});

test("the log is told of each change, but of one that goes to and fro only once a minute", () => {
  const standing = new Standing("zmq tcp://ci:8888", 0);
  expect(standing.lost("no connection", 0)).toBe("zmq tcp://ci:8888 not connected: no connection");
  expect(standing.lost("no connection", toldAgainMs * 2)).toBeUndefined();
  expect(standing.connected(1000)).toBe("zmq tcp://ci:8888 connected");
  expect(standing.lost("lost", 1500)).toBeUndefined();
  expect(standing.connected(2000)).toBeUndefined();
  expect(standing.lost("lost", toldAgainMs)).toBe("zmq tcp://ci:8888 not connected: lost");
  expect(standing.connected(toldAgainMs + 1000)).toBe("zmq tcp://ci:8888 connected");
});
