import { isHeld, mayBeBack } from "@kubestack/slave";
import { type AttachMode, jenkinsOf } from "./attach-mode.ts";

/** What is done with a node that a Jenkins has, however it was made there. */
export const jenkinsNode = {
  markOffline: async (slave, target, message) => {
    // Though the node is marked already for its build: whoever looks there is told of a hold, and of what befell the slave.
    const { life } = slave;
    const retell = isHeld(life) || life.failure !== null || life.lost !== null;
    const disconnect = life.lost !== null && !mayBeBack(life);
    const { found, session } = await jenkinsOf(target).markOffline(slave.name, message, { retell, disconnect });
    return { isThere: found !== null, session };
  },

  bringOnline: async (slave, target) => {
    const { found, session } = await jenkinsOf(target).bringOnline(slave.name);
    return { isThere: found !== null, session };
  },

  look: (slave, target) => jenkinsOf(target).readNode(slave.name),

  removeNode: async (slave, target) => {
    await jenkinsOf(target).deleteNode(slave.name);
  },
} satisfies Partial<AttachMode>;
