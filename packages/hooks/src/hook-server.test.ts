import { createHmac } from "node:crypto";
import { connect, createServer } from "node:net";
import { KubestackError } from "@kubestack/contracts";
import { afterEach, describe, expect, test } from "vitest";
import type { Delivery, HookRoute } from "./hook-route.ts";
import { type HookServer, type HookServerOptions, startHookServer } from "./hook-server.ts";
import { longestBody } from "./request-body.ts";

const secret = "a secret of the test";
const ends: (() => Promise<void>)[] = [];
const told: string[] = [];
const taken: Delivery[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  told.length = 0;
  taken.length = 0;
});

const route: HookRoute = {
  kind: "demand",
  master: "m",
  secret: "file:/secret",
  take: async (delivery) => {
    taken.push(delivery);
    return { status: 200, message: "Taken." };
  },
};

function serve(changed: Partial<HookServerOptions> = {}): HookServer {
  const server = startHookServer({
    listen: "127.0.0.1:0",
    secret: async () => secret,
    now: Date.now,
    monotonic: () => performance.now(),
    tell: (level, sentence) => told.push(`${level} ${sentence}`),
    ...changed,
  });
  ends.push(() => server.stop());
  return server;
}

async function served(changed: Partial<HookRoute> = {}, options: Partial<HookServerOptions> = {}): Promise<string> {
  const server = serve(options);
  server.register({ ...route, ...changed });
  return server.listening;
}

const signed = (body: string | Uint8Array) => ({
  "content-type": "application/json",
  "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
});

async function post(url: string, body: string, headers: Record<string, string> = signed(body)) {
  const answer = await fetch(url, { method: "POST", body, headers });
  return { status: answer.status, ...((await answer.json()) as { message: string }), headers: answer.headers };
}

