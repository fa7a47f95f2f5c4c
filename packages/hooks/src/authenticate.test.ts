import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { authenticate, type Headers, replayWindowMs, schemes } from "./authenticate.ts";

const secret = "a secret of the test";
const now = 1_800_000_000_000;
const seconds = now / 1000;
const body = Buffer.from('{"a": "\u00e4"}');

const hmac = (...parts: readonly (string | Uint8Array)[]): string => {
  const code = createHmac("sha256", secret);
  for (const part of parts) code.update(part);
  return code.digest("hex");
};
const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;
const check = (headers: Headers, changed: { body?: Uint8Array; secret?: string; now?: number } = {}) =>
  authenticate({ headers, body: changed.body ?? body }, { secret, now, ...changed });
const own = (at: number) => ({ "x-kubestack-signature": `t=${at},v1=${hmac(`${at}.`, body)}` });

/** A sender's header for this body and this secret. */
const right: Readonly<Record<string, Headers>> = {
  "GitHub's": { "x-hub-signature-256": `sha256=${hmac(body)}` },
  "KubeStack's own": own(seconds),
  "Buildkite's signature": { "x-buildkite-signature": `timestamp=${seconds},signature=${hmac(`${seconds}.`, body)}` },
  "Buildkite's token": { "x-buildkite-token": secret },
  "GitLab's token": { "x-gitlab-token": secret },
  "a password": { authorization: basic(`anybody:${secret}`) },
};

describe.each(Object.entries(right))("%s", (_name, headers) => {
  test("is accepted", () => {
    expect(check(headers)).toEqual({ ok: true, by: Object.keys(headers)[0] });
  });

  test("is refused with another secret", () => {
    expect(check(headers, { secret: `${secret}.` })).toMatchObject({ ok: false });
    expect(check(headers, { secret: "" })).toMatchObject({ ok: false });
  });

  test("that is wrong is not rescued by a right one that is weaker", () => {
    const [name = ""] = Object.keys(headers);
    const placeOf = (scheme: string) => schemes.findIndex((one) => one === scheme);
    for (const [other, value] of Object.values(right).flatMap((one) => Object.entries(one))) {
      const isWeaker = placeOf(other) > placeOf(name);
      if (isWeaker) expect(check({ [other]: value, [name]: "wrong" })).toMatchObject({ ok: false });
    }
  });
});

describe.each(["GitHub's", "KubeStack's own", "Buildkite's signature"])("%s", (name) => {
  test("is refused for any other body", () => {
    const headers = right[name] ?? {};
    for (const other of [Buffer.from(""), body.subarray(1), Buffer.concat([body, Buffer.from(" ")])])
      expect(check(headers, { body: other })).toMatchObject({ ok: false });
  });
});

test("the test vector that GitHub's documentation gives is accepted", () => {
  const headers = {
    "x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  };
  const given = { body: Buffer.from("Hello, World!"), secret: "It's a Secret to Everybody" };
  expect(check(headers, given)).toEqual({ ok: true, by: "x-hub-signature-256" });
});

test("what is not signed is refused, and what may be sent is said", () => {
  expect(check({ "x-hub-signature": "sha1=abc" })).toEqual({
    ok: false,
    because:
      "it is not signed; send one of x-kubestack-signature, x-buildkite-signature, x-hub-signature-256, x-gitlab-token, x-buildkite-token, authorization",
  });
});

describe("where the time is signed", () => {
  test.each([
    ["now", 0, true],
    ["at the window's end", -replayWindowMs, true],
    ["at its other end", replayWindowMs, true],
    ["a second earlier", -replayWindowMs - 1000, false],
    ["a second later", replayWindowMs + 1000, false],
  ])("%s", (_name, offset, ok) => {
    expect(check(own((now + offset) / 1000)).ok).toBe(ok);
  });

  test("another time does not fit the signature", () => {
    const [, digest] = own(seconds)["x-kubestack-signature"].split(",");
    expect(check({ "x-kubestack-signature": `t=${seconds + 1},${digest}` })).toMatchObject({
      because: expect.stringContaining("does not fit"),
    });
  });
});

test.each([
  { "x-hub-signature-256": hmac(body) },
  { "x-hub-signature-256": "sha256=" },
  { "x-hub-signature-256": `sha256=${hmac(body)}00` },
  { "x-hub-signature-256": [`sha256=${hmac(body)}`, `sha256=${hmac(body)}`] },
  { "x-kubestack-signature": `t=${seconds}` },
  { "x-kubestack-signature": `t=1e9,v1=${hmac("1e9.", body)}` },
  { "x-gitlab-token": "" },
  { authorization: `Bearer ${secret}` },
  { authorization: basic(`${secret}:`) },
])("%j is refused", (headers) => {
  expect(check(headers)).toMatchObject({ ok: false });
});

test("whatever is sent, nothing is raised, nothing is accepted, and no secret is told", () => {
  const header = fc.constantFrom(...schemes);
  const value = fc.oneof(fc.string(), fc.constantFrom("sha256=", "t=1,v1=", "Basic "), fc.base64String());
  fc.assert(
    fc.property(fc.dictionary(header, value), fc.uint8Array(), (headers, sent) => {
      const found = check(headers, { body: sent });
      expect(found.ok).toBe(false);
      expect(JSON.stringify(found)).not.toContain(secret);
    }),
  );
});
