import { afterEach, expect, test, vi } from "vitest";
import { type ManualTiming, manualTiming } from "../../test/manual-timing.ts";
import { type Script, type ScriptedApi, sendJson, startScriptedApi, statusBody } from "../../test/scripted-api.ts";
import { type Cluster, connectCluster } from "../cluster.ts";
import type { ConnectionLimits } from "./connection.ts";

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function setup(script: Script, limits: ConnectionLimits & { prefix?: string } = {}) {
  const api: ScriptedApi = await startScriptedApi(script);
  ends.push(api.stop);
  const timing: ManualTiming = manualTiming();
  const token = vi.fn(() => "secret-token\n");
  const cluster: Cluster = connectCluster({
    kind: "url",
    url: api.url + (limits.prefix ?? ""),
    token,
    timing,
    ...limits,
  });
  ends.push(cluster.close);
  return { api, cluster, timing, token };
}

const pods = { method: "GET", path: "/api/v1/namespaces/ci/pods" } as const;

test("a request carries credential, name, query and body, and gives the JSON", async () => {
  const { api, cluster, token } = await setup((_request, response) => sendJson(response, 200, { answer: 42 }), {
    userAgent: "kubestack-test",
    prefix: "/k8s/clusters/c-1/",
  });
  const answer = await cluster.request<{ answer: number }>({
    method: "PATCH",
    path: "/api/v1/nodes/n1/status",
    query: { fieldManager: "node a", force: undefined },
    body: { spec: {} },
    contentType: "application/merge-patch+json",
  });
  expect(answer).toEqual({ answer: 42 });
  expect(api.seen[0]).toMatchObject({
    method: "PATCH",
    path: "/k8s/clusters/c-1/api/v1/nodes/n1/status",
    body: '{"spec":{}}',
  });
  expect(api.seen[0]?.query.toString()).toBe("fieldManager=node+a");
  expect(api.seen[0]?.headers).toMatchObject({
    authorization: "Bearer secret-token",
    "user-agent": "kubestack-test",
    "content-type": "application/merge-patch+json",
    accept: "application/json",
  });
  await cluster.request(pods);
  expect(token).toHaveBeenCalledTimes(2);
});

test("429 with Retry-After is asked again no sooner", async () => {
  let asked = 0;
  const { cluster, timing } = await setup((_request, response) => {
    asked += 1;
    if (asked === 1) sendJson(response, 429, statusBody(429, "TooManyRequests", "wait"), { "retry-after": "2" });
    else sendJson(response, 200, { items: [] });
  });
  const answer = cluster.request(pods);
  await vi.waitFor(() => expect(timing.sleepers()).toEqual([2_000]));
  timing.advance(1_999);
  expect(timing.sleepers()).toEqual([2_000]);
  timing.advance(1);
  expect(await answer).toEqual({ items: [] });
  expect(asked).toBe(2);
});

test("429 for ever ends as throttled, with the time to wait, before its deadline is over", async () => {
  const { api, cluster } = await setup((_request, response) =>
    sendJson(response, 429, statusBody(429, "TooManyRequests", "wait"), { "retry-after": "11" }),
  );
  await expect(cluster.request(pods)).rejects.toMatchObject({ code: "throttled", retry: { afterMs: 11_000 } });
  expect(api.seen).toHaveLength(1);
});

test("429 is asked at most five times", async () => {
  const { api, cluster, timing } = await setup((_request, response) =>
    sendJson(response, 429, statusBody(429, "TooManyRequests", "wait"), { "retry-after": "0" }),
  );
  const outcome = cluster.request(pods).catch((error: unknown) => error);
  for (let wait = 1; wait <= 4; wait += 1) {
    await vi.waitFor(() => expect(timing.sleepers()).toEqual([0]));
    timing.advance(0);
  }
  expect(await outcome).toMatchObject({ code: "throttled" });
  expect(api.seen).toHaveLength(5);
});

test("503 is sent again only where the server says when", async () => {
  const { api, cluster, timing } = await setup((_request, response) =>
    sendJson(response, 503, statusBody(503, "ServiceUnavailable", "etcd")),
  );
  await expect(cluster.request(pods)).rejects.toMatchObject({ code: "cluster-unavailable", retry: "backoff" });
  expect(api.seen).toHaveLength(1);
  api.answer((_request, response) => {
    if (api.seen.length === 2) sendJson(response, 503, statusBody(503, "", "starting"), { "retry-after": "1" });
    else sendJson(response, 200, {});
  });
  const again = cluster.request(pods);
  await vi.waitFor(() => expect(timing.sleepers()).toEqual([1_000]));
  timing.advance(1_000);
  await again;
});

