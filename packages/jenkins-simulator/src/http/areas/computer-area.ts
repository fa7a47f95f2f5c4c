import { KubestackError } from "@kubestack/contracts";
import type { MasterNode, NodeSpec } from "../../core/node.ts";
import { nodeNamed } from "../../core/nodes.ts";
import { type Answer, escapeXml, failure, httpError, notFound, page, plain, redirect, xml } from "../answer.ts";
import { computerBean, computersBean } from "../beans/computer-beans.ts";
import { require } from "../permissions.ts";
import { type Area, type Call, isApi, requirePost, type Scene } from "../scene.ts";
import { elementText } from "../xml-text.ts";
import { type NodePropertiesForm, propertiesOfForm, propertiesXml } from "./node-properties.ts";

/** Nodes: all of them, one, made, marked, cut off and removed, and the page that tells an agent its secret. */
export const computerArea: Area = (scene, call) => {
  const { segments } = call.request;
  const [top, name] = segments;
  if (top !== "computer") return null;
  require(call.access, "Overall/Read");
  if (isApi(segments, 1)) return scene.serve(call, computersBean, "computers");
  if (name === "doCreateItem" || name === "createItem") return create(scene, call, name);
  if (name === undefined) return page(200, { title: "Nodes [Jenkins]", body: "<h1>Nodes</h1>" });
  const node = findNode(scene, name);
  if (node === undefined) return notFound();
  if (isApi(segments, 2)) return scene.serve(call, (view) => computerBean(view, node));
  return act(scene, call, { node, action: segments[2] ?? "" });
};

function findNode(scene: Scene, name: string): MasterNode | undefined {
  try {
    return nodeNamed(scene.state, name);
  } catch {
    return undefined;
  }
}

const nodeTypes = ["hudson.slaves.DumbSlave", "hudson.slaves.DumbSlave$DescriptorImpl"];

async function create(scene: Scene, call: Call, way: "doCreateItem" | "createItem"): Promise<Answer> {
  const { request, access } = call;
  requirePost(request);
  require(access, "Agent/Create");
  const isFile = /^(application|text)\/xml/.test(request.headers["content-type"] ?? "");
  const name = request.parameter("name");
  if (way === "createItem" && !isFile && request.parameter("mode") === "copy") {
    return add(scene, { ...copied(scene, request.parameter("from") ?? ""), name: name ?? "" }, redirect("configure"));
  }
  if (way === "createItem" && !isFile) return failure("No mode given");
  if (isFile) return add(scene, specOfFile(request.body, name), plain(200));
  const type = request.parameter("type") ?? "";
  if (!nodeTypes.includes(type)) return httpError(500, `No descriptor of node type ${type}`);
  const spec = specOfForm(request.parameter("json"), name);
  return spec === null ? httpError(400, "This page expects a form submission") : add(scene, spec, redirect("."));
}

/** Whoever asked waits for the queue's lock. */
async function add(scene: Scene, spec: NodeSpec, done: Answer): Promise<Answer> {
  try {
    const answeredAtMs = scene.core.createNode(spec);
    await scene.until(answeredAtMs);
    return done;
  } catch (error) {
    if (error instanceof KubestackError) return failure(error.message);
    throw error;
  }
}

interface NodeForm {
  readonly nodeDescription?: string;
  readonly numExecutors?: string | number;
  readonly remoteFS?: string;
  readonly labelString?: string;
  readonly mode?: string;
  readonly launcher?: { readonly webSocket?: boolean };
  readonly nodeProperties?: NodePropertiesForm;
}

function specOfForm(form: string | null, name: string | null): NodeSpec | null {
  let given: NodeForm;
  try {
    given = JSON.parse(form ?? "") as NodeForm;
  } catch {
    return null;
  }
  return {
    name: name ?? "",
    description: given.nodeDescription ?? "",
    executors: Number(given.numExecutors ?? 1),
    remoteFs: given.remoteFS ?? "",
    labels: given.labelString ?? "",
    mode: given.mode === "EXCLUSIVE" ? "EXCLUSIVE" : "NORMAL",
    webSocket: given.launcher?.webSocket === true,
    isKept: JSON.stringify(given.nodeProperties ?? {}).includes("CascKeepNode"),
    properties: propertiesOfForm(given.nodeProperties),
  };
}

