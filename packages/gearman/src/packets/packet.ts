import { KubestackError } from "@kubestack/contracts";
import { HeldBytes } from "../connection/held-bytes.ts";

/** The packets that workers and those who submit jobs need; the protocol has more. */
export const packetTypes = {
  CAN_DO: 1,
  PRE_SLEEP: 4,
  NOOP: 6,
  SUBMIT_JOB: 7,
  JOB_CREATED: 8,
  GRAB_JOB: 9,
  NO_JOB: 10,
  JOB_ASSIGN: 11,
  WORK_COMPLETE: 13,
  WORK_FAIL: 14,
  SUBMIT_JOB_BG: 18,
  ERROR: 19,
  SET_CLIENT_ID: 22,
} as const;
export type PacketName = keyof typeof packetTypes;

/** Arguments are apart by NUL; only the last one may hold some. */
export interface Packet {
  /** Undefined: a type that is not needed here. */
  readonly name: PacketName | undefined;
  readonly body: Buffer;
}

const names = new Map(Object.entries(packetTypes).map(([name, type]) => [type as number, name as PacketName]));
const headerBytes = 12;
/** Parameters and results of a build are some KiB of JSON. */
const usualMostBytes = 16 * 1024 * 1024;
const magic = { request: Buffer.from("\0REQ"), response: Buffer.from("\0RES") };

/** A packet to the server. Raises invalid-message where an argument before the last holds a NUL: it would be two of them. */
export function encodePacket(name: PacketName, ...args: readonly (string | Buffer)[]): Buffer {
  if (args.slice(0, -1).some((one) => one.includes("\0")))
    throw new KubestackError(
      "invalid-message",
      `A name in a Gearman packet (${name}) holds a NUL character; correct it.`,
      {
        retry: "never",
      },
    );
  const body = args.flatMap((one, index) => [...(index === 0 ? [] : [Buffer.of(0)]), Buffer.from(one)]);
  const header = Buffer.alloc(headerBytes);
  magic.request.copy(header);
  header.writeUInt32BE(packetTypes[name], 4);
  header.writeUInt32BE(
    body.reduce((sum, { length }) => sum + length, 0),
    8,
  );
  return Buffer.concat([header, ...body]);
}

/** The first `count` arguments as texts, and what follows them as bytes; undefined where there are fewer. */
export function argumentsOf(body: Buffer, count: number): { texts: string[]; rest: Buffer } | undefined {
  const texts: string[] = [];
  let at = 0;
  while (texts.length < count) {
    const end = body.indexOf(0, at);
    if (end < 0) return undefined;
    texts.push(body.toString("utf8", at, end));
    at = end + 1;
  }
  return { texts, rest: body.subarray(at) };
}

/** Cuts a stream from the server into packets, whatever pieces it comes in; linear in its length. */
export class PacketReader {
  readonly #mostBytes: number;
  readonly #held = new HeldBytes();

  constructor(mostBytes: number = usualMostBytes) {
    this.#mostBytes = mostBytes;
  }

  /** Packets that are whole now. Raises invalid-message where the stream is no Gearman's, or a packet too large. */
  push(chunk: Buffer): Packet[] {
    this.#held.append(chunk);
    const bytes = this.#held.view();
    const packets: Packet[] = [];
    let at = 0;
    for (;;) {
      const length = this.#lengthAt(bytes, at);
      if (length === undefined || at + length > bytes.length) break;
      const name = names.get(bytes.readUInt32BE(at + 4));
      packets.push({ name, body: Buffer.from(bytes.subarray(at + headerBytes, at + length)) });
      at += length;
    }
    if (at > 0) {
      const rest = Buffer.from(bytes.subarray(at));
      this.#held.clear();
      this.#held.append(rest);
    }
    return packets;
  }

  #lengthAt(bytes: Buffer, at: number): number | undefined {
    const available = Math.min(4, bytes.length - at);
    if (!bytes.subarray(at, at + available).equals(magic.response.subarray(0, available)))
      throw new KubestackError("invalid-message", "What was received is no packet of a Gearman server.", {
        retry: "never",
      });
    if (bytes.length - at < headerBytes) return undefined;
    const length = bytes.readUInt32BE(at + 8);
    if (length > this.#mostBytes)
      throw new KubestackError(
        "invalid-message",
        `A Gearman packet of ${length} bytes is larger than any that is read.`,
        {
          retry: "never",
        },
      );
    return headerBytes + length;
  }
}
