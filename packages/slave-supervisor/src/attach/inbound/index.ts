import { hasCode } from "@kubestack/contracts";
import type { AttachMode } from "../attach-mode.ts";
import { AgentLaunches } from "./agent-launches.ts";

/** Where the agent finds its secret, in the pod. */
const mountPath = "/run/kubestack/agent";
const secretFile = "secret";

const launches = new AgentLaunches();

/** The master's node is made over its HTTP API, and the agent connects by TCP with that node's own secret. */
export const inbound: AttachMode = {
  showsIdle: true,

  prepare: async ({ master }) => {
    await launches.of(master);
  },

  agentPart: async (slave, { master, agentUrl, agentTunnel, podLabels }) => {
    const { launch, agentJar } = await launches.of(master);
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

  register: async (slave, { master }, node) => {
    try {
      await master.createNode({
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

  secretFiles: async (slave, { master }) => ({ [secretFile]: (await master.agentSecret(slave.name)).secret }),

  markOffline: async (slave, { master }, message) => {
    const { found } = await master.markOffline(slave.name, message);
    return found === null ? "gone" : "marked";
  },

  bringOnline: async (slave, { master }) => {
    const { found } = await master.bringOnline(slave.name);
    return found === null ? "gone" : "unmarked";
  },

  look: (slave, { master }) => master.readComputer(slave.name),

  removeNode: async (slave, { master }) => {
    await master.deleteNode(slave.name);
  },
};
