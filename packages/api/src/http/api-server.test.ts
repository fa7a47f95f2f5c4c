import { connect, createServer } from "node:net";
import { Readiness } from "@kubestack/metrics";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { type ApiServer, type ApiServerOptions, startApiServer } from "./api-server.ts";
import type { Route } from "./route.ts";

const ends: (() => Promise<void>)[] = [];
const told: string[] = [];
const answered: { route: string; status: number }[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  told.length = 0;
  answered.length = 0;
});

/** `hold` keeps every answer back until it resolves. */
function routeThat(hold: () => Promise<void> = async () => undefined): Route {
  return {
    path: "/api/v1/echo",
    summary: "Says what it was asked.",
    parameters: { what: { about: "Anything.", longest: 4096, isNeeded: true, example: "a" } },
    reply: { name: "Echo", schema: z.object({ what: z.string() }) },
    refusals: {},
    answer: async (values) => {
      await hold();
      return { what: values.get("what") };
    },
  };
}

function serve(changed: Partial<ApiServerOptions> = {}): ApiServer {
  const server = startApiServer({
    listen: "127.0.0.1:0",
    routes: [routeThat()],
    openApi: {},
    readiness: new Readiness(),
    onFailure: (sentence) => told.push(sentence),
    tell: (level, sentence) => told.push(`${level} ${sentence}`),
    answered: ({ route, status }) => answered.push({ route, status }),
    monotonic: () => performance.now(),
    ...changed,
  });
  ends.push(() => server.stop());
  return server;
}

/** Sends bytes as they stand, and gives all that comes back until the other side closes. */
async function raw(url: string, bytes: string | Buffer): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let text = "";
  socket
    .on("error", () => undefined)
    .on("data", (data) => {
      text += data.toString("latin1");
    });
  socket.write(bytes);
  await new Promise((resolve) => socket.once("close", resolve));
  return text;
}

describe("an answer", () => {
  test("is JSON that nobody keeps, shows within a page or takes for something else", async () => {
    const answer = await fetch(`${await serve().listening}/api/v1/echo?what=%3Cscript%3E`);
    expect(await answer.json()).toEqual({ what: "<script>" });
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
    });
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
    expect(answered).toEqual([{ route: "/api/v1/echo", status: 200 }]);
  });

  test("to HEAD has no body; one to a method that is not answered says which are", async () => {
    const url = await serve().listening;
    const head = await fetch(`${url}/api/v1/echo?what=a`, { method: "HEAD" });
    expect([head.status, await head.text(), Number(head.headers.get("content-length")) > 0]).toEqual([200, "", true]);
    const post = await fetch(`${url}/api/v1/echo?what=a`, { method: "POST", body: "x".repeat(100_000) });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(answered.at(-1)).toEqual({ route: "/api/v1/echo", status: 405 });
  });
});

describe("what is hostile", () => {
  test.each<[string, string, RegExp]>([
    ["no HTTP", "\u0000\u0001\u0002\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["an address of 64 KiB", `GET /${"a".repeat(65_536)} HTTP/1.1\r\nhost: localhost\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ["headers of 64 KiB", `GET / HTTP/1.1\r\nhost: localhost\r\na: ${"a".repeat(65_536)}\r\n\r\n`, /^HTTP\/1\.1 431 /],
    ["no host", "GET /healthz HTTP/1.1\r\n\r\n", /^HTTP\/1\.1 400 /],
    [
      "a query that is too long",
      `GET /api/v1/echo?what=${"a".repeat(20_000)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
      /^HTTP\/1\.1 400 [\s\S]*longer than 16384 characters/,
    ],
    [
      "bytes that are no UTF-8",
      "GET /api/v1/echo?what=%ff%fe HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
      /^HTTP\/1\.1 400 [\s\S]*not encoded as UTF-8/,
    ],
    [
      "two hosts",
      "GET /healthz HTTP/1.1\r\nhost: localhost\r\nhost: example.org\r\nconnection: close\r\n\r\n",
      /^HTTP\/1\.1 (400|421|200) /,
    ],
    [
      "a body that never comes whole",
      "POST /api/v1/echo?what=a HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\nx",
      /^HTTP\/1\.1 405 [\s\S]*connection: close/i,
    ],
  ])("%s is refused, and the connection ends", async (_name, bytes, answer) => {
    const url = await serve().listening;
    expect(await raw(url, bytes)).toMatch(answer);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(told.filter((line) => !line.startsWith("info"))).toEqual([]);
  });

  test("those who say half of a request keep nobody out, and are let go at the end", async () => {
    const url = await serve().listening;
    const sockets = Array.from({ length: 200 }, () => connect(Number(new URL(url).port), "127.0.0.1"));
    const closed = sockets.map((socket) => {
      socket.on("error", () => undefined);
      socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n");
      return new Promise((resolve) => socket.once("close", resolve));
    });
    await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
    expect((await fetch(`${url}/api/v1/echo?what=a`)).status).toBe(200);
    for (const end of ends.splice(0)) await end();
    await Promise.all(closed);
  });

  test("more at once than are answered are told to come again, and the others are answered", async () => {
    const held = Promise.withResolvers<void>();
    const url = await serve({ routes: [routeThat(() => held.promise)] }).listening;
    const answers = Array.from({ length: 300 }, () => fetch(`${url}/api/v1/echo?what=a`));
    const refused: Response[] = [];
    for (const answer of answers) void answer.then((one) => one.status === 503 && refused.push(one));
    await expect.poll(() => refused.length).toBe(44);
    expect(refused[0]?.headers.get("retry-after")).toBe("2");
    expect(await refused[0]?.json()).toMatchObject({ error: { code: "too-many" } });
    held.resolve();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(256);
  });
});

describe("the end", () => {
  test("lets who is being answered have the answer, and takes no others", async () => {
    const [begun, held] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const hold = (): Promise<void> => {
      begun.resolve();
      return held.promise;
    };
    const server = serve({ routes: [routeThat(hold)] });
    const url = await server.listening;
    const answer = fetch(`${url}/api/v1/echo?what=a`);
    await begun.promise;
    const stopping = server.stop();
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    held.resolve();
    expect((await answer).status).toBe(200);
    await stopping;
  });

  test("waits for nobody who only keeps a connection", async () => {
    const server = serve();
    await (await fetch(`${await server.listening}/healthz`)).json();
    const from = performance.now();
    await server.stop();
    expect(performance.now() - from).toBeLessThan(1500);
    await server.stop();
  });
});

test("off: nothing is listened to, and nothing is wrong with that", async () => {
  const server = serve({ listen: "off" });
  expect(server.problems()).toEqual([]);
  await server.stop();
  expect(told).toEqual([]);
});

test("a port that another program has is waited for, and that is said once", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const failed = Promise.withResolvers<void>();
  const tell: ApiServerOptions["tell"] = (level, sentence) => {
    told.push(`${level} ${sentence}`);
    failed.resolve();
  };
  const server = serve({ listen: `127.0.0.1:${port}`, retryMs: 5, tell });
  await failed.promise;
  expect(server.problems()).toEqual([
    `listen.api: 127.0.0.1:${port} can't be listened at: another program has that port; name another one, or port 0 for any that is free`,
  ]);
  await new Promise((resolve) => other.close(resolve));
  expect((await fetch(`${await server.listening}/healthz`)).status).toBe(200);
  expect(server.problems()).toEqual([]);
  expect(told.filter((line) => line.startsWith("warn"))).toHaveLength(1);
});
