import { gunzipSync, gzipSync } from "node:zlib";
import { type Channel, type CloudEvent, cloudEventSchema, KubestackError, sentenceOf } from "@kubestack/contracts";

/** Data longer than this, in bytes of JSON, travels compressed. */
const plainLimit = 256 * 1024;
/** No message is unpacked to more than this, in bytes. */
export const unpackedLimit = 64 * 1024 * 1024;

/** Who says it, under which id, and when. */
export interface Stamp {
  readonly id: string;
  readonly source: string;
  readonly subject: string;
  readonly at: number;
}

/** A message as bytes: a CloudEvent in structured JSON mode. */
export function pack<T>(channel: Channel<T>, data: T, stamp: Stamp): Uint8Array {
  const event: CloudEvent = {
    specversion: "1.0",
    id: stamp.id,
    source: stamp.source,
    type: channel.type,
    subject: stamp.subject,
    time: new Date(stamp.at).toISOString(),
    datacontenttype: "application/json",
  };
  const json = JSON.stringify(data);
  const whole =
    Buffer.byteLength(json) > plainLimit
      ? { ...event, data_base64: gzipSync(json).toString("base64") }
      : { ...event, data };
  return new TextEncoder().encode(JSON.stringify(whole));
}

/** Who sent it under which id, and when: empty, and 0, of what came without a CloudEvent around it. */
export interface Unpacked<T> {
  readonly id: string;
  readonly source: string;
  readonly at: number;
  readonly data: T;
}

/** Reads a message back; a KubestackError `invalid-message` says where it breaks its channel's form. */
export function unpack<T>(channel: Channel<T>, bytes: Uint8Array): Unpacked<T> {
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (channel.mayBeBare && !isEvent(read)) return { id: "", source: "", at: 0, data: channel.schema.parse(read) };
    const event = cloudEventSchema.parse(read);
    const data =
      event.data_base64 === undefined
        ? event.data
        : JSON.parse(
            gunzipSync(Buffer.from(event.data_base64, "base64"), { maxOutputLength: unpackedLimit }).toString("utf8"),
          );
    return { id: event.id, source: event.source, at: Date.parse(event.time), data: channel.schema.parse(data) };
  } catch (error) {
    throw new KubestackError("invalid-message", `A message on ${channel.form} can't be read: ${sentenceOf(error)}`, {
      retry: "never",
      cause: error,
    });
  }
}

function isEvent(read: unknown): boolean {
  return typeof read === "object" && read !== null && "specversion" in read;
}
