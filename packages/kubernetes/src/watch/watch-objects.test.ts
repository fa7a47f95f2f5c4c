import type { ServerResponse } from "node:http";
import { afterEach, expect, test, vi } from "vitest";
import { type ManualTiming, manualTiming } from "../../test/manual-timing.ts";
import { type ScriptedApi, type SeenRequest, sendJson, startScriptedApi, statusBody } from "../../test/scripted-api.ts";
import { connectCluster } from "../cluster.ts";
import type { RawObject } from "./list-objects.ts";
import { type WatchObjectsOptions, watchObjects } from "./watch-objects.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const pod = (name: string, revision: number, uid = `uid-${name}`) => ({
  metadata: { name, uid, resourceVersion: String(revision), namespace: "ci" },
});
const page = (revision: number, items: readonly object[], next = "") => ({
  metadata: { resourceVersion: String(revision), continue: next },
  items,
});
const line = (type: string, object: unknown) => `${JSON.stringify({ type, object })}\n`;

/** A scripted server: lists are answered by a function, watches are kept open and written to by the test. */
async function setup(
  options: Partial<WatchObjectsOptions<string>> = {},
  firstList = (_request: SeenRequest, response: ServerResponse) => sendJson(response, 200, page(10, [pod("a", 5)])),
) {
  const watches: { request: SeenRequest; response: ServerResponse }[] = [];
  const lists: SeenRequest[] = [];
  let onList: (request: SeenRequest, response: ServerResponse) => void = firstList;
  let onWatch = (_request: SeenRequest, response: ServerResponse) => {
    response.writeHead(200);
    response.flushHeaders();
  };
  const api: ScriptedApi = await startScriptedApi((request, response) => {
    if (request.query.has("watch")) {
      onWatch(request, response);
      watches.push({ request, response });
    } else {
      lists.push(request);
      onList(request, response);
    }
  });
  ends.push(api.stop);
  const timing: ManualTiming = manualTiming();
  const cluster = connectCluster({ kind: "url", url: api.url, token: () => "t", timing });
  ends.push(cluster.close);
  const events: string[] = [];
  const errors: unknown[] = [];
  const source = watchObjects<string>({
    cluster,
    path: "/api/v1/namespaces/ci/pods",
    labelSelector: "app=x",
    project: (object: RawObject) => `${object.metadata.uid}@${object.metadata.resourceVersion}`,
    onEvent: ({ kind, name, value }) => events.push(`${kind} ${name} ${value}`),
    onError: (error) => errors.push(error),
    ...options,
  });
  ends.push(source.stop);
  return {
    api,
    source,
    timing,
    events,
    errors,
    watches,
    lists,
    setList: (next: typeof onList) => {
      onList = next;
    },
    setWatch: (next: typeof onWatch) => {
      onWatch = next;
    },
    write: (text: string) => watches.at(-1)?.response.write(text),
    /** Waits until the n-th watch is open and the source says so. */
    watching: (count: number) =>
      vi.waitFor(() => {
        expect(watches).toHaveLength(count);
        expect(source.status().state).toBe("synced");
      }),
    /** Waits for the one short sleep that a failure causes, and ends it. */
    async backOff(expectedMs: number) {
      await vi.waitFor(() => expect(timing.sleepers()).toContain(expectedMs));
      timing.advance(expectedMs);
    },
  };
}

test("it lists in pages, then watches from the list's revision with bookmarks and a jittered end", async () => {
  const t = await setup();
  t.setList((request, response) =>
    request.query.get("continue") === "more"
      ? sendJson(response, 200, page(10, [pod("b", 6)]))
      : sendJson(response, 200, page(10, [pod("a", 5)], "more")),
  );
  await t.source.synced;
  await t.watching(1);
  expect(t.lists.map((request) => request.query.toString())).toEqual([
    "labelSelector=app%3Dx&limit=500",
    "labelSelector=app%3Dx&limit=500&continue=more",
  ]);
  expect(Object.fromEntries(t.watches[0]?.request.query ?? [])).toEqual({
    labelSelector: "app=x",
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: "10",
    timeoutSeconds: "270",
  });
  t.write(line("ADDED", pod("c", 11)) + line("MODIFIED", pod("a", 12)) + line("DELETED", pod("b", 13)));
  await vi.waitFor(() => expect(t.events).toHaveLength(5));
  expect(t.events).toEqual([
    "added a uid-a@5",
    "added b uid-b@6",
    "added c uid-c@11",
    "changed a uid-a@12",
    "gone b uid-b@13",
  ]);
  expect(t.source.all().sort()).toEqual(["uid-a@12", "uid-c@11"]);
  expect(t.source.get("a")).toBe("uid-a@12");
});

