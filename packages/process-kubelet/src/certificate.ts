import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A certificate and its private key, as TLS servers take them. */
export interface SelfSigned {
  readonly certPem: string;
  readonly keyPem: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const OID = 0x06;
const UTF8 = 0x0c;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTC_TIME = 0x17;

/** Object identifiers in their encoded form: common name, subject alternative name, ECDSA with SHA-256. */
const COMMON_NAME = Buffer.from("550403", "hex");
const ALTERNATIVE_NAME = Buffer.from("551d11", "hex");
const ECDSA_SHA256 = Buffer.from("2a8648ce3d040302", "hex");

/** One element of DER: its tag, the length of its content, its content. */
export function der(tag: number, ...content: Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

/**
 * A self-signed certificate for 127.0.0.1 and `name`, valid from a day before `nowMs` for ten years. It only makes TLS
 * possible: an API server does not check a kubelet's certificate unless it is told to.
 */
export function selfSigned(name: string, nowMs: number): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(SEQUENCE, der(OID, ECDSA_SHA256));
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, der(OID, COMMON_NAME), der(UTF8, Buffer.from(name)))));
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
  const dayMs = 86_400_000;
  const validity = der(SEQUENCE, utcTime(nowMs - dayMs), utcTime(nowMs + 3650 * dayMs));
  const names = der(SEQUENCE, der(0x82, Buffer.from(name)), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = der(0xa3, der(SEQUENCE, der(SEQUENCE, der(OID, ALTERNATIVE_NAME), der(OCTET_STRING, names))));
  const toBeSigned = der(
    SEQUENCE,
    der(0xa0, der(INTEGER, Buffer.from([2]))),
    der(INTEGER, serial),
    algorithm,
    subject,
    validity,
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    extensions,
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign("sha256", toBeSigned, privateKey));
  const base64 =
    der(SEQUENCE, toBeSigned, algorithm, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return {
    certPem: `-----BEGIN CERTIFICATE-----\n${base64.join("\n")}\n-----END CERTIFICATE-----\n`,
    keyPem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** A time as certificates before 2050 write it: `YYMMDDhhmmssZ`. */
function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\D/g, "").slice(2, 14);
  return der(UTC_TIME, Buffer.from(`${digits}Z`));
}
