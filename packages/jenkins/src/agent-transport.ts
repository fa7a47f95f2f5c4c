import { KubestackError } from "@kubestack/contracts";
import type { Probe } from "./probe.ts";
import { isAtLeast } from "./version.ts";

/** What the configuration says of the way from an agent to its master. */
export type WantedTransport = "auto" | "tcp" | "websocket";

/** The way that an agent takes. */
export type AgentTransport =
  /** A connection of its own, to the port that the master tells or to `tunnel` instead. */
  | { readonly kind: "tcp"; readonly tunnel: string | undefined }
  /** Over the master's own address. It knows no tunnel. */
  | { readonly kind: "websocket" };

/** What is known of a master when its agents' way is chosen. */
export interface TransportFacts extends Pick<Probe, "flavour" | "version"> {
  /** The master's name in the configuration. */
  readonly name: string;
  /** Its port for agents, null where it takes none; undefined where nobody asked, since nothing depends on it. */
  readonly agentPort: number | null | undefined;
}

/** The first Jenkins whose agents come by WebSocket. */
const webSocketSince = [2, 217] as const;

/** Whether the way depends on the port that the master tells its agents. */
export function dependsOnPort(wanted: { readonly transport: WantedTransport; readonly tunnel?: string | undefined }) {
  return wanted.transport === "auto" && wanted.tunnel === undefined;
}

/**
 * Chooses the agents' way. `auto`: by the tunnel where one is named, else by TCP where the master tells a port, else by WebSocket.
 * Raises master-refused, not to be tried again, where no way is left.
 */
export function agentTransportOf(
  wanted: { readonly transport: WantedTransport; readonly tunnel?: string | undefined },
  master: TransportFacts,
): AgentTransport {
  const { transport, tunnel } = wanted;
  if (transport === "tcp" || (transport === "auto" && tunnel !== undefined)) return { kind: "tcp", tunnel };
  if (transport === "auto" && master.agentPort !== null) return { kind: "tcp", tunnel };
  if (hasWebSocket(master)) return { kind: "websocket" };
  const who = `${master.name} (${master.flavour === "hudson" ? "Hudson" : "Jenkins"} ${master.version})`;
  const port = "Switch its TCP port for agents on";
  const sentence =
    transport === "websocket"
      ? `Master ${who} takes no agents by WebSocket, as its transport wants: that needs Jenkins 2.217 or later. ${port}, and write transport: tcp.`
      : `Master ${who} takes no agents: it tells no TCP port for them, and WebSocket needs Jenkins 2.217 or later. ${port}, or name agentTunnel.`;
  throw new KubestackError("master-refused", sentence, { retry: "never" });
}

/** Whether agents may come by WebSocket. */
export function hasWebSocket(master: Pick<Probe, "flavour" | "version">): boolean {
  return master.flavour === "jenkins" && isAtLeast(master.version, webSocketSince);
}
