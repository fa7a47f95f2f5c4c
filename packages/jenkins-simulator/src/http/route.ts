import { type Answer, httpError, notFound, page, Refusal } from "./answer.ts";
import { computerArea } from "./areas/computer-area.ts";
import { jobArea } from "./areas/job-area.ts";
import { labelArea } from "./areas/label-area.ts";
import { queueArea } from "./areas/queue-area.ts";
import { rootArea } from "./areas/root-area.ts";
import { swarmArea } from "./areas/swarm-area.ts";
import type { Received } from "./received.ts";
import { type Area, mastersHeaders, type Scene } from "./scene.ts";

const areas: readonly Area[] = [computerArea, queueArea, jobArea, labelArea, swarmArea, rootArea];

/** The answer to one request. While the master starts, all of them are the same. */
export async function route(scene: Scene, request: Received): Promise<Answer> {
  scene.core.batch(() => undefined); // time passes for it, whether anything is changed or not
  if (scene.state.phase === "starting") {
    const body = "<h1>Please wait while Jenkins is getting ready to work</h1>";
    return page(503, { title: "Starting Jenkins", body }, { "cache-control": "no-cache,no-store,must-revalidate" });
  }
  try {
    const access = scene.gate.admit(request);
    for (const area of areas) {
      const answer = await area(scene, { request, access });
      if (answer !== null) return withHeaders(scene, answer);
    }
    return withHeaders(scene, notFound());
  } catch (error) {
    if (error instanceof Refusal) return error.answer.status === 401 ? error.answer : withHeaders(scene, error.answer);
    return httpError(500, error instanceof Error ? error.message : String(error));
  }
}

function withHeaders(scene: Scene, answer: Answer): Answer {
  return { ...answer, headers: { ...mastersHeaders(scene.state), ...answer.headers } };
}