test("a page that has expired begins the list again", async () => {
  let expired = 0;
  const t = await setup();
  t.setList((request, response) => {
    if (!request.query.has("continue")) return sendJson(response, 200, page(10, [pod("a", 5)], "more"));
    expired += 1;
    if (expired === 1)
      sendJson(response, 410, statusBody(410, "Expired", "The provided continue parameter is too old"));
    else sendJson(response, 200, page(20, [pod("b", 15)]));
  });
  await t.source.synced;
  expect(t.lists).toHaveLength(4);
  expect(t.errors).toEqual([]);
});

test("a watch that ends in its time is resumed from the last bookmark, without a list and without an error", async () => {
  const t = await setup();
  await t.watching(1);
  t.write(line("BOOKMARK", { metadata: { resourceVersion: "40" } }));
  t.timing.advance(2_000);
  t.watches[0]?.response.end();
  await t.watching(2);
  expect(t.watches[1]?.request.query.get("resourceVersion")).toBe("40");
  expect(t.lists).toHaveLength(1);
  expect(t.errors).toEqual([]);
});

test("a connection cut in the middle of an event loses nothing: the event comes again", async () => {
  const t = await setup();
  await t.watching(1);
  t.write(line("ADDED", pod("b", 11)) + line("ADDED", pod("c", 12)).slice(0, 30));
  await vi.waitFor(() => expect(t.events).toContain("added b uid-b@11"));
  t.watches[0]?.response.destroy();
  await vi.waitFor(() => expect(t.source.status().state).toBe("disconnected"));
  expect(t.errors).toEqual([expect.objectContaining({ code: "cluster-unavailable" })]);
  await t.backOff(150);
  await t.watching(2);
  expect(t.watches[1]?.request.query.get("resourceVersion")).toBe("11");
  t.write(line("ADDED", pod("c", 12)));
  await vi.waitFor(() => expect(t.events.at(-1)).toBe("added c uid-c@12"));
  expect(t.lists).toHaveLength(1);
});

test.each([
  [
    "an ERROR event with 410",
    (response: ServerResponse) => response.writeHead(200).write(line("ERROR", statusBody(410, "Expired", "too old"))),
  ],
  [
    "an ERROR event with 500",
    (response: ServerResponse) =>
      response.writeHead(200).write(line("ERROR", statusBody(500, "InternalError", "broken"))),
  ],
  ["an answer 410", (response: ServerResponse) => sendJson(response, 410, statusBody(410, "Expired", "too old"))],
])("after %s it begins from a new list, and tells what it missed by identity", async (_name, fail) => {
  const t = await setup();
  await t.watching(1);
  t.setList((_request, response) => sendJson(response, 200, page(90, [pod("a", 80, "uid-second"), pod("b", 70)])));
  t.setWatch((_request, response) => {
    fail(response);
    t.setWatch((_again, second) => second.writeHead(200).flushHeaders());
  });
  t.timing.advance(2_000);
  t.watches[0]?.response.end();
  await t.backOff(150);
  await t.watching(3);
  expect(t.events).toEqual(["added a uid-a@5", "gone a uid-a@5", "added a uid-second@80", "added b uid-b@70"]);
  expect(t.watches[2]?.request.query.get("resourceVersion")).toBe("90");
});

test("silence is no error: the watch is opened again from the same place", async () => {
  const t = await setup({ silenceMs: 80 });
  await t.watching(1);
  t.timing.advance(2_000);
  await t.watching(2);
  expect(t.errors).toEqual([]);
  expect(t.source.status()).toMatchObject({ state: "synced" });
  expect(t.source.status().lastError).toBeUndefined();
  expect(t.watches[1]?.request.query.get("resourceVersion")).toBe("10");
});

test("an event larger than the limit is not kept: a list takes its place", async () => {
  const t = await setup({ largestEventBytes: 1_000 });
  await t.watching(1);
  t.setList((_request, response) => sendJson(response, 200, page(30, [pod("a", 5), pod("huge", 20)])));
  t.write(`{"type":"ADDED","object":{"x":"${"y".repeat(5_000)}`);
  await t.backOff(150);
  await t.watching(2);
  expect(t.events.at(-1)).toBe("added huge uid-huge@20");
  expect(String(t.errors[0])).toContain("longer than 1000 bytes");
});

