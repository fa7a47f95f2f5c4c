import type { Job, Run } from "../../core/job.ts";
import { isExpression, printedAtom } from "../../core/label-expression.ts";
import { itemsOf } from "../../core/queue-entry.ts";
import type { Bean, Exported } from "../bean.ts";
import { sightOf } from "../permissions.ts";
import { displayNameOf, jobPath, runDisplayName, runPath, type View } from "./view.ts";

const jobClasses = {
  freestyle: "hudson.model.FreeStyleProject",
  pipeline: "org.jenkinsci.plugins.workflow.job.WorkflowJob",
  matrix: "hudson.matrix.MatrixProject",
} as const;

export function jobBean(view: View, job: Job): Bean {
  const { spec } = job;
  const kind = spec.kind ?? "freestyle";
  const own = () => job.runs.filter((run) => run.combination === "").reverse();
  const last = (isMeant: (run: Run) => boolean) => {
    const run = own().find(isMeant);
    return run === undefined ? null : runBean(view, run);
  };
  return {
    class: jobClasses[kind],
    brief: ["name", "url", "color"],
    fields: {
      name: () => spec.name.split("/").at(-1) ?? spec.name,
      fullName: () => spec.name,
      displayName: () => spec.name.split("/").at(-1) ?? spec.name,
      fullDisplayName: () => displayNameOf(job),
      url: () => view.rootUrl + jobPath(spec.name),
      color: () => colorOf(job),
      buildable: () => true,
      builds: () => own().map((run) => runBean(view, run)),
      allBuilds: () => own().map((run) => runBean(view, run)),
      lastBuild: () => last(() => true),
      lastCompletedBuild: () => last((run) => run.endedAtMs !== null),
      lastSuccessfulBuild: () => last((run) => run.result === "SUCCESS"),
      lastFailedBuild: () => last((run) => run.result === "FAILURE"),
      nextBuildNumber: () => (own()[0]?.number ?? 0) + 1,
      inQueue: () => itemsOf(view.state).some((item) => item.task.job === job),
      concurrentBuild: () => spec.concurrent ?? true,
      ...(kind === "freestyle" && view.state.version.exportsLabels
        ? { labelExpression: () => labelText(spec.label) }
        : {}),
    },
  };
}

/** As the job keeps it where the grammar takes it, else as one quoted atom; null where the job is not tied to a label. */
export function labelText(label: string | null | undefined): string | null {
  if (label === null || label === undefined || label === "") return null;
  return isExpression(label) ? label : printedAtom(label);
}

function colorOf(job: Job): string {
  const last = job.runs.findLast((run) => run.endedAtMs !== null);
  const color =
    last === undefined
      ? "notbuilt"
      : last.result === "SUCCESS"
        ? "blue"
        : last.result === "ABORTED"
          ? "aborted"
          : "red";
  return job.runs.some((run) => run.endedAtMs === null) ? `${color}_anime` : color;
}

export function runBean(view: View, run: Run): Bean {
  const kind = run.combination === "" ? (run.job.spec.kind ?? "freestyle") : "combination";
  return {
    class: runClasses[kind],
    brief: ["number", "url"],
    fields: {
      number: () => run.number,
      url: () => view.rootUrl + runPath(run),
      id: () => String(run.number),
      building: () => run.endedAtMs === null,
      inProgress: () => run.endedAtMs === null,
      result: () => (run.endedAtMs === null ? null : run.result),
      timestamp: () => run.startedAtMs,
      duration: () => (run.endedAtMs === null ? 0 : run.endedAtMs - run.startedAtMs),
      estimatedDuration: () => -1,
      displayName: () => `#${run.number}`,
      fullDisplayName: () => runDisplayName(run),
      queueId: () => run.queueId,
      keepLog: () => false,
      actions: () => actionsOf(run.parameters),
      ...(kind === "pipeline" ? {} : { builtOn: () => run.builtOn ?? "" }),
    },
  };
}

const runClasses = {
  freestyle: "hudson.model.FreeStyleBuild",
  pipeline: "org.jenkinsci.plugins.workflow.job.WorkflowRun",
  matrix: "hudson.matrix.MatrixBuild",
  combination: "hudson.matrix.MatrixRun",
} as const;

/** What an item or a build carries: its parameters and its cause. */
export function actionsOf(parameters: Readonly<Record<string, string>>): Bean[] {
  const values = Object.entries(parameters).map(([name, value]) =>
    inline("hudson.model.StringParameterValue", { name: () => name, value: () => value }),
  );
  const cause = inline("hudson.model.Cause$UserIdCause", {
    shortDescription: () => "Started by user admin",
    userId: () => "admin",
    userName: () => "admin",
  });
  const causes = inline("hudson.model.CauseAction", { causes: () => [cause] });
  return values.length === 0
    ? [causes]
    : [inline("hudson.model.ParametersAction", { parameters: () => values }), causes];
}

function inline(name: string, fields: Readonly<Record<string, () => Exported>>): Bean {
  return { class: name, fields, isInline: true };
}

/** The jobs and folders directly below a folder ("" is the root), as far as the user sees them. */
export function childrenOf(view: View, folder: string): Bean[] {
  const prefix = folder === "" ? "" : `${folder}/`;
  const children = new Map<string, Bean>();
  for (const job of view.state.jobs.values()) {
    const { name } = job.spec;
    if (!name.startsWith(prefix) || sightOf(view.access, name) !== "read") continue;
    const [first = "", ...deeper] = name.slice(prefix.length).split("/");
    const child = prefix + first;
    if (deeper.length === 0) children.set(child, jobBean(view, job));
    else if (!children.has(child)) children.set(child, folderBean(view, child));
  }
  return [...children.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, bean]) => bean);
}

export function folderBean(view: View, name: string): Bean {
  return {
    class: "com.cloudbees.hudson.plugins.folder.Folder",
    brief: ["name", "url"],
    fields: {
      name: () => name.split("/").at(-1) ?? name,
      fullName: () => name,
      displayName: () => name.split("/").at(-1) ?? name,
      url: () => view.rootUrl + jobPath(name),
      jobs: () => childrenOf(view, name),
    },
  };
}
