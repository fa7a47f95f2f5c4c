import { createHash, timingSafeEqual } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { MasterCore } from "../core/core.ts";
import type { CoreEvent } from "../core/state.ts";
import { type Answer, httpError, plain } from "./answer.ts";
import type { Received } from "./received.ts";

/** Simulated agents: one stream each. It is the channel: open means connected, and its end is a lost channel. */
export interface AgentStreams {
  /** Takes the response for a stream (null), or answers why not. */
  open(request: Received, response: ServerResponse): Answer | null;
  /** Takes word from an agent that a script has ended. */
  ended(request: Received): Answer;
  /** Ends all of them, as a master's end does. */
  close(): void;
}

/** Lines between which an agent may take the way for dead, in ms. */
const pingMs = 5_000;

/**
 * `GET simulator/agent?name=N` with the node's secret in `x-agent-secret`: lines of JSON, `connected` first, then
 * `started` and `ended` of what it runs, and `ping`. 400 no such node, 403 wrong secret, 409 connected already.
 * A build that started with a `script` ends with `POST simulator/agent/ended?name=N&job=J&number=1&result=R`.
 */
export function createAgentStreams(core: MasterCore, secretOf: (node: string) => string): AgentStreams {
  const streams = new Map<string, ServerResponse>();

  function end(name: string): void {
    const stream = streams.get(name);
    streams.delete(name);
    stream?.end();
  }

  core.subscribe((event) => {
    if (event.kind === "restarting") for (const name of [...streams.keys()]) end(name);
    if (event.node === undefined) return;
    if (event.kind === "agent-offline" || event.kind === "node-deleted") end(event.node);
    const stream = streams.get(event.node);
    if (stream !== undefined && (event.kind === "started" || event.kind === "ended")) stream.write(lineOf(core, event));
  });

  /** The node's name, or why the agent that asks is not its. */
  function presented(request: Received): string | Answer {
    const name = request.query.get("name") ?? "";
    if (!core.state.nodes.has(name)) return httpError(400, `${name} is not a node of this master`);
    if (isEqual(request.headers["x-agent-secret"] ?? "", secretOf(name))) return name;
    return httpError(403, `The secret of ${name} is wrong`);
  }

  return {
    open(request, response) {
      const name = presented(request);
      if (typeof name !== "string") return name;
      if (core.node(name).connectedAtMs !== null) return httpError(409, `${name} is already connected to this master`);
      response.writeHead(200, { "content-type": "application/x-ndjson", "cache-control": "no-store" });
      response.write(`${JSON.stringify({ type: "connected", name, session: core.state.session })}\n`);
      streams.set(name, response);
      const ping = setInterval(() => response.write(`${JSON.stringify({ type: "ping" })}\n`), pingMs);
      ping.unref();
      response.once("close", () => {
        clearInterval(ping);
        if (streams.get(name) !== response) return;
        streams.delete(name);
        core.disconnect(name);
      });
      core.connect(name);
      return null;
    },
    ended(request) {
      const name = presented(request);
      if (typeof name !== "string") return name;
      const [job = "", number, result] = ["job", "number", "result"].map((key) => request.query.get(key) ?? "");
      const isIts = core
        .works()
        .some((work) => work.job === job && String(work.number) === number && work.place?.node.name === name);
      if (isIts)
        core.finishBuild(job, { number: Number(number), result: result === "SUCCESS" ? "SUCCESS" : "FAILURE" });
      return plain(200);
    },
    close() {
      for (const name of [...streams.keys()]) end(name);
    },
  };
}

function lineOf(core: MasterCore, { kind, work }: CoreEvent): string {
  const told = {
    type: kind,
    job: work?.job,
    part: work?.part,
    number: work?.number,
    result: work?.result ?? undefined,
    script: kind === "started" && work !== undefined ? core.job(work.job).spec.script : undefined,
  };
  return `${JSON.stringify(told)}\n`;
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}
