import { KubestackError, type MasterEventKind } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { afterReading, type MasterHealth, unknownHealth } from "./health.ts";

const away = new KubestackError("master-unavailable", "Master m does not answer.");
const stillAway = new KubestackError("throttled", "Master m asks us to wait.");
const refused = new KubestackError("credential-refused", "Master m refuses the token of user kubestack.");
const login = new KubestackError("not-a-master", "What answers for master m is a login page.");

type Step = [at: number, session: string | null, error: unknown, state: MasterHealth["state"], event?: MasterEventKind];

describe("a master's health", () => {
  test.each<[string, Step[], number]>([
    [
      "answers from the start",
      [
        [1, "a", undefined, "ok", "reachable"],
        [2, "a", undefined, "ok"],
      ],
      1,
    ],
    [
      "is away from the start",
      [
        [1, null, away, "unreachable", "unreachable"],
        [2, null, stillAway, "unreachable"],
      ],
      1,
    ],
    [
      "goes away and comes back",
      [
        [1, "a", undefined, "ok", "reachable"],
        [2, null, away, "unreachable", "unreachable"],
        [3, "a", undefined, "ok", "reachable"],
      ],
      3,
    ],
    [
      "refuses us, then is away, then refuses us again in other words",
      [
        [1, null, refused, "refused", "refused"],
        [2, null, away, "unreachable", "unreachable"],
        [3, null, login, "refused", "refused"],
        [4, null, refused, "refused"],
      ],
      3,
    ],
    [
      "is started anew between two readings",
      [
        [1, "a", undefined, "ok", "reachable"],
        [2, "b", undefined, "ok", "restarted"],
        [3, "b", undefined, "ok"],
      ],
      1,
    ],
    [
      "is started anew while it was away",
      [
        [1, "a", undefined, "ok", "reachable"],
        [2, null, away, "unreachable", "unreachable"],
        [3, "b", undefined, "ok", "restarted"],
      ],
      3,
    ],
    [
      "tells no session",
      [
        [1, null, undefined, "ok", "reachable"],
        [2, null, undefined, "ok"],
      ],
      1,
    ],
    ["fails in an unforeseen way", [[1, null, new RangeError("odd"), "unreachable", "unreachable"]], 1],
  ])("that %s", (_, steps, since) => {
    let health = unknownHealth;
    const events = steps.map(([at, session, error, state, event]) => {
      const after = afterReading(health, { at, session, error });
      health = after.health;
      expect(health.state).toBe(state);
      expect(after.event).toBe(event);
      return after.event;
    });
    expect(health.since).toBe(since);
    expect(events).toHaveLength(steps.length);
  });

  test("says the newest words, though its state is the same", () => {
    const first = afterReading(unknownHealth, { at: 1, session: null, error: away });
    const { health, event } = afterReading(first.health, { at: 2, session: null, error: stillAway });
    expect([health.detail, health.since, event]).toEqual(["Master m asks us to wait.", 1, undefined]);
  });

  test("remembers the session over a time without answer", () => {
    const ok = afterReading(unknownHealth, { at: 1, session: "a" });
    const gone = afterReading(ok.health, { at: 2, session: null, error: away });
    expect(gone.health.session).toBe("a");
  });
});
