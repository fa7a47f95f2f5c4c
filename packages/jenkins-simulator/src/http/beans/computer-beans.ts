import { type Executor, isOffline, type MasterNode } from "../../core/node.ts";
import type { Bean, KeptBean } from "../bean.ts";
import { sightOf } from "../permissions.ts";
import { runBean } from "./job-beans.ts";
import { placeholderExecutable } from "./queue-beans.ts";
import type { View } from "./view.ts";

export function computersBean(view: View): Bean {
  const nodes = () => [view.state.builtIn, ...view.state.nodes.values()];
  const online = () => nodes().filter((node) => !isOffline(node));
  return {
    class: "hudson.model.ComputerSet",
    fields: {
      busyExecutors: () => sum(online(), (node) => node.executors.filter((executor) => executor.work !== null).length),
      computer: () =>
        nodes()
          .sort(byName)
          .map((node) => keptComputer(view, node)),
      displayName: () => "Nodes",
      totalExecutors: () => sum(online(), (node) => node.executors.length),
    },
  };
}

function byName(a: MasterNode, b: MasterNode): number {
  return a.name < b.name ? -1 : 1;
}

function sum(nodes: readonly MasterNode[], count: (node: MasterNode) => number): number {
  return nodes.reduce((total, node) => total + count(node), 0);
}

function keptComputer(view: View, node: MasterNode): KeptBean {
  return { key: node, version: node.revision, bean: () => computerBean(view, node) };
}

export function computerBean(view: View, node: MasterNode): Bean {
  const { state } = view;
  const runs = () => (node.isBuiltIn ? [...state.flyweight] : []);
  return {
    class: node.isBuiltIn ? "hudson.model.Hudson$MasterComputer" : "hudson.slaves.SlaveComputer",
    isInline: true,
    fields: {
      ...(state.version.exportsLabels
        ? {
            assignedLabels: () =>
              [...node.atoms].map((name) => ({ class: null, isInline: true, fields: { name: () => name } })),
          }
        : {}),
      description: () => node.description,
      displayName: () => node.displayName,
      executors: () => node.executors.map((executor) => executorBean(view, executor)),
      idle: () => node.executors.every((executor) => executor.work === null) && runs().length === 0,
      jnlpAgent: () => !node.isBuiltIn,
      launchSupported: () => node.isBuiltIn,
      manualLaunchAllowed: () => true,
      numExecutors: () => node.executors.length,
      offline: () => isOffline(node),
      offlineCause: () => causeOf(node),
      offlineCauseReason: () => (isOffline(node) ? reasonOf(node) : ""),
      oneOffExecutors: () =>
        runs().map((run) => ({
          class: null,
          isInline: true,
          fields: { idle: () => false, number: () => -1, currentExecutable: () => runBean(view, run) },
        })),
      temporarilyOffline: () => node.mark !== null,
    },
  };
}

function executorBean(view: View, executor: Executor): Bean {
  return {
    class: null,
    isInline: true,
    fields: {
      currentExecutable: () => executableOf(view, executor),
      idle: () => executor.work === null,
      likelyStuck: () => false,
      number: () => executor.number,
      progress: () => progressOf(view, executor),
    },
  };
}

function executableOf(view: View, { work, hasPicked }: Executor): Bean | null {
  if (work?.run == null || !hasPicked || sightOf(view.access, work.job) !== "read") return null;
  return work.part.startsWith("block") ? placeholderExecutable(view, work.run) : runBean(view, work.run);
}

function progressOf(view: View, { work }: Executor): number {
  if (work?.startedAtMs == null || typeof work.durationMs !== "number" || work.durationMs === 0) return -1;
  return Math.min(99, Math.floor(((view.state.nowMs - work.startedAtMs) * 100) / work.durationMs));
}

function reasonOf(node: MasterNode): string {
  if (node.mark !== null) {
    const { user, message } = node.mark;
    return `Disconnected by ${user}${message === "" ? "" : ` : ${message}`}`;
  }
  return node.lostAtMs === null ? "" : "Connection was broken";
}

function causeOf(node: MasterNode): Bean | null {
  const atMs = node.mark?.atMs ?? (node.connectedAtMs === null ? node.lostAtMs : null);
  if (atMs === null) return null;
  const name = node.mark === null ? "ChannelTermination" : "UserCause";
  return {
    class: `hudson.slaves.OfflineCause$${name}`,
    isInline: true,
    fields: { description: () => reasonOf(node), timestamp: () => atMs },
  };
}
