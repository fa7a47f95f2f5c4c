import { httpError, plain } from "../answer.ts";
import { require } from "../permissions.ts";
import { type Area, requirePost } from "../scene.ts";

/** The Swarm plugin's endpoint: a node that is never saved and goes with its channel; the answer holds its name and secret. */
export const swarmArea: Area = async (scene, { request, access }) => {
  const [top, plugin, action] = request.segments;
  if (top !== "plugin" || plugin !== "swarm" || action !== "createSlave") return null;
  requirePost(request);
  require(access, "Agent/Create");
  require(access, "Agent/Connect");
  const text = (name: string) => request.parameter(name) ?? "";
  const hash = text("hash");
  const name = hash === "" ? text("name") : `${text("name")}-${hash}`;
  const present = scene.state.nodes.get(name);
  if (present?.connectedAtMs != null) return httpError(409, `A node called '${name}' already exists and is online`);
  if (present !== undefined) scene.core.deleteNode(name);
  const answeredAtMs = scene.core.createNode({
    name,
    description: `Swarm agent from 127.0.0.1: ${text("description")}`,
    labels: `swarm ${text("labels")}`,
    executors: Number(text("executors") || 1),
    remoteFs: text("remoteFsRoot"),
    mode: text("mode") === "EXCLUSIVE" ? "EXCLUSIVE" : "NORMAL",
    isEphemeral: true,
  });
  await scene.until(answeredAtMs);
  return plain(200, `name=${name}\nsecret=${scene.secretOf(name)}\n`);
};
