import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExplanationMessage } from "@kubestack/contracts";
import { afterEach, describe, expect, test } from "vitest";
import { run } from "../program.ts";
import { printMinute, printSecond } from "../text/local-time.ts";

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const noon = Date.UTC(2026, 2, 4, 12);
const answer: ExplanationMessage = {
  kind: "item",
  name: "412",
  master: "backend",
  sentence: "shop/api waits, for its master is refused since 2026-03-04T11:59Z.",
  evidence: [{ at: "2026-03-04T11:59:19.000Z", fact: "queued at backend" }],
  next: null,
  expected: null,
  asOf: "2026-03-04T12:00:00.000Z",
};

/** A server that answers so, and what it was asked. */
async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = (status: number, body: unknown): RequestListener => {
  return (_, response) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
};

async function call(args: string[], now = noon) {
  let [out, err] = ["", ""];
  const code = await run(args, {
    terminal: {
      ...{ width: undefined, colour: false },
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    environment: {},
    version: "1.2.3",
    now: () => now,
    connect: () => Promise.reject(new Error("NATS is not asked")),
    interrupted: () => new Promise(() => undefined),
  });
  return { code, out, err };
}

describe("with --server", () => {
  test("explain asks over HTTP, and shows the document as ever", async () => {
    const asked: (string | undefined)[] = [];
    const server = await serve((request, response) => {
      asked.push(request.url);
      json(200, answer)(request, response);
    });
    const what = "http://ci/job/a b&c/";
    const told = await call(["--server", `${server}/`, "explain", what, "--master", "m"]);
    expect(told).toEqual({
      code: 0,
      out: `shop/api waits, for its master is refused since ${printMinute(noon - 60_000, noon)}.\n  ${printSecond(noon - 41_000, noon)}  queued at backend\n`,
      err: "",
    });
    expect(new URL(asked[0] ?? "", server).searchParams.get("what")).toBe(what);
    expect(asked[0]).toMatch(/^\/api\/v1\/explain\?what=.*&master=m$/);
    const { out } = await call(["--server", server, "explain", "412", "-o", "json"]);
    expect(JSON.parse(out)).toEqual(answer);
  });

  test("a clock that is behind is told", async () => {
    const server = await serve(json(200, answer));
    expect((await call(["--server", server, "explain", "412"], noon - 9000)).err).toContain("at least 9.0s behind");
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      "what is not known",
      json(404, { error: { code: "not-found", message: "Unknown since 2026-03-04T12:00Z." } }),
      /^kubestackcmd: Unknown since \d\d:\d\d\.\n$/,
    ],
    [
      "NATS that is away",
      json(503, { error: { code: "bus-unavailable", message: "NATS is away." } }),
      /^kubestackcmd: KubeStack at http:\S+ says: NATS is away\. \(503\)\n$/,
    ],
    [
      "another server's page",
      (_, response) => response.end("<html>"),
      /is no KubeStack, or one of another release \(200\)/,
    ],
    ["another server's JSON", json(200, { items: [] }), /is no KubeStack/],
    ["an error that says nothing", json(500, { error: {} }), /is no KubeStack, or one of another release \(500\)/],
    [
      "one who sends elsewhere",
      (_, response) => response.writeHead(302, { location: "http://example.org/" }).end(),
      /^kubestackcmd: Nobody answers at http:/,
    ],
    [
      "one who hangs up",
      (request) => request.destroy(),
      /^kubestackcmd: Nobody answers at http:.*is kubestackd api running/,
    ],
    [
      "one who never stops",
      (_, response) => {
        const part = Buffer.alloc(1024 * 1024, "x");
        const more = (): void => {
          while (response.write(part));
          response.once("drain", more);
        };
        more();
      },
      /its answer is longer than 16777216 bytes/,
    ],
  ])("%s is one sentence, and exits 1", async (_, handle, sentence) => {
    const { code, out, err } = await call(["--server", await serve(handle), "explain", "412"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(sentence);
  });

  test.each([
    [["--server", "127.0.0.1:8650", "explain", "a"], "write it as http://host:port"],
    [["--server", "http://me:secret@a", "explain", "a"], "put no user or password into it"],
    [["--server", "http://a?b", "explain", "a"], "leave out what follows the path"],
    [["--server", "http://a", "--nats", "nats://a", "explain", "a"], "cannot be used with option '--nats <url>'"],
    [["--server", "http://a", "status"], "status can't be asked over HTTP yet: leave out --server"],
    [["--server", "http://a", "list"], "list can't be asked over HTTP yet"],
    [["--server", "http://a", "config", "check", "x.yaml"], "config check can't be asked over HTTP yet"],
  ])("%j is wrong use", async (args, sentence) => {
    const { code, err } = await call(args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
  });
});