test("failures are waited out longer and longer, and no sooner than Retry-After says", async () => {
  const t = await setup();
  await t.watching(1);
  t.setWatch((_request, response) => sendJson(response, 500, statusBody(500, "InternalError", "no")));
  t.watches[0]?.response.destroy();
  for (const ms of [150, 300, 600, 1_200]) await t.backOff(ms);
  t.setWatch((_request, response) =>
    sendJson(response, 429, statusBody(429, "TooManyRequests", "no"), { "retry-after": "20" }),
  );
  await vi.waitFor(() => expect(t.timing.sleepers()).toContain(20_000));
  expect(t.source.status()).toMatchObject({ state: "disconnected", lastError: expect.stringContaining("429") });
  t.setWatch((_request, response) => response.writeHead(200).flushHeaders());
  t.timing.advance(20_000);
  await t.watching(6);
  expect(t.lists).toHaveLength(1);
});

test("a server that closes each watch at once is not asked without pause", async () => {
  const t = await setup();
  t.setWatch((_request, response) => response.writeHead(200).end());
  for (const ms of [150, 300, 600]) await t.backOff(ms);
  await vi.waitFor(() => expect(t.watches).toHaveLength(4));
});

test("a watch that told something and was closed at once has worked: the next ones never wait longer", async () => {
  const t = await setup();
  for (let count = 1; count <= 5; count += 1) {
    await t.watching(count);
    t.write(line("MODIFIED", pod("a", 10 + count)));
    t.watches.at(-1)?.response.end();
    await t.backOff(150);
  }
  await t.watching(6);
  expect(t.watches[5]?.request.query.get("resourceVersion")).toBe("15");
  expect(t.errors).toEqual([]);
  expect(t.source.status().lastError).toBeUndefined();
});

test("a resync tells what the watch has lost, and asks the server's memory only", async () => {
  const t = await setup();
  await t.watching(1);
  t.setList((_request, response) => sendJson(response, 200, page(20, [pod("b", 15)])));
  await vi.waitFor(() => expect(t.timing.sleepers()).toEqual([60_000]));
  t.timing.advance(60_000);
  await vi.waitFor(() => expect(t.events).toEqual(["added a uid-a@5", "gone a uid-a@5", "added b uid-b@15"]));
  expect(t.lists[1]?.query.get("resourceVersion")).toBe("0");
  expect(t.lists[1]?.query.has("limit")).toBe(false);
  // What the running watch says late of the time before the list is known already.
  t.write(line("MODIFIED", pod("a", 14)) + line("DELETED", pod("a", 16)) + line("MODIFIED", pod("b", 21)));
  await vi.waitFor(() => expect(t.events.at(-1)).toBe("changed b uid-b@21"));
  expect(t.events).toHaveLength(4);
  expect(t.watches).toHaveLength(1);
});

test("where no watch can ever be opened, what is held is still brought up to date at each interval", async () => {
  const t = await setup();
  t.setWatch((_request, response) => sendJson(response, 403, statusBody(403, "Forbidden", "no watch for you")));
  await vi.waitFor(() => expect(t.source.status().state).toBe("disconnected"));
  await t.source.synced;
  t.setList((_request, response) => sendJson(response, 200, page(20, [pod("b", 15)])));
  t.timing.advance(60_000);
  await vi.waitFor(() => expect(t.source.all()).toEqual(["uid-b@15"]));
  expect(t.source.status().state).toBe("disconnected");
});

test("a cached list older than what is known is not believed: the store is asked", async () => {
  const t = await setup();
  await t.watching(1);
  t.write(line("ADDED", pod("b", 50)));
  await vi.waitFor(() => expect(t.source.get("b")).toBeDefined());
  t.setList((request, response) =>
    request.query.get("resourceVersion") === "0"
      ? sendJson(response, 200, page(20, []))
      : sendJson(response, 200, page(60, [pod("a", 5), pod("b", 50)])),
  );
  await t.source.resync();
  expect(t.lists).toHaveLength(3);
  expect(t.events).toEqual(["added a uid-a@5", "added b uid-b@50"]);
});