describe("a delivery", () => {
  test("that is signed is taken as it was sent", async () => {
    const url = await served();
    const body = '{"a":\n "ä"}';
    expect(await post(`${url}/hooks/demand/m?x=1`, body)).toMatchObject({ status: 200, message: "Taken." });
    expect(taken[0]?.body.toString()).toBe(body);
    expect(taken[0]?.json).toEqual({ a: "ä" });
  });

  test("reaches a master whose name must be written otherwise in an address", async () => {
    const url = await served({ master: "a/b (ü)" });
    expect((await post(`${url}/hooks/demand/a%2Fb%20%28%C3%BC%29`, "{}")).status).toBe(200);
  });

  test.each([
    [
      "not signed",
      { "content-type": "application/json" },
      401,
      /^The delivery is refused: it is not signed; send one of /,
    ],
    ["of another body", signed("[]"), 401, /^The delivery is refused: its header x-hub-signature-256 does not fit/],
    [
      "of another type",
      { ...signed("{}"), "content-type": "application/x-www-form-urlencoded" },
      415,
      /^The body must be JSON/,
    ],
    ["of no type", { ...signed("{}"), "content-type": "" }, 415, /^The body must be JSON/],
  ])("that is %s is refused", async (_name, headers, status, message) => {
    const url = await served();
    expect(await post(`${url}/hooks/demand/m`, "{}", headers)).toMatchObject({
      status,
      message: expect.stringMatching(message),
    });
    expect(taken).toEqual([]);
  });

  test("that is no JSON is refused, and only to who may know", async () => {
    const url = await served();
    expect(await post(`${url}/hooks/demand/m`, "{")).toMatchObject({ status: 400, message: "The body is no JSON." });
    expect((await post(`${url}/hooks/demand/m`, "{", signed("["))).status).toBe(401);
  });

  test("that can't be kept is to be sent again, and why is told in the log alone", async () => {
    const take = () => Promise.reject(new KubestackError("bus-unavailable", "NATS did not answer."));
    const url = await served({ take });
    const answer = await post(`${url}/hooks/demand/m`, "{}");
    expect(answer).toMatchObject({ status: 503, message: "The delivery can't be taken now; send it again." });
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(told).toContain("warn a delivery could not be taken: NATS did not answer.");
  });

  test("whose secret can't be read is to be sent again", async () => {
    const missing = async () => {
      throw new KubestackError("invalid-config", "A secret can't be read: file /secret is empty.");
    };
    const url = await served({}, { secret: missing });
    expect((await post(`${url}/hooks/demand/m`, "{}")).status).toBe(503);
  });

  test.each(["GET", "PUT", "DELETE"])("by %s is refused", async (method) => {
    const url = await served();
    const answer = await fetch(`${url}/hooks/demand/m`, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
  });

  test.each([
    "/",
    "/hooks/demand/other",
    "/hooks/completion/m",
    "/hooks/demand/m/",
    "/hooks/demand/%",
    "/hooks/demand/",
  ])("to %s finds no hook", async (path) => {
    const url = await served();
    expect((await post(`${url}${path}`, "{}")).status).toBe(404);
  });
});

describe("a body that is too long", () => {
  test("is refused by what it says of itself, without being read", async () => {
    const url = await served();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    const answered = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    socket.write(
      `POST /hooks/demand/m HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ncontent-length: ${longestBody + 1}\r\n\r\n`,
    );
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /);
    await new Promise((resolve) => socket.once("close", resolve));
  });

  test("is refused where it does not say so, and nothing of it is kept", async () => {
    const url = await served();
    const part = Buffer.alloc(64 * 1024, "x");
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    const answered = new Promise<string>((resolve) => socket.once("data", (data) => resolve(data.toString())));
    socket.write(
      "POST /hooks/demand/m HTTP/1.1\r\nhost: h\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    for (let sent = 0; sent <= longestBody; sent += part.length) {
      socket.write(`${part.length.toString(16)}\r\n`);
      socket.write(part);
      socket.write("\r\n");
    }
    expect(await answered).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  test("of exactly the limit is taken", async () => {
    const url = await served();
    const body = `"${"x".repeat(longestBody - 2)}"`;
    expect((await post(`${url}/hooks/demand/m`, body)).status).toBe(200);
  });
});

test("neither a secret nor a body is ever told", async () => {
  const url = await served();
  const body = '{"password": "of somebody"}';
  await post(`${url}/hooks/demand/m`, body);
  await post(`${url}/hooks/demand/m`, body, { "content-type": "application/json", "x-gitlab-token": "a wrong token" });
  await post(`${url}/hooks/demand/m`, `${body}}`);
  expect(told.join("\n")).not.toMatch(/of somebody|wrong token|a secret of the test/);
});

test("that deliveries are refused is told once a minute, whatever comes", async () => {
  const url = await served();
  for (let times = 0; times < 5; times += 1) await post(`${url}/hooks/demand/m`, "{}", signed("[]"));
  expect(told.filter((line) => line.startsWith("warn a delivery is refused"))).toHaveLength(1);
});

describe("hooks", () => {
  test("come and go while it runs, one of each kind for a master", async () => {
    const server = serve();
    const end = server.register(route);
    const url = await server.listening;
    expect(() => server.register(route)).toThrow("Master m has two webhooks for demand; leave one.");
    server.register({ ...route, kind: "completion" });
    server.register({ ...route, master: "other" });
    end();
    end();
    const statuses = [];
    for (const path of ["demand/m", "completion/m", "demand/other"])
      statuses.push((await post(`${url}/hooks/${path}`, "{}")).status);
    expect(statuses).toEqual([404, 200, 200]);
    server.register(route);
    expect((await post(`${url}/hooks/demand/m`, "{}")).status).toBe(200);
  });

  test("none: nothing is listened to", () => {
    const server = serve();
    expect(server.describe()).toBe("takes no webhooks");
    expect(server.problems()).toEqual([]);
    expect(told).toEqual([]);
  });

  test("off: it is said that nothing comes", () => {
    const server = serve({ listen: "off" });
    server.register(route);
    expect(server.problems()).toEqual(["webhooks are not taken: listen.hooks is off"]);
  });
});

test("a port that another program has is waited for, and that is said once", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  const failed = Promise.withResolvers<void>();
  const server = serve({
    listen: `127.0.0.1:${port}`,
    retryMs: 5,
    tell: (level, sentence) => {
      told.push(`${level} ${sentence}`);
      failed.resolve();
    },
  });
  server.register(route);
  await failed.promise;
  expect(server.problems()).toEqual([
    `listen.hooks: 127.0.0.1:${port} can't be listened at: another program has that port; name another one, or port 0 for any that is free`,
  ]);
  // A second hook makes no second try of its own.
  server.register({ ...route, master: "other" });
  await new Promise((resolve) => other.close(resolve));
  const url = await server.listening;
  expect(server.problems()).toEqual([]);
  expect((await post(`${url}/hooks/demand/m`, "{}")).status).toBe(200);
  expect(told.filter((line) => line.startsWith("warn"))).toHaveLength(1);
});

test("those who say half of a request keep nobody out, and are let go at the end", async () => {
  const url = await served();
  const { port } = new URL(url);
  const sockets = Array.from({ length: 200 }, () => connect(Number(port), "127.0.0.1"));
  const closed = sockets.map((socket) => {
    socket.on("error", () => undefined);
    socket.write("POST /hooks/demand/m HTTP/1.1\r\nhost: h\r\n");
    return new Promise((resolve) => socket.once("close", resolve));
  });
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  expect((await post(`${url}/hooks/demand/m`, "{}")).status).toBe(200);
  for (const end of ends.splice(0)) await end();
  await Promise.all(closed);
});

test("many at once are answered, each once", async () => {
  const url = await served();
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_, number) => post(`${url}/hooks/demand/m`, `{"n":${number}}`)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(new Set(taken.map(({ body }) => body.toString())).size).toBe(300);
});
