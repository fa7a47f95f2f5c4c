import type { Master } from "@kubestack/jenkins";
import { createLogger, systemTiming, type Timing } from "@kubestack/runtime";
import { manualTiming } from "@kubestack/runtime/testing";
import { afterEach, expect, test, vi } from "vitest";
import type { CompletionListener, Hint } from "../listener.ts";
import { zmq } from "./index.ts";
import { startPlainPublisher, startPublisher } from "./publisher.fixture.ts";

vi.setConfig({ testTimeout: 20_000 });

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Listens to a publisher, and keeps the hints that come of it. */
function listen(options: { port: number; host?: string; heartbeat?: number; timing?: Timing }) {
  const hints: Hint[] = [];
  const { timing = systemTiming, ...config } = options;
  const listener: CompletionListener = zmq.connect(
    { type: "zmq", host: "127.0.0.1", heartbeat: 30_000, ...config },
    {
      name: "m",
      hooks: undefined,
      master: {} as Master,
      bus: { subscribe: () => () => undefined },
      log: createLogger({ level: "silent" }),
      found: () => Promise.reject(new Error("a push is never a fact")),
      hint: (hint) => void hints.push(hint),
      now: () => 0,
      timing,
    },
  );
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= listener.stop();
    return stopped;
  };
  ends.push(stop);
  const says = (words: string) =>
    vi.waitFor(() => expect(listener.describe?.()).toContain(words), { timeout: 15_000, interval: 10 });
  return { hints, listener, stop, says };
}

const content = (node: string): string =>
  `{"name":"a","build":{"full_url":"http://ci/job/a/1/","node_name":"${node}"}}`;

test("what a publisher tells of a build's start and end becomes hints, and what it writes besides is counted", async () => {
  const publisher = await startPublisher();
  ends.push(publisher.stop);
  const { hints, says } = listen(publisher);
  await publisher.subscribed;
  await publisher.send(`onStarted ${content("n1")}`);
  await publisher.send(`onCompleted ${content("n1")}`);
  await publisher.send("onFinalized {broken");
  await publisher.send("onFinalized ", content("n2"));
  await publisher.send(Buffer.concat([Buffer.from("onFinalized "), Buffer.alloc(300 * 1024, "a")]));
  await publisher.send(`onFinalized ${content("n1")}`);
  await publisher.send(`onFinalized ${content("")}`);
  await says("6 messages heard, 3 of them unreadable");
  expect(hints).toEqual([
    { node: "n1", until: "seen" },
    { node: "n1", until: "idle" },
    { node: null, until: "idle" },
  ]);
});

test("a publisher is found by its name, whichever of its addresses it is at", async () => {
  const publisher = await startPublisher();
  ends.push(publisher.stop);
  const { hints } = listen({ host: "localhost", port: publisher.port });
  await publisher.subscribed;
  await publisher.send(`onStarted ${content("n1")}`);
  await vi.waitFor(() => expect(hints).toEqual([{ node: "n1", until: "seen" }]));
});

test("a publisher as old as the plugin's own library, which shakes no hands, is heard", async () => {
  const publisher = await startPlainPublisher("2.0");
  ends.push(publisher.stop);
  const { hints, says } = listen({ port: publisher.port, heartbeat: 50 });
  await says("connected since");
  await vi.waitFor(() => {
    publisher.send(`onFinalized ${content("n1")}`);
    expect(hints).toContainEqual({ node: "n1", until: "idle" });
  });
  expect(publisher.connections()).toBe(1);
});

test("a connection that only seems to stand is noticed by its silence, and made anew", async () => {
  const publisher = await startPlainPublisher("3.0");
  ends.push(publisher.stop);
  const { says } = listen({ port: publisher.port, heartbeat: 50 });
  await says("(the connection was lost)");
  await vi.waitFor(() => expect(publisher.connections()).toBeGreaterThan(1), { timeout: 15_000 });
});

test("what is no publisher is tried again, less and less often", async () => {
  const timing = manualTiming({ random: 1 });
  const other = await startPlainPublisher("none");
  ends.push(other.stop);
  const { says } = listen({ port: other.port, timing });
  for (const pauseMs of [500, 1000, 2000, 4000]) {
    await timing.asleep();
    await says("(");
    expect(timing.sleepers()).toEqual([pauseMs]);
    await timing.advance(pauseMs);
  }
});

test("without heartbeats a publisher that answers none is not left", async () => {
  const publisher = await startPlainPublisher("3.0");
  ends.push(publisher.stop);
  const { hints, says } = listen({ port: publisher.port, heartbeat: 0 });
  await says("connected since");
  await vi.waitFor(() => {
    publisher.send(`onFinalized ${content("n1")}`);
    expect(hints).toContainEqual({ node: "n1", until: "idle" });
  });
  expect(publisher.connections()).toBe(1);
});

test.each([
  ["no-such-host.invalid", "(getaddrinfo "],
  ["127.0.0.1", "(no connection could be made"],
  ["::1", "(no connection could be made"],
  ["256.256.256.256", "(getaddrinfo "],
  [":", "(getaddrinfo "],
])("a publisher that is not there, at %s, disturbs nobody, and can be left at once", async (host, because) => {
  const { says, stop, listener } = listen({ host, port: 1 });
  await says(because);
  await stop();
  expect(listener.describe?.()).toContain(" 0 messages heard");
});
