import { escapeXml, failure, plain } from "../answer.ts";
import { require } from "../permissions.ts";
import { type Area, type Call, requirePost, type Scene } from "../scene.ts";

/**
 * The Swarm plugin's endpoints, where the master has the plugin. `createSlave` makes a node that is never saved and goes with its
 * channel; the answer holds its name and secret. One of the name is made anew only where something is added to the name, and its
 * agent is not there. `getSlaveLabels` tells everybody who may see the master the labels of any node.
 */
export const swarmArea: Area = (scene, call) => {
  const [top, plugin, action] = call.request.segments;
  if (top !== "plugin" || plugin !== "swarm" || !scene.settings.hasSwarm) return null;
  if (action === "createSlave") return create(scene, call);
  return action === "getSlaveLabels" ? tellLabels(scene, call) : null;
};

function tellLabels({ state }: Scene, { request, access }: Call) {
  require(access, "Overall/Read");
  const name = request.parameter("name") ?? "";
  const node = state.nodes.get(name);
  if (node === undefined) return plain(404, `Agent "${name}" does not exist.\n`);
  return plain(200, `<labelResponse><labels>${escapeXml(node.labels.join(" "))}</labels></labelResponse>`);
}

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
  if (present !== undefined && hash === "") return plain(409, `Agent "${name}" already exists.\n`);
  if (present?.connectedAtMs != null) return plain(409, `Agent "${name}" is already created and on-line.\n`);
  if (present !== undefined) await scene.until(scene.core.deleteNode(name));
  const answeredAtMs = scene.core.createNode({
    name,
    description: `Swarm agent from 127.0.0.1: ${text("description")}`,
    labels: `swarm ${text("labels")}`,
    executors: Number(text("executors") || 1),
    remoteFs: text("remoteFsRoot"),
    mode,
    isEphemeral: true,
    properties: {
      env: request
        .parameters("environmentVariable")
        .map(pairOf)
        .map(([key, value]) => ({ key, value })),
      tools: request
        .parameters("toolLocation")
        .map(pairOf)
        .map(([name, home]) => ({ key: `${anyTool}@${name}`, home })),
    },
  });
  await scene.until(answeredAtMs);
  return plain(200, `#\n#${new Date(scene.state.nowMs).toUTCString()}\nname=${name}\nsecret=${scene.secretOf(name)}\n`);
}

/** Only the first colon counts. */
function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf(":");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The plugin finds tools by name among those that the master has: here every one is a JDK. */
const anyTool = "hudson.model.JDK$DescriptorImpl";
