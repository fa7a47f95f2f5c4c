import { XPublisher } from "zeromq";
import type { MasterCore } from "./core/core.ts";
import type { CoreEvent, Work } from "./core/state.ts";

/** The ZMQ event publisher of a master: a plugin that tells each subscriber of freestyle builds. */
export interface EventPublisher {
  readonly port: number;
  /** Resolves when somebody has subscribed. */
  readonly subscribed: Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

/** Publishes what happens in a master, on loopback. `port` is a free one unless given. */
export async function startEventPublisher(master: {
  readonly core: MasterCore;
  /** With a slash at its end. */
  readonly url: string;
  readonly port?: number | undefined;
}): Promise<EventPublisher> {
  const socket = new XPublisher({ linger: 0 });
  await bind(socket, `tcp://127.0.0.1:${master.port ?? "*"}`);
  const subscribed = Promise.withResolvers<void>();
  const reading = (async () => {
    for await (const _ of socket) subscribed.resolve();
  })();
  let sending: Promise<void> = Promise.resolve();
  const end = master.core.subscribe((event) => {
    for (const frame of framesOf(event, master.url))
      sending = sending.then(() => (socket.closed ? undefined : socket.send(frame)));
  });
  let stopped: Promise<void> | undefined;
  return {
    port: Number(/\d+$/.exec(socket.lastEndpoint ?? "")?.[0]),
    subscribed: subscribed.promise,
    stop: () => {
      end();
      stopped ??= sending.then(() => {
        socket.close();
        return reading;
      });
      return stopped;
    },
  };
}

/** So often a port is tried for that is in use: ZeroMQ closes that of an earlier publisher some time after it was told to. */
const tries = 100;
const againMs = 20;

async function bind(socket: XPublisher, address: string): Promise<void> {
  for (let left = tries; ; left -= 1) {
    try {
      return await socket.bind(address);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || left === 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
  }
}

/** A pipeline is not told of. That a build is finalized is told with its result, when its executor is as good as free. */
function framesOf({ kind, work }: CoreEvent, url: string): string[] {
  if (work === undefined || work.part !== "" || work.number === null) return [];
  if (work.run?.job.spec.kind === "pipeline") return [];
  if (kind === "started") return [frameOf("onStarted", "STARTED", { work, url })];
  if (kind !== "ended") return [];
  return [frameOf("onCompleted", "COMPLETED", { work, url }), frameOf("onFinalized", "FINISHED", { work, url })];
}

/** What is not known yet is left out, as the plugin does. */
function frameOf(topic: string, phase: string, { work, url }: { readonly work: Work; readonly url: string }): string {
  const names = work.job.split("/");
  const path = names.map((name) => `job/${encodeURIComponent(name)}/`).join("");
  const build = {
    full_url: `${url}${path}${work.number}/`,
    number: work.number,
    phase,
    status: work.result ?? undefined,
    url: `${path}${work.number}/`,
    parameters: work.run?.parameters,
    node_name: work.node ?? undefined,
  };
  return `${topic} ${JSON.stringify({ name: names.at(-1), url: path, build })}`;
}
