import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Headers by their names in small letters. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Where a sender signs the time, it may be this much before or after ours, in milliseconds. */
export const replayWindowMs = 5 * 60_000;

export type Authentication =
  | { readonly ok: true; readonly by: Scheme }
  | { readonly ok: false; readonly because: string };

interface Claim {
  readonly value: string;
  readonly body: Uint8Array;
  readonly secret: string;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

/** Why it is not accepted; undefined where it is. */
type Check = (claim: Claim) => string | undefined;

const wrong = "does not fit the body and the secret";

/** How a sender may show that it knows the secret, by header: the strongest first. Only the first one that is there counts. */
const checks = {
  "x-kubestack-signature": timed(/^t=(\d{1,12}),v1=([0-9a-f]{64})$/i),
  "x-buildkite-signature": timed(/^timestamp=(\d{1,12}),signature=([0-9a-f]{64})$/i),
  "x-hub-signature-256": ({ value, body, secret }) => {
    const [, digest] = /^sha256=([0-9a-f]{64})$/i.exec(value) ?? [];
    if (digest === undefined) return "is not written as sha256= and 64 hex digits";
    return isSame(digest, hmac(secret, body)) ? undefined : wrong;
  },
  "x-gitlab-token": token,
  "x-buildkite-token": token,
  authorization: ({ value, ...claim }) => {
    const [, encoded] = /^Basic +([A-Za-z0-9+/]{1,4096}={0,2})$/i.exec(value) ?? [];
    if (encoded === undefined) return "is no user and password in the Basic scheme";
    const pair = Buffer.from(encoded, "base64").toString("utf8");
    return token({ ...claim, value: pair.slice(pair.indexOf(":") + 1) });
  },
} as const satisfies Record<string, Check>;

/** The header by which a sender showed that it knows the secret. */
export type Scheme = keyof typeof checks;

/** The ways there are, the strongest first. */
export const schemes = Object.keys(checks) as Scheme[];

/** Whether a request comes from somebody who knows the secret. Pure; compares in a time that tells nothing of the secret. */
export function authenticate(
  request: { readonly headers: Headers; readonly body: Uint8Array },
  known: { readonly secret: string; readonly now: number },
): Authentication {
  const by = schemes.find((scheme) => request.headers[scheme] !== undefined);
  if (by === undefined) return { ok: false, because: `it is not signed; send one of ${schemes.join(", ")}` };
  const value = request.headers[by];
  const check: Check = checks[by];
  const because = typeof value === "string" ? check({ value, body: request.body, ...known }) : "is there twice";
  return because === undefined ? { ok: true, by } : { ok: false, because: `its header ${by} ${because}` };
}

/** A signature over the time in seconds, a full stop, and the body. */
function timed(form: RegExp): Check {
  return ({ value, body, secret, now }) => {
    const [, seconds, digest] = form.exec(value) ?? [];
    if (seconds === undefined || digest === undefined)
      return "holds no time and signature in the form that is expected";
    if (!isSame(digest, hmac(secret, Buffer.from(`${seconds}.`), body))) return wrong;
    // Only who knows the secret is told that the clocks differ.
    const isNear = Math.abs(now - Number(seconds) * 1000) <= replayWindowMs;
    return isNear ? undefined : "was signed more than five minutes before or after this machine's time";
  };
}

function token({ value, secret }: Omit<Claim, "body" | "now">): string | undefined {
  // Digests are of one length, whatever the texts are.
  return timingSafeEqual(digestOf(value), digestOf(secret)) ? undefined : "is not the secret";
}

function hmac(secret: string, ...parts: readonly Uint8Array[]): Buffer {
  const code = createHmac("sha256", secret);
  for (const part of parts) code.update(part);
  return code.digest();
}

function isSame(hex: string, expected: Buffer): boolean {
  return timingSafeEqual(Buffer.from(hex, "hex"), expected);
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
