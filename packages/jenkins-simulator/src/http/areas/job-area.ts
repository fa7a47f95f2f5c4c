import { KubestackError } from "@kubestack/contracts";
import type { Job, Run } from "../../core/job.ts";
import { type Answer, failure, httpError, notFound, page, plain, redirect, xml } from "../answer.ts";
import { folderBean, jobBean, runBean } from "../beans/job-beans.ts";
import { jobFile, specOfFile } from "../job-file.ts";
import { require, sightOf } from "../permissions.ts";
import { type Area, type Call, isApi, requirePost, type Scene } from "../scene.ts";

/** Jobs in their folders, their files, builds, and asking for one. */
export const jobArea: Area = (scene, call) => {
  const { segments } = call.request;
  const names: string[] = [];
  let at = 0;
  while (segments[at] === "job" && segments[at + 1] !== undefined) {
    names.push(segments[at + 1] ?? "");
    at += 2;
  }
  const name = names.join("/");
  const rest = segments.slice(at);
  if (rest.length === 1 && rest[0] === "createItem") return createJob(scene, call, name);
  if (names.length === 0) return null;
  const job = scene.state.jobs.get(name);
  if (job === undefined) {
    const isFolder = [...scene.state.jobs.keys()].some((one) => one.startsWith(`${name}/`));
    return isFolder && isApi(rest, 0) ? scene.serve(call, (view) => folderBean(view, name)) : notFound();
  }
  const sight = sightOf(call.access, name);
  if (sight === "hidden") return notFound();
  if (sight === "discover") require({ ...call.access, permissions: new Set() }, "Job/Read");
  return ofJob(scene, call, { job, rest });
};

function ofJob(scene: Scene, call: Call, on: { job: Job; rest: readonly string[] }): Answer | null {
  const { job, rest } = on;
  const [action = ""] = rest;
  if (isApi(rest, 0)) return scene.serve(call, (view) => jobBean(view, job));
  if (rest.length === 0) return page(200, { title: job.spec.name, body: "<h1>Job</h1>" });
  switch (action) {
    case "config.xml":
      require(call.access, "Job/ExtendedRead");
      return xml(jobFile(job));
    case "build":
    case "buildWithParameters":
      return trigger(scene, call, { job, isParameterized: action === "buildWithParameters" });
    case "doDelete":
      requirePost(call.request);
      require(call.access, "Job/Delete");
      scene.core.deleteJob(job.spec.name);
      return redirect(scene.rootUrl);
    default:
      return ofRun(scene, call, on);
  }
}

/** `job/J/N/…`, `job/J/lastBuild/…`, or a combination's `job/J/os=linux/N/…`. */
function ofRun(scene: Scene, call: Call, { job, rest }: { job: Job; rest: readonly string[] }): Answer | null {
  const isCombination = rest[0]?.includes("=") === true;
  const combination = isCombination ? (rest[0] ?? "") : "";
  const [which = "", ...action] = isCombination ? rest.slice(1) : rest;
  const runs = job.runs.filter((run) => run.combination === combination);
  const run = which === "lastBuild" ? runs.at(-1) : runs.find((one) => String(one.number) === which);
  if (run === undefined) return notFound();
  if (isApi(action, 0)) return scene.serve(call, (view) => runBean(view, run));
  if (action[0] === "consoleText") return plain(200, consoleOf(run));
  if (action[0] === "stop") {
    requirePost(call.request);
    require(call.access, "Job/Cancel");
    scene.core.stopBuild(job.spec.name, run.number);
    return redirect(scene.rootUrl);
  }
  return action.length === 0 ? page(200, { title: `#${run.number}`, body: "<h1>Build</h1>" }) : notFound();
}

function consoleOf(run: Run): string {
  const where = run.builtOn === null || run.builtOn === "" ? "" : `Building remotely on ${run.builtOn}\n`;
  return `Started by user admin\n${where}${run.result === null || run.endedAtMs === null ? "" : `Finished: ${run.result}\n`}`;
}

function trigger(scene: Scene, call: Call, on: { job: Job; isParameterized: boolean }): Answer {
  const { request, access } = call;
  const { spec } = on.job;
  requirePost(request);
  require(access, "Job/Build");
  const defined = Object.keys(spec.parameters ?? {});
  if (on.isParameterized && defined.length === 0) return httpError(400, `${spec.name} is not parameterized`);
  if (!on.isParameterized && defined.length > 0) return httpError(400, "Nothing is submitted");
  // Only what the job defines is taken: anything else in the form never reaches a build.
  const given = defined.flatMap((name) => {
    const value = request.parameter(name);
    return value === null ? [] : [[name, value] as const];
  });
  const delay = /^(\d+)(sec)?$/.exec(request.parameter("delay") ?? "")?.[1];
  const id = scene.core.build(spec.name, {
    parameters: Object.fromEntries(given),
    ...(delay === undefined ? {} : { delayMs: Number(delay) * 1000 }),
  });
  return plain(201, "", { location: `${scene.rootUrl}queue/item/${id}/` });
}

function createJob(scene: Scene, { request, access }: Call, folder: string): Answer {
  requirePost(request);
  require(access, "Job/Create");
  const name = request.query.get("name") ?? "";
  if (name === "") return failure("Query parameter 'name' is required");
  const spec = specOfFile(folder === "" ? name : `${folder}/${name}`, request.body);
  if (spec === null) return httpError(500, "A job of this kind is not simulated");
  try {
    scene.core.createJob(spec);
    return plain(200);
  } catch (error) {
    if (error instanceof KubestackError) return failure(error.message);
    throw error;
  }
}
