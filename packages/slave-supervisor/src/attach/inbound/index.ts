import { hasCode } from "@kubestack/contracts";
import { type AttachMode, jenkinsOf } from "../attach-mode.ts";
import { AgentLaunches } from "./agent-launches.ts";

/** Where the agent finds its secret, in the pod. */
const mountPath = "/run/kubestack/agent";
const secretFile = "secret";

const launches = new AgentLaunches();

/** The master's node is made over its HTTP API, and the agent connects by TCP with that node's own secret. */
export const inbound: AttachMode = {
  showsIdle: true,

  prepare: async (target) => {
    await launches.of(jenkinsOf(target));
  },

  agentPart: async (slave, target) => {
    const { agentUrl, agentTunnel, podLabels } = target;
    const { launch, agentJar } = await launches.of(jenkinsOf(target));
    return {
      env: {
        KUBESTACK_AGENT_URL: agentUrl,
        KUBESTACK_AGENT_NAME: slave.name,
        KUBESTACK_AGENT_SECRET_FILE: `${mountPath}/${secretFile}`,
        KUBESTACK_AGENT_LAUNCH: launch,
        KUBESTACK_AGENT_JAR_PATH: agentJar,
        ...(agentTunnel === undefined ? {} : { KUBESTACK_AGENT_TUNNEL: agentTunnel }),
      },
      secret: { name: slave.name, mountPath },
      podLabels,
    };
  },

  register: async (slave, target, node) => {
    try {
      await jenkinsOf(target).createNode({
        name: slave.name,
        description: node.description,
        labels: slave.labels,
        executors: 1,
        remoteFs: node.workDir,
        mode: node.unlabelled ? "NORMAL" : "EXCLUSIVE",
      });
    } catch (error) {
      // A name is never used twice, so it is the node of an earlier try whose answer was lost.
      if (!hasCode(error, "already-exists")) throw error;
    }
  },

  secretFiles: async (slave, target) => ({ [secretFile]: (await jenkinsOf(target).agentSecret(slave.name)).secret }),

  markOffline: async (slave, target, message) => {
    const { found, session } = await jenkinsOf(target).markOffline(slave.name, message);
    return found === null ? "gone" : { session };
  },

  bringOnline: async (slave, target) => {
    const { found } = await jenkinsOf(target).bringOnline(slave.name);
    return found === null ? "gone" : "unmarked";
  },

  look: (slave, target) => jenkinsOf(target).readNode(slave.name),

  removeNode: async (slave, target) => {
    await jenkinsOf(target).deleteNode(slave.name);
  },
};
