import { KubestackError } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { networkFailureOf } from "./network-failure.ts";

const call = { verb: "list", object: "pods in namespace ci", server: "https://api:6443" };
const coded = (code: string, message = "x") => Object.assign(new Error(message), { code });

test.each([
  [coded("ECONNREFUSED"), "is the API server running"],
  [new AggregateError([coded("ECONNREFUSED")], ""), "is the API server running"],
  [coded("ENOTFOUND"), "cannot be resolved"],
  [coded("DEPTH_ZERO_SELF_SIGNED_CERT"), "give the cluster's CA"],
  [coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "give the cluster's CA"],
  [coded("ERR_TLS_CERT_ALTNAME_INVALID"), "for another name"],
  [coded("CERT_HAS_EXPIRED"), "has expired"],
  [coded("UND_ERR_HEADERS_TIMEOUT"), "no answer came in time"],
  [new DOMException("The operation was aborted due to timeout", "TimeoutError"), "no answer came in time"],
  [coded("UND_ERR_SOCKET", "other side closed"), "other side closed"],
  [new TypeError("terminated", { cause: coded("ECONNREFUSED") }), "is the API server running"],
  ["odd", "odd"],
])("%s says what to look at", (error, words) => {
  const failure = networkFailureOf(call, error);
  expect(failure).toMatchObject({ code: "cluster-unavailable", retry: "backoff" });
  expect(failure.message).toContain("Cannot list pods in namespace ci at https://api:6443");
  expect(failure.message).toContain(words);
});

test("what is our own error already stays as it is", () => {
  const own = new KubestackError("throttled", "wait");
  expect(networkFailureOf(call, own)).toBe(own);
});
