import { itemsOf } from "../../core/queue-entry.ts";
import type { QueueItem, Task } from "../../core/state.ts";
import type { Saying } from "../../core/why-memory.ts";
import type { Bean, Exported, KeptBean } from "../bean.ts";
import { sightOf } from "../permissions.ts";
import { actionsOf, jobBean, labelText, runBean } from "./job-beans.ts";
import { displayNameOf, jobPath, runDisplayName, runPath, type View } from "./view.ts";

export function queueBean(view: View): Bean {
  const items = itemsOf(view.state);
  const seen = (sight: "read" | "discover") =>
    items.filter((item) => sightOf(view.access, item.task.job.spec.name) === sight);
  return {
    class: "hudson.model.Queue",
    fields: {
      discoverableItems: () => seen("discover").map(stub),
      items: () => seen("read").map((item) => keptItem(view, item)),
    },
  };
}

function stub(item: QueueItem): Bean {
  const name = item.task.job.spec.name.split("/").at(-1) ?? "";
  const task: Bean = { class: "hudson.model.Queue$StubTask", fields: { name: () => name }, isInline: true };
  return { class: "hudson.model.Queue$StubItem", fields: { task: () => task }, isInline: true };
}

function keptItem(view: View, item: QueueItem): KeptBean {
  const saying = view.saying(item);
  return {
    key: item,
    version: (saying.number * 1000 + item.revision) * 2 + Number(saying.isStuck),
    bean: () => itemBean(view, item, saying),
  };
}

const itemClasses = {
  waiting: "hudson.model.Queue$WaitingItem",
  blocked: "hudson.model.Queue$BlockedItem",
  buildable: "hudson.model.Queue$BuildableItem",
  pending: "hudson.model.Queue$BuildableItem",
  left: "hudson.model.Queue$LeftItem",
} as const;

export function itemBean(view: View, item: QueueItem, saying: Saying): Bean {
  const { stage } = item;
  const isReady = stage === "buildable" || stage === "pending";
  const forStage: Record<string, () => Exported> =
    stage === "waiting"
      ? { timestamp: () => item.dueMs }
      : stage === "left"
        ? { cancelled: () => item.wasCancelled, executable: () => executableOf(view, item) }
        : { buildableStartMilliseconds: () => item.buildableSinceMs };
  return {
    class: itemClasses[stage],
    isInline: true,
    fields: {
      actions: () => actionsOf(item.parameters),
      blocked: () => stage === "blocked",
      buildable: () => isReady,
      id: () => item.id,
      inQueueSince: () => item.inQueueSinceMs,
      params: () =>
        Object.entries(item.parameters)
          .map(([name, value]) => `\n${name}=${value}`)
          .join(""),
      stuck: () => saying.isStuck,
      task: () => taskBean(view, item.task),
      url: () => `queue/item/${item.id}/`,
      why: () => saying.why,
      ...forStage,
      ...(isReady ? { pending: () => stage === "pending" } : {}),
    },
  };
}

function executableOf(view: View, item: QueueItem): Bean | null {
  if (item.run === null) return null;
  return item.task.kind === "block" ? blockExecutable(view, item) : runBean(view, item.run);
}

function blockExecutable(view: View, item: QueueItem): Bean | null {
  return item.run === null ? null : placeholderExecutable(view, item.run);
}

const blockTask = "org.jenkinsci.plugins.workflow.support.steps.ExecutorStepExecution$PlaceholderTask";

/** What an executor shows of a pipeline's block: the run's number and address. */
export function placeholderExecutable(view: View, run: NonNullable<QueueItem["run"]>): Bean {
  if (!view.state.version.describesBlocks) return { class: `${blockTask}$PlaceholderExecutable`, fields: {} };
  return {
    class: `${blockTask}$PlaceholderExecutable`,
    brief: ["number", "url"],
    fields: {
      displayName: () => `part of ${runDisplayName(run)}`,
      fullDisplayName: () => `part of ${runDisplayName(run)}`,
      number: () => run.number,
      timestamp: () => run.startedAtMs,
      url: () => view.rootUrl + runPath(run),
    },
  };
}

/** A task as the queue shows it: the whole job, or the little that a pipeline's block tells (its address is a relative one). */
function taskBean(view: View, task: Task): Bean {
  if (task.kind === "block") {
    if (!view.state.version.describesBlocks) return { class: blockTask, fields: {} };
    const name = `part of ${runDisplayName(task.run)}`;
    return {
      class: blockTask,
      isInline: true,
      fields: { name: () => name, fullDisplayName: () => name, url: () => runPath(task.run) },
    };
  }
  if (task.kind !== "combination") return { ...jobBean(view, task.job), isInline: false };
  const { job, combination } = task;
  return {
    class: "hudson.matrix.MatrixConfiguration",
    brief: ["name", "url", "color"],
    fields: {
      name: () => combination,
      displayName: () => combination,
      fullDisplayName: () => `${displayNameOf(job)} » ${combination}`,
      url: () => `${view.rootUrl}${jobPath(job.spec.name)}${encodeURIComponent(combination)}/`,
      color: () => "notbuilt",
      ...(view.state.version.exportsLabels
        ? { labelExpression: () => labelText(job.spec.combinations?.[combination]) }
        : {}),
    },
  };
}
