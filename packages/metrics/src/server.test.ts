import { connect } from "node:net";
import { listenAddress } from "@kubestack/contracts";
import { afterEach, describe, expect, test } from "vitest";
import { listenSchema } from "./config.ts";
import { createMeter } from "./meter.ts";
import { readExposition } from "./read-exposition.ts";
import { Readiness } from "./readiness.ts";
import { type MetricsServer, type MetricsServerOptions, serveMetrics } from "./server.ts";

const servers: MetricsServer[] = [];
const failures: string[] = [];

async function served(changed: Partial<MetricsServerOptions> = {}): Promise<MetricsServer> {
  const server = await serveMetrics({
    listen: { host: "127.0.0.1", port: 0 },
    exposition: createMeter(),
    readiness: new Readiness(),
    onFailure: (sentence) => failures.push(sentence),
    ...changed,
  });
  servers.push(server);
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
  failures.length = 0;
});

describe("what is served", () => {
  test("the measures, in the text form", async () => {
    const { url } = await served();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(`${url}/metrics`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toContain("text/plain; version=0.0.4");
    expect(readExposition(await answer.text()).families.size).toBeGreaterThan(30);
  });

  test("that the process lives, whatever it is ready for", async () => {
    const readiness = new Readiness();
    readiness.require("nats", () => ({ isReady: false, detail: "not connected" }));
    const { url } = await served({ readiness });
    const answer = await fetch(`${url}/healthz?verbose`);
    expect([answer.status, await answer.text()]).toEqual([200, "ok\n"]);
  });

  test("whether it is ready: each condition, asked anew", async () => {
    const readiness = new Readiness();
    let connected = false;
    readiness.require("services", () => ({ isReady: true, detail: "started" }));
    readiness.require("nats", () => ({ isReady: connected, detail: connected ? "connected" : "not connected" }));
    const { url } = await served({ readiness });
    const before = await fetch(`${url}/readyz`);
    expect([before.status, await before.text()]).toEqual([
      503,
      "ok services: started\nnot ready nats: not connected\n",
    ]);
    connected = true;
    const after = await fetch(`${url}/readyz`);
    expect([after.status, await after.text()]).toEqual([200, "ok services: started\nok nats: connected\n"]);
  });

  test("HEAD is answered without the text", async () => {
    const { url } = await served();
    const answer = await fetch(`${url}/metrics`, { method: "HEAD" });
    expect([answer.status, Number(answer.headers.get("content-length")) > 1000, await answer.text()]).toEqual([
      200,
      true,
      "",
    ]);
  });

  test.each(["POST", "PUT", "DELETE"])("%s is refused", async (method) => {
    const { url } = await served();
    const answer = await fetch(`${url}/metrics`, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test.each(["/", "/metrics/", "/metrics/x", "/..%2fmetrics", "//metrics"])(
    "nothing is at %s, and what is where is said",
    async (path) => {
      const { url } = await served();
      const answer = await fetch(`${url}${path}`);
      expect([answer.status, await answer.text()]).toEqual([
        404,
        "Nothing is here; /metrics, /healthz and /readyz are.\n",
      ]);
    },
  );

  test("measures that can't be read are 500, and the log says why", async () => {
    const meter = createMeter();
    meter.gauge("nats_connected", () => {
      throw new Error("no bus");
    });
    const { url } = await served({ exposition: meter });
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
    expect(failures).toEqual(["the measures could not be read: no bus"]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test("one that says nothing does not keep the server from its end", async () => {
    const server = await served();
    const silent = connect(Number(new URL(server.url).port), "127.0.0.1");
    const closed = new Promise((resolve) => silent.once("close", resolve));
    await new Promise((resolve) => silent.once("connect", resolve));
    await server.stop();
    await closed;
  });
});

describe("where it listens", () => {
  test("a port that is taken is one sentence: what, where, what to do", async () => {
    const { url } = await served();
    const port = Number(new URL(url).port);
    await expect(served({ listen: { host: "127.0.0.1", port } })).rejects.toThrow(
      `listen.metrics: 127.0.0.1:${port} can't be listened at: another program has that port; name another one, or port 0 for any that is free.`,
    );
  });

  test("an address of another machine is refused too", async () => {
    await expect(served({ listen: { host: "192.0.2.1", port: 0 } })).rejects.toThrow(
      "listen.metrics: 192.0.2.1:0 can't be listened at: this machine has no such address; name one of its own, or 127.0.0.1.",
    );
  });

  test.each([
    ["127.0.0.1:9464", { host: "127.0.0.1", port: 9464 }],
    ["[::1]:0", { host: "::1", port: 0 }],
    ["metrics.example.org:80", { host: "metrics.example.org", port: 80 }],
    ["9464", undefined],
    [":9464", undefined],
    ["127.0.0.1:65536", undefined],
    ["::1:9464", undefined],
    ["http://127.0.0.1:9464", undefined],
    ["127.0.0.1:9464/metrics", undefined],
  ])("%s is read as %o", (text, expected) => {
    expect(listenAddress(text)).toEqual(expected);
  });

  test("the configuration: loopback by default, off if asked, and a sentence for anything else", () => {
    expect(listenSchema.parse({})).toEqual({ metrics: "127.0.0.1:0" });
    expect(listenSchema.parse({ metrics: "off" })).toEqual({ metrics: "off" });
    expect(listenSchema.safeParse({ metrics: ":9464" }).error?.issues[0]?.message).toBe(
      "must be HOST:PORT, such as 127.0.0.1:9464, [::1]:9464 or 0.0.0.0:9464, or off; correct it",
    );
  });
});
