import { type ErrorCode, type FailureClass, KubestackError, type Retry } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { refusalFailure } from "./refusal-failure.ts";

const quota = (requested: string, limited: string) =>
  `Cannot create pods a in namespace ci at https://api (403 Forbidden): pods "a" is forbidden: exceeded quota: small, requested: ${requested}, used: pods=9, limited: ${limited}; wait until pods end, or raise the namespace's ResourceQuota.`;

test.each<[string, ErrorCode, Retry, string, FailureClass]>([
  ["a quota that is used up", "quota-exceeded", "backoff", quota("pods=1", "pods=10"), "quota-full"],
  [
    "a quota of several things",
    "quota-exceeded",
    "backoff",
    quota("pods=1,requests.cpu=500m", "pods=10,requests.cpu=2"),
    "quota-full",
  ],
  [
    "more than the quota is",
    "quota-exceeded",
    "backoff",
    quota("pods=1,requests.memory=8Gi", "pods=10,requests.memory=4000Mi"),
    "quota-too-small",
  ],
  [
    "more cores than the quota is",
    "quota-exceeded",
    "backoff",
    quota("requests.cpu=2500m", "requests.cpu=2"),
    "quota-too-small",
  ],
  ["a quota that is written otherwise", "quota-exceeded", "backoff", "exceeded quota", "quota-full"],
  [
    "pod security",
    "cluster-refused",
    "never",
    'pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged',
    "admission-refused",
  ],
  [
    "a webhook",
    "cluster-refused",
    "never",
    'admission webhook "v.example.org" denied the request: no latest tags',
    "admission-refused",
  ],
  [
    "a policy of the cluster",
    "cluster-refused",
    "never",
    "pods \"a\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no",
    "admission-refused",
  ],
  [
    "a limit range",
    "cluster-refused",
    "never",
    'pods "a" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
    "admission-refused",
  ],
  [
    "what is no pod",
    "cluster-refused",
    "never",
    'Pod "a" is invalid: spec.containers[0].image: Required value',
    "object-invalid",
  ],
  ["a right", "cluster-refused", "backoff", 'pods is forbidden: User "x" cannot create resource "pods"', "no-right"],
  ["no namespace", "not-found", "never", 'namespaces "ci" not found', "no-namespace"],
  ["a master that takes no agents", "master-refused", "never", "no way is left", "master-refused"],
  ["a template", "invalid-config", "never", "no image", "object-invalid"],
])("%s", (_, code, retry, message, failure) => {
  expect(refusalFailure(new KubestackError(code, message, { retry }))).toBe(failure);
});
