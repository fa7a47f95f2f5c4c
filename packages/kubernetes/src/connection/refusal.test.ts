import { expect, test } from "vitest";
import { statusBody } from "../../test/scripted-api.ts";
import { apiStatusOf, refusalOf } from "./refusal.ts";

const call = { verb: "create", object: "pods ks-a in namespace ci", server: "https://api:6443" };

test.each([
  [401, "Unauthorized", "Unauthorized", {}, "credential-refused", "backoff"],
  [403, "Forbidden", 'pods is forbidden: User "x" cannot create', {}, "cluster-refused", "backoff"],
  [403, "Forbidden", 'pods "a" is forbidden: violates PodSecurity "restricted"', {}, "cluster-refused", "never"],
  [
    403,
    "Forbidden",
    'pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=5',
    {},
    "quota-exceeded",
    "backoff",
  ],
  [404, "NotFound", 'namespaces "ci" not found', {}, "not-found", "never"],
  [409, "AlreadyExists", 'pods "ks-a" already exists', {}, "already-exists", "never"],
  [409, "Conflict", "the UID in the precondition does not match", {}, "stale-revision", "backoff"],
  [410, "Expired", "too old resource version", {}, "stale-revision", "backoff"],
  [413, "RequestEntityTooLarge", "limit is 3145728", {}, "cluster-refused", "never"],
  [422, "Invalid", "spec.containers[0].image: Required value", {}, "cluster-refused", "never"],
  [429, "TooManyRequests", "wait", { "retry-after": "3" }, "throttled", { afterMs: 3_000 }],
  [429, "TooManyRequests", "wait", {}, "throttled", "backoff"],
  [500, "InternalError", "etcd", {}, "cluster-unavailable", "backoff"],
  [503, "ServiceUnavailable", "down", { "retry-after": "1" }, "cluster-unavailable", { afterMs: 1_000 }],
  [504, "Timeout", "ResourceVersionTooLarge", {}, "cluster-unavailable", "backoff"],
])("%i %s is one of our errors", (status, reason, message, headers, code, retry) => {
  const text = JSON.stringify(statusBody(status, reason, message));
  const error = refusalOf(call, { status, headers, text }, 0);
  expect(error).toMatchObject({ code, retry });
  for (const part of ["create", "pods ks-a in namespace ci", "https://api:6443", message])
    expect(error.message).toContain(part);
});

test("an answer of something else than an API server is shortened to readable text", () => {
  expect(apiStatusOf(`<html>\n  <b>Bad gateway</b>${"x".repeat(5_000)}`).message).toMatch(
    /^<html> <b>Bad gateway<\/b>x{1,200}$/,
  );
  expect(apiStatusOf("null")).toEqual({ reason: "", message: "null" });
  expect(apiStatusOf(JSON.stringify({ message: "y".repeat(9_000) })).message).toHaveLength(1_000);
});
