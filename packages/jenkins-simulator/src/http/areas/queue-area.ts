import { itemsOf } from "../../core/queue-entry.ts";
import type { QueueItem } from "../../core/state.ts";
import { httpError, notFound, plain, redirect } from "../answer.ts";
import { itemBean, queueBean } from "../beans/queue-beans.ts";
import { may, require, sightOf } from "../permissions.ts";
import { type Area, type Call, isApi, requirePost, type Scene } from "../scene.ts";

/** The queue, its items, and taking one out. */
export const queueArea: Area = (scene, call) => {
  const { segments, path } = call.request;
  if (segments[0] !== "queue") return null;
  if (isApi(segments, 1)) {
    require(call.access, "Overall/Read");
    return scene.serve(call, queueBean, "queue");
  }
  if (segments[1] === "cancelItem") {
    requirePost(call.request);
    return cancel(scene, call, call.request.parameter("id") ?? "");
  }
  if (segments[1] !== "item" || segments[2] === undefined) return null;
  const item = findItem(scene, call, segments[2]);
  if (item === undefined) return notFound();
  if (isApi(segments, 3)) {
    return scene.serve(call, (view) => itemBean(view, item, view.saying(item)));
  }
  if (segments[3] === "cancelQueue") {
    requirePost(call.request);
    return cancel(scene, call, segments[2]);
  }
  if (segments.length === 3) return plain(200, `Queue item exists. For details check, for example, ${path}api/json`);
  return null;
};

/** Items of jobs that the user cannot read do not exist for it. */
function findItem(scene: Scene, { access }: Call, id: string): QueueItem | undefined {
  const number = Number(id);
  const item = itemsOf(scene.state).find((one) => one.id === number) ?? scene.state.left.get(number);
  if (item === undefined) return undefined;
  const sight = sightOf(access, item.task.job.spec.name);
  if (sight === "discover") require({ ...access, permissions: new Set() }, "Job/Read");
  return sight === "read" ? item : undefined;
}

function cancel(scene: Scene, call: Call, id: string) {
  const item = findItem(scene, call, id);
  if (item === undefined) return httpError(404, `Provided id (${id}) not found`);
  if (!may(call.access, "Job/Cancel")) return httpError(422, `Item for id (${id}) is not cancellable`);
  const done = scene.core.cancel(item.id);
  if (done === "cancelled" || item.stage === "left") {
    return call.request.segments[1] === "cancelItem" ? plain(204) : redirect(scene.rootUrl);
  }
  return httpError(500, `Could not cancel run for id ${id}`);
}
