import { createHmac } from "node:crypto";
import type { MasterCore } from "../core/core.ts";
import type { MasterState } from "../core/state.ts";
import { createWhyMemory } from "../core/why-memory.ts";
import { type Answer, httpError, json, Refusal } from "./answer.ts";
import { type Bean, createBeanWriter, type Wanted } from "./bean.ts";
import type { RootSettings } from "./beans/root-bean.ts";
import type { View } from "./beans/view.ts";
import type { Gate } from "./gate.ts";
import { type Access, viewOf } from "./permissions.ts";
import type { Received } from "./received.ts";
import { parseTree } from "./tree.ts";

/** What every area of the HTTP interface works with. */
export interface Scene {
  readonly core: MasterCore;
  readonly state: MasterState;
  readonly gate: Gate;
  readonly settings: RootSettings;
  /** The address that the master gives itself in links, with a slash at its end. */
  readonly rootUrl: string;
  view(access: Access): View;
  /** Resolves when the master's clock has come so far. */
  until(atMs: number): Promise<void>;
  /** What an inbound agent of this node must present. */
  secretOf(node: string): string;
  /** Answers `…/api/json` with a bean; large answers are kept as text while nothing changes, under `keep`. */
  serve(call: Call, make: (view: View) => Bean, keep?: string): Answer;
}

/** A request that was let in. */
export interface Call {
  readonly request: Received;
  readonly access: Access;
}

/** Answers a call, or returns null where it is none of this area's. */
export type Area = (scene: Scene, call: Call) => Answer | null | Promise<Answer | null>;

export interface SceneOptions {
  readonly core: MasterCore;
  readonly gate: Gate;
  readonly settings: RootSettings;
  readonly rootUrl: string;
  readonly until: (atMs: number) => Promise<void>;
  /** Secrets of agents are made from it. */
  readonly agentKey: string;
}

/** Answers that are kept at most. */
const mostKept = 64;

export function createScene(options: SceneOptions): Scene {
  const { core, gate, settings, rootUrl, until } = options;
  const { state } = core;
  const writer = createBeanWriter(state.version.hasClasses);
  const saying = createWhyMemory(state);
  const kept = new Map<string, { readonly stamp: string; readonly body: Buffer }>();
  const apiHeaders = () => ({
    ...mastersHeaders(state),
    "x-content-type-options": "nosniff",
    "x-frame-options": "deny",
  });

  function wantedBy(request: Received): { wanted: Wanted; name: string } {
    const tree = request.query.get("tree");
    const depth = Math.max(0, Math.trunc(Number(request.query.get("depth") ?? 0)) || 0);
    if (tree === null || tree === "") return { wanted: { depth }, name: `depth ${depth} progress` };
    const parsed = parseTree(tree);
    if (parsed === null) throw new Refusal(httpError(400, `Malformed tree expression: ${tree.slice(0, 200)}`));
    return { wanted: { tree: parsed }, name: tree };
  }

  const scene: Scene = {
    core,
    state,
    gate,
    settings,
    rootUrl,
    until,
    view: (access) => ({ state, rootUrl, access, saying }),
    secretOf: (node) => createHmac("sha256", options.agentKey).update(node).digest("hex"),
    serve({ request, access }, make, keep) {
      const { wanted, name } = wantedBy(request);
      const write = () => writer.write(make(scene.view(access)), wanted, `${name} ${viewOf(access)}`);
      if (keep === undefined || name.includes("progress")) return json(write(), apiHeaders());
      const key = JSON.stringify([keep, name, viewOf(access)]);
      // Some texts change with time alone: how long the quiet period is, who is stuck. To the second is good enough.
      const stamp = `${state.revision} ${Math.floor(state.nowMs / 1000)}`;
      const found = kept.get(key);
      if (found?.stamp === stamp) return json(found.body, apiHeaders());
      if (kept.size >= mostKept) kept.clear();
      const body = Buffer.from(write());
      kept.set(key, { stamp, body });
      return json(body, apiHeaders());
    },
  };
  return scene;
}

/** What every page and answer of the master itself carries. */
export function mastersHeaders(state: MasterState): Record<string, string> {
  const { version } = state.version;
  return { "x-jenkins": version, "x-hudson": "1.395", "x-jenkins-session": state.session };
}

/** Raises the refusal of a request that must be a POST. */
export function requirePost(request: Received): void {
  if (request.method === "POST") return;
  throw new Refusal({
    ...httpError(405, "This URL requires POST"),
    headers: { "content-type": "text/html;charset=utf-8", allow: "POST" },
  });
}

/** Whether the last segments are `api/json`. */
export function isApi(segments: readonly string[], from: number): boolean {
  return segments.length === from + 2 && segments[from] === "api" && segments[from + 1] === "json";
}