test("a resync that is overtaken by a new list is thrown away: what has gone stays gone", async () => {
  const t = await setup();
  await t.watching(1);
  let late: ServerResponse | undefined;
  t.setList((request, response) => {
    if (request.query.get("resourceVersion") === "0") late = response;
    else sendJson(response, 200, page(30, []));
  });
  const overtaken = t.source.resync();
  await vi.waitFor(() => expect(late).toBeDefined());
  t.write(line("ERROR", statusBody(410, "Expired", "too old")));
  await t.backOff(150);
  await t.watching(2);
  expect(t.events).toEqual(["added a uid-a@5", "gone a uid-a@5"]);
  if (late) sendJson(late, 200, page(15, [pod("a", 5)]));
  await overtaken;
  expect(t.source.all()).toEqual([]);
  expect(t.events).toHaveLength(2);
});

test("a store that went back is taken over whole, and watched from where it is", async () => {
  const t = await setup();
  await t.watching(1);
  t.setList((_request, response) => sendJson(response, 200, page(4, [pod("old", 3)])));
  await t.source.resync();
  expect(t.events).toEqual(["added a uid-a@5", "gone a uid-a@5", "added old uid-old@3"]);
  await t.backOff(150);
  await t.watching(2);
  expect(t.watches[1]?.request.query.get("resourceVersion")).toBe("4");
});

test("a resync without an answer gives up the quiet watch beside it", async () => {
  const t = await setup();
  await t.watching(1);
  t.setList((_request, response) => response.destroy());
  await expect(t.source.resync()).rejects.toMatchObject({ code: "cluster-unavailable" });
  await vi.waitFor(() => expect(t.source.status().state).toBe("disconnected"));
  await t.backOff(150);
  await t.watching(2);
});

test("a throwing handler is reported, and neither other handlers nor the source notice", async () => {
  const t = await setup();
  await t.watching(1);
  const heard: string[] = [];
  t.source.onChange(() => {
    throw new Error("handler is broken");
  });
  const forget = t.source.onChange((change) => heard.push(change.name));
  t.write(line("ADDED", pod("b", 11)) + line("ADDED", pod("c", 12)));
  await vi.waitFor(() => expect(heard).toEqual(["b", "c"]));
  expect(t.errors.map(String)).toEqual(["Error: handler is broken", "Error: handler is broken"]);
  forget();
  t.write(line("ADDED", pod("d", 13)));
  await vi.waitFor(() => expect(t.events.at(-1)).toBe("added d uid-d@13"));
  expect(heard).toEqual(["b", "c"]);
  expect(t.source.status().state).toBe("synced");
});

test("a first list that is refused is tried until it works, and the refusal shows meanwhile", async () => {
  const t = await setup({}, (_request, response) =>
    sendJson(response, 403, statusBody(403, "Forbidden", 'pods is forbidden: User "x" cannot list resource "pods"')),
  );
  await vi.waitFor(() => expect(t.timing.sleepers()).toContain(150));
  expect(t.source.status()).toMatchObject({
    state: "disconnected",
    lastError: expect.stringMatching(/^Cannot list pods in namespace ci .*pods is forbidden: .*; grant the right/),
  });
  expect(t.source.all()).toEqual([]);
  t.setList((_request, response) => sendJson(response, 200, page(10, [pod("a", 5)])));
  await t.backOff(150);
  await t.source.synced;
  await t.watching(1);
});

test("stop ends requests and waiters; a source never listed says so", async () => {
  const t = await setup();
  await t.watching(1);
  await t.source.stop();
  await vi.waitFor(() => expect(t.watches[0]?.response.destroyed).toBe(true));
  expect(t.timing.sleepers()).toEqual([]);
  expect(t.errors).toEqual([]);
  const silent = await startScriptedApi(() => undefined);
  ends.push(silent.stop);
  const cluster = connectCluster({ kind: "url", url: silent.url, token: () => "t" });
  ends.push(cluster.close);
  const never = watchObjects({ cluster, path: "/api/v1/nodes", project: () => "x" });
  await vi.waitFor(() => expect(silent.seen).toHaveLength(1));
  await never.stop();
  await expect(never.synced).rejects.toThrow("stopped before its first list");
});

test("over several namespaces, names carry theirs", async () => {
  const t = await setup({ path: "/api/v1/pods", fieldSelector: "spec.nodeName=n1" });
  await t.source.synced;
  expect(t.source.get("ci/a")).toBe("uid-a@5");
  expect(t.lists[0]?.query.get("fieldSelector")).toBe("spec.nodeName=n1");
});