test("a server that never answers is a time-out, said in a sentence", async () => {
  const { cluster } = await setup(() => undefined);
  await expect(cluster.request({ ...pods, timeoutMs: 60 })).rejects.toMatchObject({
    code: "cluster-unavailable",
    message: expect.stringMatching(/^Cannot list pods in namespace ci at http:.*no answer came in time/),
  });
});

test("an answer that stops in the middle is a time-out as well", async () => {
  const { cluster } = await setup((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write('{"items":');
  });
  await expect(cluster.request({ ...pods, timeoutMs: 60 })).rejects.toMatchObject({ code: "cluster-unavailable" });
});

test("nothing listening, and an answer that is no JSON, are cluster-unavailable", async () => {
  const { api, cluster } = await setup((_request, response) => response.writeHead(200).end("<html>"));
  await expect(cluster.request(pods)).rejects.toMatchObject({ code: "cluster-unavailable" });
  await api.stop();
  await expect(cluster.request(pods)).rejects.toMatchObject({
    code: "cluster-unavailable",
    message: expect.stringContaining("nothing listens there"),
  });
});

test("requests beyond burst and rate wait in turn, and are refused once the queue is too long", async () => {
  const { api, cluster, timing } = await setup((_request, response) => sendJson(response, 200, {}), {
    qps: 0.1,
    burst: 2,
  });
  const calls = Array.from({ length: 6 }, () => cluster.request(pods).catch((error: unknown) => error));
  await vi.waitFor(() => expect(api.seen).toHaveLength(2));
  expect(timing.sleepers()).toEqual([10_000, 20_000, 30_000]);
  expect(await calls[5]).toMatchObject({ code: "throttled", retry: { afterMs: 30_000 } });
  timing.advance(30_000);
  await Promise.all(calls);
  expect(api.seen).toHaveLength(5);
});

test("a caller's signal and close() end what is under way", async () => {
  const { api, cluster } = await setup(() => undefined);
  const stop = new AbortController();
  const stopped = cluster.request({ ...pods, signal: stop.signal }).catch((error: unknown) => error);
  const closed = cluster.request(pods).catch((error: unknown) => error);
  await vi.waitFor(() => expect(api.seen).toHaveLength(2));
  stop.abort();
  const asAsked = { code: "cluster-unavailable", retry: "never", message: expect.stringContaining("as asked") };
  expect(await stopped).toMatchObject(asAsked);
  await cluster.close();
  expect(await closed).toMatchObject(asAsked);
});

test("a token that cannot be read is a refused credential, and nothing is sent", async () => {
  const { api, cluster, token } = await setup((_request, response) => sendJson(response, 200, {}));
  token.mockImplementation(() => {
    throw new Error("ENOENT: no such file, open '/run/token'");
  });
  await expect(cluster.request(pods)).rejects.toMatchObject({
    code: "credential-refused",
    message: expect.stringContaining("/run/token"),
  });
  expect(api.seen).toHaveLength(0);
});

test("creates that meet under a quota are asked again, and given up after four", async () => {
  const { api, cluster, timing } = await setup((_request, response) =>
    sendJson(response, 409, statusBody(409, "Conflict", "Operation cannot be fulfilled on resourcequotas")),
  );
  const created = cluster.createPod("ci", { metadata: { name: "a" } }).catch((error: unknown) => error);
  for (const ms of [40, 80, 160]) {
    await vi.waitFor(() => expect(timing.sleepers()).toEqual([ms]));
    timing.advance(ms);
  }
  expect(await created).toMatchObject({
    code: "stale-revision",
    message: expect.stringContaining("create pods a in namespace ci"),
  });
  expect(api.seen).toHaveLength(4);
});

test("a create sends every field as given, also those that no model knows", async () => {
  const { api, cluster } = await setup((_request, response) =>
    sendJson(response, 201, { metadata: { uid: "u", resourceVersion: "7" } }),
  );
  const pod = { metadata: { name: "a" }, spec: { containers: [], fieldOfTomorrow: { x: 1 } } };
  expect(await cluster.createPod("ci", pod)).toEqual({ uid: "u", resourceVersion: "7" });
  expect(JSON.parse(api.seen[0]?.body ?? "")).toEqual({ apiVersion: "v1", kind: "Pod", ...pod });
  expect(api.seen[0]?.query.get("fieldValidation")).toBe("Strict");
});
