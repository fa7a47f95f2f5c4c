import { fileURLToPath } from "node:url";
import type { ImageTable } from "@kubestack/process-kubelet";

/** The agent's start script, the same that the slave image holds. */
const startAgent = fileURLToPath(new URL("../../../images/slave/start-agent", import.meta.url));

/** The kinds of slave of the sandbox: their labels do not overlap. */
export const kinds = ["python", "go", "node"] as const;
export type Kind = (typeof kinds)[number];

export function imageOf(kind: Kind): string {
  return `kubestack/slave-${kind}:sandbox`;
}

/** The images that the sandbox's node can run: each is the agent's start script as a process of this machine. */
export function slaveImages(javaHome: string, path: string): ImageTable {
  const entry = {
    entrypoint: [startAgent],
    env: {
      JAVA_HOME: javaHome,
      PATH: path,
      KUBESTACK_JAVA_OPTS: "-Xmx64m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto",
    },
  };
  return Object.fromEntries(kinds.map((kind) => [imageOf(kind), entry]));
}
