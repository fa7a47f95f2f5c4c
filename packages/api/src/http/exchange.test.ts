import { KubestackError } from "@kubestack/contracts";
import { Readiness } from "@kubestack/metrics";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { answerTo, type ExchangeOptions } from "./exchange.ts";

const told: string[] = [];
const readiness = new Readiness();

/** One route, which answers with what it was asked, or raises. */
function options(raised?: unknown): ExchangeOptions {
  return {
    routes: [
      {
        path: "/api/v1/echo",
        summary: "Says what it was asked.",
        parameters: { what: { about: "Anything.", longest: 4096, isNeeded: true, example: "a" } },
        reply: { name: "Echo", schema: z.object({ what: z.string() }) },
        refusals: {},
        answer: async (values) => {
          if (raised !== undefined) throw raised;
          return { what: values.get("what") };
        },
      },
    ],
    openApi: { openapi: "3.1.0" },
    readiness,
    onFailure: (sentence) => told.push(sentence),
  };
}

const ask = (url: string, more: { method?: string; host?: string } = {}, raised?: unknown) =>
  answerTo({ method: "GET", host: "127.0.0.1:8650", url, ...more }, options(raised));
const error = (code: string, message: unknown) => ({ error: { code, message } });

describe("a request", () => {
  test("is answered by its route, with what its query says", async () => {
    expect(await ask("/api/v1/echo?what=a%3Fb")).toEqual({ status: 200, body: { what: "a?b" } });
    expect(await ask("/api/v1/echo?what=a?b", { method: "HEAD" })).toEqual({ status: 200, body: { what: "a?b" } });
  });

  test.each([
    ["/api/v1/openapi.json", { status: 200, body: { openapi: "3.1.0" } }],
    ["/healthz", { status: 200, body: { state: "ok" } }],
    ["/readyz", { status: 200, body: { conditions: [] } }],
  ])("%s is there besides", async (url, answer) => {
    expect(await ask(url)).toEqual(answer);
  });

  test.each([
    ["/", 404],
    ["/api/v1/echo/?what=a", 404],
    ["/api/v1/../v1/echo", 404],
    ["//api/v1/echo", 404],
    ["http://127.0.0.1/api/v1/echo", 404],
    ["*", 404],
    ["", 404],
    ["/api/v1/echo", 400],
    ["/api/v1/echo?what=%", 400],
    ["/api/v1/echo?what=a&b=c", 400],
  ])("%s is refused with %i", async (url, status) => {
    const answer = await ask(url);
    expect(answer).toEqual({
      status,
      body: error(status === 404 ? "not-found" : "invalid-request", expect.stringMatching(/^[/N].*[.]$/)),
    });
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT"])("by %s is refused", async (method) => {
    expect(await ask("/api/v1/echo?what=a", { method })).toMatchObject({ status: 405 });
  });

  test.each([
    ["127.0.0.1:8650", 200],
    ["localhost", 200],
    ["LOCALHOST:1", 200],
    ["127.8.8.8", 200],
    ["[::1]:8650", 200],
    [undefined, 200],
    ["ci.example.org", 421],
    ["127.0.0.1.example.org", 421],
    ["localhost.example.org:8650", 421],
    ["127.0.0.1@example.org", 421],
    ["[::2]", 421],
    ["", 421],
  ])("for host %s is answered with %i, so that no page of elsewhere can ask", async (host, status) => {
    expect(await answerTo({ method: "GET", url: "/healthz", host }, options())).toMatchObject({ status });
  });

  test.each<[unknown, number, object]>([
    [new KubestackError("not-found", "Nothing is called 'x'."), 404, error("not-found", "Nothing is called 'x'.")],
    [
      new KubestackError("bus-unavailable", "NATS did not answer."),
      503,
      error("bus-unavailable", "NATS did not answer."),
    ],
  ])("that can't be answered is told why (%s)", async (raised, status, body) => {
    expect(await ask("/api/v1/echo?what=a", {}, raised)).toEqual({ status, body });
    expect(told).toEqual([]);
  });

  test.each([new TypeError("secret of the inside"), new KubestackError("invalid-config", "secret of the inside"), "x"])(
    "that nobody foresaw is told in the log alone (%s)",
    async (raised) => {
      const answer = await ask("/api/v1/echo?what=http://me:hunter2@ci/", {}, raised);
      expect(answer).toMatchObject({ status: 500, body: error("internal", expect.stringContaining("the log")) });
      expect(JSON.stringify(answer)).not.toContain("inside");
      expect(told.splice(0).join()).toMatch(/^a request could not be answered: (secret of the inside|x)$/);
    },
  );
});

test("a process that is not ready says what is missing", async () => {
  readiness.require("nats", () => ({ isReady: false, detail: "not connected yet" }));
  expect(await ask("/readyz")).toEqual({
    status: 503,
    body: { conditions: [{ name: "nats", isReady: false, detail: "not connected yet" }] },
  });
});
