import { hasCode } from "@kubestack/contracts";
import { agentFilesOf, agentLaunches, agentPartOf, agentSpecimenOf } from "../agent-part.ts";
import { type AttachMode, jenkinsOf } from "../attach-mode.ts";
import { jenkinsNode } from "../jenkins-node.ts";
import { nodeSpecOf } from "../node-spec.ts";
import { FreshSecrets } from "./fresh-secrets.ts";

const fresh = new FreshSecrets();

/**
 * The master's node is made by the Swarm plugin, and goes by itself when its agent's channel ends. It is asked for from here: the pod
 * gets that node's own secret, never a user's, and connects as every other agent does.
 */
export const swarm: AttachMode = {
  ...jenkinsNode,
  showsIdle: true,

  prepare: (target) => agentLaunches.renew(target),

  agentPart: agentPartOf,
  agentSpecimen: agentSpecimenOf,

  register: async (slave, target, node) => {
    const master = jenkinsOf(target);
    try {
      const { secret } = await master.createSwarmNode(nodeSpecOf(slave, node));
      if (secret !== null) fresh.keep(master, slave.name, secret);
    } catch (error) {
      // A name is never used twice, so it is the node of an earlier try whose answer was lost.
      if (!hasCode(error, "already-exists")) throw error;
    }
  },

  secretFiles: async (slave, target) => {
    const master = jenkinsOf(target);
    const secret = fresh.take(master, slave.name) ?? (await master.agentSecret(slave.name)).secret;
    return agentFilesOf(secret, target);
  },
};
