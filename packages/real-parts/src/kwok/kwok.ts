import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { KubestackError } from "@kubestack/contracts";
import { kwokBinary } from "../go/kwok-binary.ts";
import type { ControlPlane } from "../kubernetes/control-plane.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import { FAKE_NODE_ANNOTATION, type FakeNode, fakeNodeObject } from "./fake-node.ts";
import { type PodBehaviour, stagesText } from "./stages.ts";

export interface KwokOptions extends PartOptions, PodBehaviour {
  readonly controlPlane: ControlPlane;
  /** Nodes to begin with. Default none. */
  readonly nodes?: readonly FakeNode[] | undefined;
}

/** Nodes and pods that run nothing, beside any real ones. */
export interface Kwok {
  readonly process: RunningProcess;
  /** Makes nodes and waits until they are ready for pods. Raises `cluster-refused`. */
  addNodes(nodes: readonly FakeNode[]): Promise<void>;
  removeNode(name: string): Promise<void>;
  /** Ends kwok: its nodes then go stale as a lost machine's would. */
  stop(): Promise<void>;
}

const NODE_READY_MS = 60_000;

/** Starts kwok against a control plane; its files lie in the control plane's folder. Raises `missing-part`. */
export async function startKwok(options: KwokOptions): Promise<Kwok> {
  const { controlPlane } = options;
  const context = partContext(options);
  const command = await kwokBinary(options);
  const stagesFile = join(controlPlane.dir, "kwok-stages.yaml");
  await writeFile(stagesFile, stagesText(options));
  const running = await startProcess({
    name: "kwok",
    command,
    args: [
      `--kubeconfig=${controlPlane.adminKubeconfig}`,
      `--config=${stagesFile}`,
      "--manage-all-nodes=false",
      `--manage-nodes-with-annotation-selector=${FAKE_NODE_ANNOTATION}`,
      "--node-ip=127.0.0.1",
      "--node-lease-duration-seconds=40",
      "--server-address=",
    ],
    cwd: controlPlane.dir,
    env: { ...context.environment.bare, HOME: controlPlane.dir }, // it reads a configuration of the user's own
    logFile: join(controlPlane.dir, "kwok.log"),
    graceMs: 0,
    signal: context.signal,
  });
  const addNodes = async (nodes: readonly FakeNode[]) => {
    for (const node of nodes) await controlPlane.json("/api/v1/nodes", { method: "POST", body: fakeNodeObject(node) });
    for (const node of nodes) await untilReady(controlPlane, node.name);
  };
  try {
    await addNodes(options.nodes ?? []);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return {
    process: running,
    addNodes,
    removeNode: async (name) => void (await controlPlane.json(`/api/v1/nodes/${name}`, { method: "DELETE" })),
    stop: () => running.stop(),
  };
}

interface NodeView {
  readonly spec: { readonly taints?: readonly { readonly key: string }[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Ready, and without the taint that the controllers put on every new node. */
async function untilReady(controlPlane: ControlPlane, name: string): Promise<void> {
  const deadline = performance.now() + NODE_READY_MS;
  for (;;) {
    const node = (await controlPlane.json(`/api/v1/nodes/${name}`)) as NodeView;
    const isReady = node.status.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false;
    const isTainted = node.spec.taints?.some((taint) => taint.key === "node.kubernetes.io/not-ready") ?? false;
    if (isReady && !isTainted) return;
    if (performance.now() > deadline) {
      throw new KubestackError(
        "missing-part",
        `the fake node ${name} did not become ready; see kwok.log in ${controlPlane.dir}`,
      );
    }
    await pause(50);
  }
}
