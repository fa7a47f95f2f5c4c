import { constants, gunzipSync, gzipSync } from "node:zlib";
import { unpackedLimit } from "./envelope.ts";

/** A value whose JSON would be too long for a message: the same JSON, compressed, in base64. */
interface Packed {
  readonly gzip: string;
}

/** A value longer than this, in bytes of JSON, is stored compressed: a ledger of some five hundred slaves. */
const plainLimit = 64 * 1024;

/** A value as it is stored: JSON that people can read as it stands, or compressed where it is long. */
export function storedForm(value: unknown): string {
  const json = JSON.stringify(value);
  if (Buffer.byteLength(json) <= plainLimit) return json;
  // A ledger is written several times a second while slaves come and go: quickly is better than small.
  const packed: Packed = { gzip: gzipSync(json, { level: constants.Z_BEST_SPEED }).toString("base64") };
  return JSON.stringify(packed);
}

/** Reads a stored value back. Raises what JSON and zlib raise; never unpacks more than 64 MiB. */
export function readStored(stored: Uint8Array): unknown {
  const value: unknown = JSON.parse(new TextDecoder().decode(stored));
  if (!isPacked(value)) return value;
  const json = gunzipSync(Buffer.from(value.gzip, "base64"), { maxOutputLength: unpackedLimit });
  return JSON.parse(json.toString("utf8"));
}

function isPacked(value: unknown): value is Packed {
  return typeof value === "object" && value !== null && "gzip" in value && typeof value.gzip === "string";
}
