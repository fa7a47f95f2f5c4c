import type { ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { type Answer, httpError, page } from "./answer.ts";
import type { Fault } from "./faults.ts";

/** What a fault answers by itself; null: the request is carried out. */
export function answerInstead(fault: Fault): Answer | null {
  if (fault.kind === "status") {
    const answer = httpError(fault.status, fault.body ?? "Simulated fault");
    return { ...answer, headers: { ...answer.headers, ...fault.headers }, body: fault.body ?? answer.body };
  }
  if (fault.kind === "html") {
    const body = '<form action="j_spring_security_check"><input type="password"></form>';
    return page(200, { title: "Sign in", body: fault.body ?? body });
  }
  if (fault.kind === "refuse-credentials") return httpError(401, "Invalid password/token for user: refused by a fault");
  return null;
}

/** Sends the answer, as far as the fault lets it. `signal` ends what waits. */
export async function sendAnswer(
  response: ServerResponse,
  answer: Answer,
  how: { fault: Fault | null; signal: AbortSignal },
): Promise<void> {
  const { fault, signal } = how;
  if (fault?.kind === "slow") await pause(fault.ms, undefined, { signal });
  if (fault?.kind === "hang") return;
  if (fault?.kind === "lost-answer" || response.destroyed) {
    response.destroy();
    return;
  }
  const body = Buffer.from(answer.body);
  response.writeHead(answer.status, { ...answer.headers, "content-length": String(body.length) });
  if (fault?.kind !== "half") {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.destroy());
}
