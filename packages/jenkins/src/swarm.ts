import { KubestackError } from "@kubestack/contracts";
import type { Session } from "./http/session.ts";
import { labelString, type NodeSpec } from "./nodes.ts";

const path = "plugin/swarm/createSlave";

/**
 * Creates a node by the Swarm plugin (3.25 or later; Agent/Create and Agent/Connect): one that the master never saves, and that goes by
 * itself when its agent's channel ends. A node of the name whose agent is not there is made anew.
 * Answers its agent's secret, null where the plugin does not tell it (before 3.42). Raises already-exists where an agent is connected
 * under the name, and master-refused, not to be tried again, where the plugin is missing.
 */
export async function createSwarmNode(session: Session, node: NodeSpec): Promise<{ readonly secret: string | null }> {
  const { master } = session;
  const answer = await session.post({
    path,
    form: {
      name: node.name,
      description: node.description,
      executors: String(node.executors),
      remoteFsRoot: node.remoteFs,
      labels: labelString(node.labels),
      mode: node.mode,
      // Nothing is added to the name: it is one that nobody used before.
      hash: "",
    },
    what: `to create node ${node.name} by its Swarm plugin`,
    accept: [404, 409],
  });
  if (answer.status === 404) {
    throw new KubestackError(
      "master-refused",
      `Master ${master} has no Swarm plugin (nothing is at ${path}): install the plugin swarm there, or remove attach: swarm.`,
      { retry: "never" },
    );
  }
  if (answer.status === 409) {
    throw new KubestackError(
      "already-exists",
      `Master ${master} has a Swarm node ${node.name} already, with its agent.`,
      {
        retry: "never",
      },
    );
  }
  return { secret: secretIn(answer.text, { master, name: node.name }) };
}

/** Reads the answer: lines of Java properties, among them the name that the node was given, and its secret. */
function secretIn(text: string, of: { readonly master: string; readonly name: string }): string | null {
  const given = new Map(
    text.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, key, value] = /^\s*([A-Za-z]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value.replaceAll(/\\(.)/g, "$1")]];
    }),
  );
  const secret = given.get("secret") ?? null;
  if (given.get("name") === of.name && (secret === null || /^[\w.+/=-]{16,512}$/.test(secret))) return secret;
  throw new KubestackError(
    "master-refused",
    `Master ${of.master} answered with something else than Swarm node ${of.name}; is a proxy between, or is the plugin older than 3.25?`,
    { retry: "backoff" },
  );
}
