import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Answer } from "./answer.ts";

/** A WebSocket that stands, seen from the server: texts go out, and of what comes in only its end counts. */
export interface WebSocketServerEnd {
  send(text: string): void;
  /** Asks the other side for a sign of life; one that is not there does not hear it. */
  ping(): void;
  /** Closes it in good order. */
  end(): void;
  /** Told once, however it ends. */
  onceClosed(heard: () => void): void;
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;
/** What RFC 6455 has every server add to the client's key. */
const acceptSuffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Agents say little; whoever sends a larger frame is none. */
const mostBytes = 64 * 1024;

/** Whether the request asks for a WebSocket of the version that everybody speaks. */
export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  const key = headers["sec-websocket-key"] ?? "";
  return headers.upgrade?.toLowerCase() === "websocket" && headers["sec-websocket-version"] === "13" && key !== "";
}

/** Takes the connection of a request that asks for one; `headers` go with the answer. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  headers: Readonly<Record<string, string>>,
): WebSocketServerEnd {
  const accept = createHash("sha1").update(`${request.headers["sec-websocket-key"]}${acceptSuffix}`).digest("base64");
  const all = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-accept": accept, ...headers };
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${headerLines(all)}\r\n`);
  const send = (opcode: number, payload: Buffer) => {
    if (socket.writable) socket.write(frameOf(opcode, payload));
  };
  const end = () => {
    send(opcodes.close, Buffer.from([0x03, 0xe8])); // 1000: all is well
    socket.end();
  };
  let rest = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = firstFrame(rest); frame !== null; frame = firstFrame(rest)) {
      if (frame === "too large") return void socket.destroy();
      rest = rest.subarray(frame.bytes);
      if (frame.opcode === opcodes.close) end();
      if (frame.opcode === opcodes.ping) send(opcodes.pong, frame.payload);
    }
  });
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  return {
    send: (text) => send(opcodes.text, Buffer.from(text)),
    ping: () => send(opcodes.ping, Buffer.alloc(0)),
    end,
    onceClosed: (heard) => void socket.once("close", heard),
  };
}

/** Answers a request for a WebSocket with something else. */
export function refuseWebSocket(socket: Duplex, { status, headers, body }: Answer): void {
  const all = { ...headers, "content-length": String(Buffer.byteLength(body)), connection: "close" };
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} Refused\r\n${headerLines(all)}\r\n${body}`);
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
}

/** A whole, unmasked frame, as a server sends it. */
function frameOf(opcode: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([0x80 | opcode, length]), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** The first frame of what has come, masked as a client sends it; null while it is not whole. */
function firstFrame(
  bytes: Buffer,
): { readonly opcode: number; readonly payload: Buffer; readonly bytes: number } | "too large" | null {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  if (short === 127) return "too large";
  const maskAt = short === 126 ? 4 : 2;
  if (bytes.length < maskAt + 4) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  if (length > mostBytes) return "too large";
  const from = maskAt + 4;
  if (bytes.length < from + length) return null;
  const mask = bytes.subarray(maskAt, from);
  const payload = Buffer.from(bytes.subarray(from, from + length).map((byte, at) => byte ^ (mask[at % 4] ?? 0)));
  return { opcode: first & 0x0f, payload, bytes: from + length };
}
