import type { FailureClass } from "@kubestack/contracts";
import type { ContainerObservation } from "@kubestack/kubernetes";

/** Reasons by which a kubelet says that an image is not there yet (kubernetes: pkg/kubelet/images/types.go). */
const ofImages: ReadonlySet<string> = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
]);

/** Whether a waiting container waits for its image, and says so. */
export function isPull({ reason }: Pick<ContainerObservation, "reason">): boolean {
  return ofImages.has(reason);
}

/**
 * What keeps a container waiting; null: nothing that it tells; undefined: it does not tell any more, as a back-off that only names
 * the image. Pure.
 */
export function waitingFailure({
  reason,
  message,
}: Pick<ContainerObservation, "reason" | "message">): FailureClass | null | undefined {
  switch (reason) {
    case "InvalidImageName":
      return "image-name-invalid";
    case "ErrImageNeverPull":
      return "image-not-found";
    case "ErrImagePull":
    case "ImagePullBackOff":
    case "RegistryUnavailable":
      return isMute(message) ? undefined : pullFailure(message);
    case "ImageInspectError":
    case "SignatureValidationFailed":
      return "image-pull";
    case "CreateContainerConfigError":
      // A kubelet that has not heard of a Secret yet says so by the time that it waited.
      return /timed out|failed to sync/.test(message) ? "container-start" : "container-config";
    case "CreateContainerError":
    case "RunContainerError":
      return "container-start";
    default:
      return null;
  }
}

/** Kubelets before 1.32 do not repeat why while they back off. */
function isMute(message: string): boolean {
  return message === "" || /^Back-off pulling image "[^"]*"$/.test(message);
}

/** What passes by itself, whatever else is said: the registry is busy, broken, or not reached. */
const passing =
  /429 Too Many Requests|toomanyrequests|rate limit|\b5\d\d (?:Internal|Bad|Service|Gateway|Server)|i\/o timeout|TLS handshake timeout|deadline exceeded|connection refused|connection reset|no such host|server misbehaving|no route to host/i;

const denied =
  /401 Unauthorized|403 Forbidden|pull access denied|requested access to the resource is denied|authentication required|authorization failed|no basic auth credentials|unauthorized:|denied:|insufficient_scope|authorization token has expired/i;

const missing =
  /404 Not Found|: not found|manifest unknown|name unknown|no matching manifest|no match for platform|NAME_UNKNOWN|does not exist/i;

/** What a registry's answer to a pull means, in the words of containerd, CRI-O and Docker. What is quoted may be called anything. */
function pullFailure(message: string): FailureClass {
  const words = message.replace(/"[^"]*"/g, '""');
  if (passing.test(words)) return "image-pull";
  if (denied.test(words)) return "image-denied";
  return missing.test(words) ? "image-not-found" : "image-pull";
}
