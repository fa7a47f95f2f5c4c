import type { HookRoute, Hooks } from "@kubestack/hooks";
import type { Master } from "@kubestack/jenkins";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { describe, expect, test } from "vitest";
import type { Hint } from "../listener.ts";
import { notification } from "./index.ts";
import { readNotice } from "./notice.ts";

/** What the plugin sends of a build, as JSON. */
function body(phase: string, url: string | undefined = "https://ci.example.org/job/team/job/lib/7/") {
  return {
    name: "lib",
    display_name: "lib",
    url: "job/team/job/lib/",
    build: {
      full_url: url,
      number: 7,
      queue_id: 12,
      phase,
      status: "SUCCESS",
      url: "job/team/job/lib/7/",
      parameters: {},
    },
  };
}

/** A listener, what it registered, and what it hinted at. */
function listen() {
  const hints: Hint[] = [];
  const routes: HookRoute[] = [];
  const hooks: Hooks = {
    register: (route) => {
      routes.push(route);
      return () => void routes.splice(routes.indexOf(route), 1);
    },
    describe: () => "webhooks are taken at http://127.0.0.1:8651/hooks/",
  };
  const listener = notification.connect(
    { type: "notification", secret: "file:/secret" },
    {
      name: "m",
      master: {} as Master,
      hooks,
      bus: { subscribe: () => () => undefined },
      log: createLogger({ level: "silent" }),
      found: async () => undefined,
      hint: (hint) => hints.push(hint),
      now: () => 0,
      timing: systemTiming,
    },
  );
  const take = (json: unknown) => routes[0]?.take({ headers: {}, body: Buffer.from(""), json });
  return { hints, routes, listener, take };
}

const busy = (name: string, url: string) => ({
  name,
  online: true,
  markedOffline: false,
  idle: false,
  executors: 1,
  labels: null,
  builds: [{ url, number: 7 }],
});

describe("a notification", () => {
  test("of a build that starts or is over is a hint, and of the rest nothing comes", async () => {
    const { hints, take } = listen();
    for (const phase of ["QUEUED", "STARTED", "COMPLETED", "FINALIZED"])
      expect(await take(body(phase))).toMatchObject({ status: 202 });
    expect(hints).toEqual([
      { node: null, until: "seen", isForOne: true },
      { node: null, until: "idle", isForOne: true },
    ]);
  });

  test("names the node on which the build was seen, by whatever address the master is reached", async () => {
    const { hints, take, listener } = listen();
    const shown = [
      busy("ks-1", "http://jenkins.svc:8080/ci/job/team/job/lib/7/"),
      busy("ks-2", "http://jenkins.svc/job/b/1/"),
    ];
    await listener.saw({ kind: "round", computers: shown, readAt: 1 });
    await take(body("FINALIZED"));
    // A look shows some nodes, and leaves what is known of the others.
    await listener.saw({ kind: "look", computers: [busy("ks-3", "job/c/1/")], readAt: 2 });
    await take(body("FINALIZED"));
    await take(body("FINALIZED", "https://ci.example.org/job/c/1/"));
    await listener.saw({ kind: "round", computers: [], readAt: 3 });
    await take(body("FINALIZED"));
    expect(hints.map(({ node }) => node)).toEqual(["ks-1", "ks-1", "ks-3", null]);
  });

  test("names it after a change of process, too, by what was told before", async () => {
    const { hints, take, listener } = listen();
    listener.recall([{ node: "ks-1", build: { url: "http://jenkins.svc/job/team/job/lib/7/", number: 7 }, at: 1 }], []);
    await take(body("FINALIZED"));
    expect(hints).toEqual([{ node: "ks-1", until: "idle", isForOne: true }]);
  });

  test.each([
    [null],
    ["FINALIZED"],
    [{}],
    [{ build: { full_url: "x" } }],
    [body("DELETED")],
    [body("toString")],
    [body("FINALIZED", "x".repeat(5000))],
    [{ build: { phase: "FINALIZED", full_url: { constructor: { name: { toString: 1, valueOf: 1 } } } } }],
  ])("that is none is refused: %j", async (json) => {
    const { hints, take } = listen();
    expect(await take(json)).toMatchObject({ status: 400, message: expect.stringMatching(/^It can't be read: /) });
    expect(hints).toEqual([]);
  });
});

test("a master that does not know its own address tells nothing but that something happened", () => {
  expect(readNotice({ build: { phase: "STARTED", full_url: null } })).toEqual({
    notice: { phase: "started", url: null },
  });
});

test("it says how it stands, and its hook goes with it", async () => {
  const { listener, routes, take } = listen();
  await take(body("STARTED"));
  expect(listener.describe?.()).toBe("1 notifications heard; webhooks are taken at http://127.0.0.1:8651/hooks/");
  expect(routes).toMatchObject([{ kind: "completion", master: "m", secret: "file:/secret" }]);
  await listener.stop();
  expect(routes).toEqual([]);
});