function specOfFile(file: string, name: string | null): NodeSpec {
  const text = (element: string) => elementText(file, element) ?? "";
  return {
    name: name?.trim() || text("name"),
    description: text("description"),
    executors: Number(text("numExecutors") || 1),
    remoteFs: text("remoteFS"),
    labels: text("label"),
    mode: text("mode") === "EXCLUSIVE" ? "EXCLUSIVE" : "NORMAL",
    webSocket: text("webSocket") === "true",
    isKept: file.includes("CascKeepNode"),
  };
}

function copied(scene: Scene, from: string): NodeSpec {
  const node = nodeNamed(scene.state, from);
  return { ...node, labels: node.labels.join(" "), executors: node.executors.length };
}

function act(scene: Scene, call: Call, on: { node: MasterNode; action: string }): Answer | Promise<Answer> {
  const { node, action } = on;
  const { core } = scene;
  const { request, access } = call;
  const mark = () => {
    require(access, "Agent/Disconnect");
    core.markOffline(named(node), request.parameter("offlineMessage")?.trim() ?? "", access.user);
    return redirect(".");
  };
  switch (action) {
    case "jenkins-agent.jnlp":
    case "slave-agent.jnlp":
      require(access, "Agent/Connect");
      return node.isBuiltIn ? notFound() : agentPage(scene, node);
    case "config.xml":
      require(access, "Agent/ExtendedRead");
      return xml(nodeFile(node));
    case "changeOfflineCause":
      requirePost(request);
      return mark();
    case "toggleOffline":
      requirePost(request);
      if (node.mark === null) return mark();
      require(access, "Agent/Connect");
      core.bringOnline(named(node));
      return redirect(".");
    case "doDisconnect":
      requirePost(request);
      if (node.connectedAtMs !== null) {
        require(access, "Agent/Disconnect");
        core.disconnect(node.name);
      }
      return redirect(".");
    case "doDelete":
      requirePost(request);
      return remove(scene, call, node);
    default:
      return notFound();
  }
}

function named(node: MasterNode): string {
  return node.isBuiltIn ? "(built-in)" : node.name;
}

async function remove(scene: Scene, { access }: Call, node: MasterNode): Promise<Answer> {
  require(access, "Agent/Delete");
  if (node.isBuiltIn) return httpError(400, "The built-in node cannot be deleted");
  await scene.until(scene.core.deleteNode(node.name));
  return redirect("..");
}

function agentPage(scene: Scene, node: MasterNode): Answer {
  const values = [
    scene.secretOf(node.name),
    node.name,
    ...(node.webSocket ? ["-webSocket"] : []),
    "-workDir",
    node.remoteFs,
    "-internalDir",
    "remoting",
    "-url",
    scene.rootUrl,
  ];
  const list = values.map((value) => `<argument>${escapeXml(value)}</argument>`).join("");
  return {
    status: 200,
    headers: { "content-type": "application/x-java-jnlp-file;charset=utf-8" },
    body: `<jnlp><application-desc>${list}</application-desc></jnlp>`,
  };
}

function nodeFile(node: MasterNode): string {
  return `<?xml version="1.1" encoding="UTF-8"?>
<slave>
  <name>${escapeXml(node.name)}</name>
  <description>${escapeXml(node.description)}</description>
  <remoteFS>${escapeXml(node.remoteFs)}</remoteFS>
  <numExecutors>${node.executors.length}</numExecutors>
  <mode>${node.mode}</mode>
  <launcher class="hudson.slaves.JNLPLauncher"><webSocket>${node.webSocket}</webSocket></launcher>
  <label>${escapeXml(node.labels.join(" "))}</label>
  ${propertiesXml(node.properties)}
</slave>`;
}
