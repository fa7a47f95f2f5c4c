import type { FailureClass } from "@kubestack/contracts";
import { describe, expect, test } from "vitest";
import { isPull, waitingFailure } from "./waiting-failure.ts";

const resolve =
  'Failed to pull image "ci/app:1": failed to pull and unpack image "ci/app:1": failed to resolve reference "ci/app:1"';

describe("what a kubelet says of a container that waits", () => {
  test.each<[string, string, string, FailureClass | null | undefined]>([
    ["no answer yet", "ContainerCreating", "", null],
    ["its init containers", "PodInitializing", "", null],
    [
      "a name that is none",
      "InvalidImageName",
      'Failed to apply default image tag "CI/app": couldn\'t parse image name "CI/app": invalid reference format: repository name must be lowercase',
      "image-name-invalid",
    ],
    [
      "never to be pulled",
      "ErrImageNeverPull",
      'Container image "a" is not present with pull policy of Never',
      "image-not-found",
    ],
    ["containerd: no such tag", "ErrImagePull", `${resolve}: docker.io/ci/app:1: not found`, "image-not-found"],
    [
      "containerd: no such repository, or a private one",
      "ErrImagePull",
      `${resolve}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
      "image-denied",
    ],
    [
      "containerd: no token for it",
      "ErrImagePull",
      `${resolve}: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aci%2Fapp%3Apull&service=ghcr.io: 401 Unauthorized`,
      "image-denied",
    ],
    [
      "containerd: forbidden",
      "ErrImagePull",
      `${resolve}: unexpected status from HEAD request to https://r/v2/ci/app/manifests/1: 403 Forbidden`,
      "image-denied",
    ],
    [
      "containerd: not for this processor",
      "ErrImagePull",
      `${resolve}: no match for platform in manifest: not found`,
      "image-not-found",
    ],
    [
      "CRI-O: no such tag",
      "ErrImagePull",
      "reading manifest 1 in docker.io/ci/app: manifest unknown",
      "image-not-found",
    ],
    [
      "CRI-O: a private one",
      "ErrImagePull",
      "reading manifest 1 in docker.io/ci/app: requested access to the resource is denied",
      "image-denied",
    ],
    [
      "Docker: no such tag",
      "ErrImagePull",
      "manifest for ci/app:1 not found: manifest unknown: manifest unknown",
      "image-not-found",
    ],
    [
      "Amazon: no credential",
      "ErrImagePull",
      `${resolve}: unexpected status: no basic auth credentials`,
      "image-denied",
    ],
    [
      "a limit of pulls",
      "ErrImagePull",
      `${resolve}: unexpected status: 429 Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit`,
      "image-pull",
    ],
    [
      "a registry that errs",
      "ErrImagePull",
      `${resolve}: unexpected status from HEAD request to https://r/v2/: 503 Service Unavailable`,
      "image-pull",
    ],
    [
      "a registry that is away",
      "ErrImagePull",
      `${resolve}: failed to do request: Head "https://r/v2/": dial tcp 10.0.0.9:443: i/o timeout`,
      "image-pull",
    ],
    [
      "a name that is not resolved now",
      "ErrImagePull",
      `${resolve}: failed to do request: Head "https://r/": dial tcp: lookup r on 10.96.0.10:53: no such host`,
      "image-pull",
    ],
    [
      "a certificate",
      "ErrImagePull",
      `${resolve}: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      "image-pull",
    ],
    ["a back-off of an old kubelet", "ImagePullBackOff", 'Back-off pulling image "ci/app:1"', undefined],
    [
      "a back-off that repeats why",
      "ImagePullBackOff",
      `Back-off pulling image "ci/app:1": ErrImagePull: ${resolve}: docker.io/ci/app:1: not found`,
      "image-not-found",
    ],
    [
      "an image that is called so",
      "ErrImagePull",
      'Failed to pull image "ci/denied: not found:403 Forbidden": EOF',
      "image-pull",
    ],
    [
      "a signature",
      "SignatureValidationFailed",
      "image pull failed for r/a because the signature validation failed",
      "image-pull",
    ],
    ["a Secret that is missing", "CreateContainerConfigError", 'secret "token" not found', "container-config"],
    [
      "a key that is missing",
      "CreateContainerConfigError",
      "couldn't find key user in Secret ci/token",
      "container-config",
    ],
    [
      "root, where it may not be",
      "CreateContainerConfigError",
      "container has runAsNonRoot and image will run as root",
      "container-config",
    ],
    [
      "a kubelet that has not heard yet",
      "CreateContainerConfigError",
      "failed to sync secret cache: timed out waiting for the condition",
      "container-start",
    ],
    ["a runtime that is slow", "CreateContainerError", "context deadline exceeded", "container-start"],
  ])("%s", (_, reason, message, failure) => {
    expect(waitingFailure({ reason, message })).toBe(failure);
  });

  test.each([
    ["ErrImagePull", true],
    ["ErrImageNeverPull", true],
    ["CreateContainerConfigError", false],
    ["ContainerCreating", false],
  ])("%s waits for an image: %s", (reason, expected) => {
    expect(isPull({ reason })).toBe(expected);
  });
});
