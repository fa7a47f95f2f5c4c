import { KubestackError } from "@kubestack/contracts";
import type { Session } from "./http/session.ts";
import { swarmParameters } from "./node-properties.ts";
import { labelString, type NodeSpec } from "./nodes.ts";

const path = "plugin/swarm/createSlave";

/**
 * Whether the master has the Swarm plugin, to be known by anybody who has Overall/Read: it tells everybody the labels of a node,
 * and of one that is not there that it is not, in words of its own.
 */
export async function readHasSwarm(session: Session): Promise<boolean> {
  const answer = await session.get({
    path: "plugin/swarm/getSlaveLabels",
    query: { name: "ks-doctor-nobody" },
    what: "to tell whether it has the Swarm plugin",
    accept: [404],
  });
  return answer.status === 200 || /^Agent "/.test(answer.text);
}

/**
 * Creates a node by the Swarm plugin (3.25 or later; Agent/Create and Agent/Connect): one that the master never saves, and that goes by
 * itself when its agent's channel ends. Answers its agent's secret, null where the plugin does not tell it (before 3.42). Raises
 * already-exists where there is a node of the name, and master-refused, not to be tried again, where the plugin is missing.
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
      ...(node.properties === undefined ? {} : swarmParameters(node.properties)),
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
    throw new KubestackError("already-exists", `Master ${master} has a node ${node.name} already.`, { retry: "never" });
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
