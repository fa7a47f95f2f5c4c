import { randomBytes } from "node:crypto";
import { driveClock, runningClock } from "./clock.ts";
import { type CoreOptions, createMasterCore, type MasterCore } from "./core/core.ts";
import type { CoreEvent } from "./core/state.ts";
import type { Cloud } from "./http/beans/root-bean.ts";
import { createFaults, type Faults } from "./http/faults.ts";
import { createGate, type User } from "./http/gate.ts";
import { createScene } from "./http/scene.ts";
import { startServer } from "./http/server.ts";

export interface SimulatorOptions extends Omit<CoreOptions, "clock"> {
  /** `running` (default): its clock is the machine's; `manual`: it stands still until `core.advance`. */
  readonly time?: "running" | "manual" | undefined;
  /** How much faster than the machine's a running clock goes. Default 1. */
  readonly speed?: number | undefined;
  /** Context path such as `/ci`. Default none. */
  readonly context?: string | undefined;
  /** Default: a free port. */
  readonly port?: number | undefined;
  /** What the master takes for its own address, where that is another one than it is reached at. */
  readonly rootUrl?: string | undefined;
  /** Users beside the administrator. */
  readonly users?: readonly User[] | undefined;
  /** Whether a POST with a password needs a crumb. Default true. */
  readonly usesCrumbs?: boolean | undefined;
  /** The port for TCP agents that it names; default -1, switched off: simulated agents come over HTTP or WebSocket. */
  readonly agentPort?: number | undefined;
  /** Whether it has the Swarm plugin. Default false. */
  readonly hasSwarm?: boolean | undefined;
  /** Other provisioners that it names for their labels; they provision nothing. Default none. */
  readonly clouds?: readonly Cloud[] | undefined;
  /** How far its `Date` header is ahead of this machine's clock, in ms. Default 0. */
  readonly dateAheadMs?: number | undefined;
}

/** A master that runs in this process and speaks Jenkins' protocol on loopback. */
export interface JenkinsSimulator {
  /** With the context path and a slash at its end. */
  readonly url: string;
  /** An administrator; password and token are random. */
  readonly user: string;
  readonly password: string;
  readonly token: string;
  /** All that happens within, to be steered and looked at. */
  readonly core: MasterCore;
  readonly faults: Faults;
  /** Users by name; may be changed. */
  readonly users: Map<string, User>;
  /** Requests answered so far, `METHOD path`. */
  readonly log: readonly string[];
  /** What an inbound agent of this node must present. */
  secretOf(node: string): string;
  /** Breaks every open connection, agents' too. */
  dropConnections(): void;
  /** Refuses connections until `comeUp`. What happens within goes on. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  /** Resolves as soon as `isSo`, looked at now and after each event; rejects after `timeoutMs` (default 10 s). */
  until(isSo: (core: MasterCore) => boolean, timeoutMs?: number): Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Starts a master; it listens when this resolves. */
export async function startJenkinsSimulator(options: SimulatorOptions = {}): Promise<JenkinsSimulator> {
  const speed = options.speed ?? 1;
  const clock = (options.time ?? "running") === "running" ? runningClock(speed) : undefined;
  const core = createMasterCore({ ...options, clock });
  const context = (options.context ?? "").replace(/\/+$/, "");
  const newId = () => randomBytes(16).toString("hex");
  const admin: User = { name: "kubestack", password: newId(), tokens: [`11${newId()}`] };
  const usesCrumbs = options.usesCrumbs ?? true;
  const gate = createGate(core.state, { users: [admin, ...(options.users ?? [])], usesCrumbs, context, newId });
  const faults = createFaults();
  const driver = driveClock(core, clock, speed);
  const agentKey = newId();
  let secretOf: JenkinsSimulator["secretOf"] = () => "";
  const server = await startServer({
    context,
    faults,
    port: options.port ?? 0,
    dateAheadMs: options.dateAheadMs ?? 0,
    scene: (port) => {
      const rootUrl = options.rootUrl ?? `http://127.0.0.1:${port}${context}/`;
      const { agentPort = -1, clouds = [], hasSwarm = false } = options;
      const settings = { usesCrumbs, agentPort, clouds, hasSwarm };
      const scene = createScene({ core, gate, settings, rootUrl, until: driver.until, agentKey });
      secretOf = scene.secretOf;
      return scene;
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}${context}/`,
    user: admin.name,
    password: admin.password,
    token: admin.tokens[0] ?? "",
    core,
    faults,
    users: gate.users,
    log: server.log,
    secretOf: (node) => secretOf(node),
    dropConnections: server.dropConnections,
    goDown: server.goDown,
    comeUp: server.comeUp,
    until: (isSo, timeoutMs = 10_000) => untilSo(core, isSo, timeoutMs),
    async stop() {
      driver.stop();
      await server.close();
    },
  };
}

async function untilSo(core: MasterCore, isSo: (core: MasterCore) => boolean, timeoutMs: number): Promise<void> {
  if (isSo(core)) return;
  let last: CoreEvent | undefined;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      stop();
      reject(
        new Error(
          `it did not come about within ${timeoutMs} ms; the last event was ${last?.kind ?? "none"} ${last?.node ?? ""}`,
        ),
      );
    }, timeoutMs);
    const stop = core.subscribe((event) => {
      last = event;
      // What follows from the event has happened a moment later.
      queueMicrotask(() => {
        if (!isSo(core)) return;
        clearTimeout(timer);
        stop();
        resolve();
      });
    });
  });
}
