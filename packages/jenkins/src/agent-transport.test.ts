import { expect, test } from "vitest";
import { type AgentTransport, agentTransportOf, type TransportFacts, type WantedTransport } from "./agent-transport.ts";

const today: TransportFacts = { name: "backend", flavour: "jenkins", version: "2.541.3", agentPort: 50_000 };
const tcp = (tunnel?: string): AgentTransport => ({ kind: "tcp", tunnel });
const webSocket: AgentTransport = { kind: "websocket" };

test.each<[WantedTransport, string | undefined, Partial<TransportFacts>, AgentTransport]>([
  ["auto", undefined, {}, tcp()],
  ["auto", "agents:1", {}, tcp("agents:1")],
  ["auto", "agents:1", { agentPort: null }, tcp("agents:1")],
  ["auto", undefined, { agentPort: null }, webSocket],
  ["auto", undefined, { agentPort: null, version: "2.217" }, webSocket],
  ["auto", undefined, { agentPort: null, version: "2.222.4" }, webSocket],
  ["auto", undefined, { agentPort: null, version: "built here" }, webSocket],
  ["auto", undefined, { flavour: "hudson", version: "3.3.2", agentPort: 1 }, tcp()],
  ["tcp", undefined, { agentPort: null }, tcp()],
  ["tcp", ":1", {}, tcp(":1")],
  ["websocket", undefined, {}, webSocket],
])("%s with tunnel %s at %j is %j", (transport, tunnel, change, expected) => {
  expect(agentTransportOf({ transport, tunnel }, { ...today, ...change })).toEqual(expected);
});

test.each<[WantedTransport, Partial<TransportFacts>, RegExp]>([
  [
    "auto",
    { agentPort: null, version: "2.204.6" },
    /^Master backend \(Jenkins 2\.204\.6\) takes no agents: .*Switch its TCP port/,
  ],
  ["auto", { agentPort: null, flavour: "hudson", version: "3.3.2" }, /\(Hudson 3\.3\.2\) takes no agents: /],
  ["websocket", { version: "2.100" }, /takes no agents by WebSocket, .*transport: tcp\.$/],
  ["websocket", { flavour: "hudson", version: "3.3.2" }, /takes no agents by WebSocket/],
])("%s at %j is refused, with the remedy", (transport, change, sentence) => {
  expect(() => agentTransportOf({ transport }, { ...today, ...change })).toThrowError(
    expect.objectContaining({ code: "master-refused", retry: "never", message: expect.stringMatching(sentence) }),
  );
});
