import type { Container, Pod, PodSpec } from "./pod.ts";

/** A pod as the API server would hand it out, for tests. */
export function podFixture(container: Partial<Container> = {}, spec: Partial<PodSpec> = {}): Pod {
  return {
    metadata: { name: "web", namespace: "ci", uid: "u-1", labels: { tier: "one" }, annotations: { note: "a" } },
    spec: {
      nodeName: "node-1",
      restartPolicy: "Never",
      containers: [{ name: "main", image: "busybox", ...container }],
      ...spec,
    },
  };
}
