import { expect, test } from "vitest";
import { describeCall } from "./call-description.ts";

test.each([
  ["GET", "/api/v1/namespaces/ci/pods", undefined, "list", "pods in namespace ci"],
  ["GET", "/api/v1/namespaces/ci/pods?watch=1&timeoutSeconds=240", undefined, "watch", "pods in namespace ci"],
  ["GET", "/api/v1/namespaces/ci/pods/a", undefined, "get", "pods a in namespace ci"],
  ["GET", "/api/v1/namespaces/ci/pods/a/log?tailLines=5", undefined, "get", "pods/log a in namespace ci"],
  ["POST", "/api/v1/namespaces/ci/pods", "a", "create", "pods a in namespace ci"],
  ["DELETE", "/api/v1/namespaces/ci/secrets/a", undefined, "delete", "secrets a in namespace ci"],
  ["PATCH", "/api/v1/nodes/n1/status", undefined, "patch", "nodes/status n1"],
  [
    "PUT",
    "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n1",
    undefined,
    "update",
    "leases n1 in namespace kube-node-lease",
  ],
  ["GET", "/api/v1/namespaces/ci", undefined, "get", "namespaces ci"],
  ["GET", "/api/v1/namespaces", undefined, "list", "namespaces"],
  ["GET", "/version", undefined, "get", "/version"],
])("%s %s reads as a verb and an object", (method, path, bodyName, verb, object) => {
  expect(describeCall(method, path, bodyName)).toEqual({ verb, object });
});
