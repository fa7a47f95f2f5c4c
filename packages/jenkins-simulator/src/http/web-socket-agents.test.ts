import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type JenkinsSimulator, type SimulatorOptions, startJenkinsSimulator } from "../simulator.ts";

let master: JenkinsSimulator;

async function startAs(options: SimulatorOptions = {}): Promise<void> {
  await master?.stop();
  master = await startJenkinsSimulator({ time: "manual", context: "/ci", ...options });
  master.core.createNode({ name: "n1" });
}
beforeEach(() => startAs());
afterEach(() => master.stop());

const headers = (change: Record<string, string> = {}) => ({
  "Node-Name": "n1",
  "Secret-Key": master.secretOf("n1"),
  "X-Remoting-Capability": "any",
  ...change,
});
const asked = (upgrade: Record<string, string>, path = "wsagents/") =>
  fetch(master.url + path, { headers: upgrade }).then(({ status }) => status);

/** A client that shares nothing with the server: Node's own. */
function connect(sent: Record<string, string> = headers()): { socket: WebSocket; opened: Promise<boolean> } {
  // Node's takes headers, which the standard's does not.
  const Client = WebSocket as unknown as new (url: string, options: { headers: Record<string, string> }) => WebSocket;
  const socket = new Client(`${master.url.replace("http", "ws")}wsagents/`, { headers: sent });
  const opened = new Promise<boolean>((resolve) => {
    socket.addEventListener("open", () => resolve(true));
    socket.addEventListener("error", () => resolve(false));
  });
  return { socket, opened };
}

describe("agents by WebSocket", () => {
  test("are online while it stands, whoever closes it", async () => {
    const first = connect();
    const heard = new Promise((resolve) => first.socket.addEventListener("message", ({ data }) => resolve(data)));
    expect(await first.opened).toBe(true);
    expect(JSON.parse(String(await heard))).toMatchObject({ type: "connected", name: "n1" });
    expect(master.core.node("n1").connectedAtMs).not.toBeNull();
    first.socket.close();
    await master.until((core) => core.node("n1").connectedAtMs === null);
    const second = connect();
    const closed = new Promise<number>((resolve) => second.socket.addEventListener("close", (e) => resolve(e.code)));
    expect(await second.opened).toBe(true);
    master.core.disconnect("n1");
    expect(await closed).toBe(1000);
  });

  test.each<[string, Record<string, string>]>([
    ["a wrong secret", { "Secret-Key": "wrong" }],
    ["no such node", { "Node-Name": "n2" }],
  ])("%s is refused", async (_, change) => {
    expect(await connect(headers(change)).opened).toBe(false);
    expect(master.core.node("n1").connectedAtMs).toBeNull();
  });

  test("one that is there already keeps another one out, and a connection that breaks ends it", async () => {
    const { opened } = connect();
    expect(await opened).toBe(true);
    expect(await connect().opened).toBe(false);
    master.dropConnections();
    await master.until((core) => core.node("n1").connectedAtMs === null);
  });

  test("a browser is told what the place is for, an older master has no such place", async () => {
    expect(await asked({})).toBe(400);
    await startAs({ wording: "2.100" });
    expect(await asked({})).toBe(404);
    expect(await connect().opened).toBe(false);
  });

  test("a fault meets them as it does every request", async () => {
    master.faults.add({ on: /wsagents/, times: 2, fault: { kind: "status", status: 502 } });
    expect([await connect().opened, await connect().opened, await connect().opened]).toEqual([false, false, true]);
  });
});
