import { parseLabel } from "../../core/label-expression.ts";
import { areOffline } from "../../core/label-index.ts";
import { idleExecutors, isOffline, type MasterNode } from "../../core/node.ts";
import type { Bean } from "../bean.ts";
import { require } from "../permissions.ts";
import { type Area, isApi } from "../scene.ts";

/** What the master knows of one label. Its clouds are told, and provision nothing. */
export const labelArea: Area = (scene, call) => {
  const { segments } = call.request;
  if (segments[0] !== "label" || segments[1] === undefined || !isApi(segments, 2)) return null;
  require(call.access, "Overall/Read");
  const label = parseLabel(segments[1]);
  if (label === null) return null;
  const nodes = [...scene.state.labels.nodesOf(label)];
  const online = nodes.filter((node) => !isOffline(node));
  const count = (of: (node: MasterNode) => number) => online.reduce((sum, node) => sum + of(node), 0);
  return scene.serve(call, () => ({
    class: "hudson.model.labels.LabelAtom",
    fields: {
      busyExecutors: () => count((node) => node.executors.length - idleExecutors(node)),
      clouds: () =>
        scene.settings.clouds
          .filter((cloud) => label.matches(new Set(cloud.labels)))
          .map((cloud): Bean => ({ class: cloud.kind, isInline: true, fields: { name: () => cloud.name } })),
      idleExecutors: () => count(idleExecutors),
      name: () => label.text,
      nodes: () => nodes.map(nodeBean),
      offline: () => areOffline(new Set(nodes)),
      totalExecutors: () => count((node) => node.executors.length),
    },
  }));
};

function nodeBean(node: MasterNode): Bean {
  return {
    class: node.isBuiltIn ? "hudson.model.Hudson" : "hudson.slaves.DumbSlave",
    isInline: true,
    fields: {
      nodeName: () => node.name,
      nodeDescription: () => node.description,
      mode: () => node.mode,
      numExecutors: () => node.executors.length,
    },
  };
}
