import { hasCode, KubestackError } from "@kubestack/contracts";
import type { ObjectScale, ScaledObject } from "@kubestack/kubernetes";
import type { LeavingNode, Target, TargetKind } from "../target.ts";
import type { ScaleConfig } from "./config.ts";
import { ownerIn } from "./owner.ts";

const clusterApi = "cluster.x-k8s.io";
/** Whose controller takes the machine first that is marked so. */
const marking = ["MachineDeployment", "MachineSet"];
const deleteMark = `${clusterApi}/delete-machine`;
/** Between two readings somebody else may have written the object: so often it is read again. */
const mostTries = 5;

/** Any object with the scale subresource. Of Cluster API's a node can be named, by the mark that its controller knows. */
export const scale: TargetKind<"scale"> = {
  type: "scale",
  connect(config, { cluster }): Target {
    const object: ScaledObject = config;
    const told = `${config.kind} ${config.namespace}/${config.name}`;
    const read = async (): Promise<ObjectScale> => {
      const found = await cluster.getScale(object);
      if (found !== undefined) return found;
      throw new KubestackError("target-refused", `The cluster has no ${told}; make it, or correct the pool's target.`);
    };
    /** Sets the size that `next` says of the present one, however often others write the object meanwhile. */
    const change = async (next: (wanted: number) => number): Promise<void> => {
      for (let tries = 1; ; tries += 1) {
        const now = await read();
        const size = next(now.wanted);
        if (size === now.wanted) return;
        try {
          return await cluster.setScale(object, size, now.revision);
        } catch (error) {
          if (!hasCode(error, "stale-revision") || tries >= mostTries) throw error;
        }
      }
    };
    return {
      canRemoveByName: isMarking(config),
      status: async () => {
        const { wanted, annotations, labels, revision } = await read();
        const owner = ownerIn({ ...labels, ...annotations });
        return { wanted, nodes: null, least: null, most: null, owner, revision };
      },
      scaleTo: async ({ size }, { wanted, revision = "" }) => {
        try {
          if (size !== wanted) await cluster.setScale(object, size, revision);
        } catch (error) {
          if (!hasCode(error, "stale-revision")) throw error;
          // Whoever wrote it may have written something else than its size.
          await change((now) => {
            if (now === wanted || now === size) return size;
            throw new KubestackError("stale-revision", `${told} is to have ${now} by now, not ${wanted} any more.`);
          });
        }
      },
      remove: async (nodes, { size }) => {
        await Promise.all(nodes.map((node) => mark(machineOf(node, config))));
        // Of what is said twice the second time finds the size as it is to be.
        await change((wanted) => Math.min(wanted, Math.max(size, wanted - nodes.length)));
      },
      close: async () => undefined,
    };

    async function mark(machine: ScaledObject): Promise<void> {
      try {
        await cluster.annotate(machine, { [deleteMark]: "kubestack" });
      } catch (error) {
        // One that is gone already.
        if (!hasCode(error, "not-found")) throw error;
      }
    }
  },
};

function isMarking({ apiVersion, kind }: ScaleConfig): boolean {
  return apiVersion.startsWith(`${clusterApi}/`) && marking.includes(kind);
}

/** The Machine that a node is, as Cluster API writes it on the node. */
function machineOf({ name, annotations }: LeavingNode, { apiVersion, namespace }: ScaleConfig): ScaledObject {
  const machine = annotations[`${clusterApi}/machine`];
  if (machine !== undefined)
    return {
      apiVersion,
      kind: "Machine",
      namespace: annotations[`${clusterApi}/cluster-namespace`] ?? namespace,
      name: machine,
    };
  throw new KubestackError(
    "target-refused",
    `Node ${name} does not say which Machine it is (annotation ${clusterApi}/machine): it can't be removed by name.`,
  );
}
