import { hasCode } from "@kubestack/contracts";
import { agentFilesOf, agentLaunches, agentPartOf, agentSpecimenOf } from "../agent-part.ts";
import { type AttachMode, jenkinsOf } from "../attach-mode.ts";
import { jenkinsNode } from "../jenkins-node.ts";
import { nodeSpecOf } from "../node-spec.ts";

/** The master's node is made over its HTTP API, and the agent connects with that node's own secret. */
export const inbound: AttachMode = {
  ...jenkinsNode,
  showsIdle: true,
  keepsNodes: true,

  prepare: (target) => agentLaunches.renew(target),

  agentPart: agentPartOf,
  agentSpecimen: agentSpecimenOf,

  register: async (slave, target, node) => {
    const { transport } = await agentLaunches.of(target);
    try {
      await jenkinsOf(target).createNode({ ...nodeSpecOf(slave, node), webSocket: transport.kind === "websocket" });
    } catch (error) {
      // A name is never used twice, so it is the node of an earlier try whose answer was lost.
      if (!hasCode(error, "already-exists")) throw error;
    }
  },

  secretFiles: async (slave, target) => {
    const { secret } = await jenkinsOf(target).agentSecret(slave.name);
    return agentFilesOf(secret, target);
  },
};
