import { failure, httpError, plain } from "../answer.ts";
import { require } from "../permissions.ts";
import { type Area, type Call, requirePost, type Scene } from "../scene.ts";

/**
 * The Swarm plugin's endpoint, where the master has the plugin: a node that is never saved and goes with its channel; the answer holds
 * its name and secret. One of the name whose agent is not there is made anew.
 */
export const swarmArea: Area = (scene, call) => {
  const [top, plugin, action] = call.request.segments;
  const isIts = top === "plugin" && plugin === "swarm" && action === "createSlave";
  return isIts && scene.settings.hasSwarm ? create(scene, call) : null;
};

async function create(scene: Scene, { request, access }: Call) {
  requirePost(request);
  require(access, "Agent/Create");
  require(access, "Agent/Connect");
  const text = (name: string) => request.parameter(name) ?? "";
  const hash = text("hash");
  const name = hash === "" ? text("name") : `${text("name")}-${hash}`;
  const mode = text("mode");
  if (mode !== "NORMAL" && mode !== "EXCLUSIVE") return failure(`No such mode ${mode}`);
  const present = scene.state.nodes.get(name);
  if (present?.connectedAtMs != null) return httpError(409, `A node called '${name}' already exists and is online`);
  if (present !== undefined) await scene.until(scene.core.deleteNode(name));
  const answeredAtMs = scene.core.createNode({
    name,
    description: `Swarm agent from 127.0.0.1: ${text("description")}`,
    labels: `swarm ${text("labels")}`,
    executors: Number(text("executors") || 1),
    remoteFs: text("remoteFsRoot"),
    mode,
    isEphemeral: true,
  });
  await scene.until(answeredAtMs);
  return plain(200, `#\n#${new Date(scene.state.nowMs).toUTCString()}\nname=${name}\nsecret=${scene.secretOf(name)}\n`);
}
