import type { Socket } from "node:net";
import type { GearmanAddress } from "../connection/address.ts";
import { refused, socketFailure, unavailable } from "../connection/failure.ts";
import { openConnection } from "../connection/open-connection.ts";
import { argumentsOf, encodePacket, type Packet, type PacketName, PacketReader } from "./packet.ts";

export interface PacketStreamOptions extends GearmanAddress {
  /** Until the connection stands, and for each answer that is awaited. Default 10000. */
  readonly timeoutMs?: number | undefined;
}

/** One connection over which packets go to and fro, until it ends or is closed. */
export interface PacketStream {
  send(name: PacketName, ...args: readonly (string | Buffer)[]): void;
  /** Ends it: without an error what is on its way still goes out. */
  close(error?: Error): void;
}

/** What happens on a stream. */
export interface PacketEvents {
  /** What it throws ends the stream. */
  packet(packet: Packet): void;
  /** Once: why it ended; undefined where it was closed by us. */
  ended(error: Error | undefined): void;
}

/** Opens a stream of packets. Raises master-unavailable. Later failures are told by `ended`. */
export async function openPacketStream(options: PacketStreamOptions, events: PacketEvents): Promise<PacketStream> {
  const socket = await openConnection(options, options.timeoutMs);
  const reader = new PacketReader();
  let isOver = false;
  const over = (error: Error | undefined) => {
    if (isOver) return;
    isOver = true;
    if (error === undefined) endGently(socket);
    else socket.destroy();
    events.ended(error);
  };
  socket.setKeepAlive(true, 60_000);
  socket.on("error", (error) => over(socketFailure(options, error)));
  socket.on("close", () => over(unavailable(options, "ended the connection; see that it runs")));
  socket.on("data", (chunk: Buffer) => {
    try {
      for (const packet of reader.push(chunk)) if (!isOver) deliver(packet);
    } catch (error) {
      over(error instanceof Error ? error : new Error(String(error)));
    }
  });
  const deliver = (packet: Packet) => {
    if (packet.name !== "ERROR") return events.packet(packet);
    const { texts, rest } = argumentsOf(packet.body, 1) ?? { texts: ["unknown error"], rest: Buffer.alloc(0) };
    throw refused(options, `${texts[0]} ${rest.toString("utf8")}`);
  };
  return {
    send: (name, ...args) => write(socket, encodePacket(name, ...args)),
    close: over,
  };
}

/** Closed at once, a connection with something unread takes back what it had sent: the other side is given time to end it. */
const endingMs = 5_000;

function endGently(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), endingMs).unref();
  socket.once("close", () => clearTimeout(timer));
  socket.end();
}

function write(socket: Socket, bytes: Buffer): void {
  if (!socket.destroyed) socket.write(bytes);
}
