import { driveClock } from "./clock.ts";
import { type CoreOptions, createMasterCore, type MasterCore } from "./core/core.ts";
import { notFound } from "./http/answer.ts";
import { createGate, type User } from "./http/gate.ts";
import { received, type Sent } from "./http/received.ts";
import { route } from "./http/route.ts";
import { createScene } from "./http/scene.ts";

/** A master without a server: its answers are had by asking. */
export interface JenkinsInMemory {
  readonly url: string;
  readonly user: string;
  readonly token: string;
  readonly core: MasterCore;
  /** The answer to one request, as the server would send it. */
  answer(sent: Sent): Promise<{ status: number; headers: Readonly<Record<string, string>>; text: string }>;
  stop(): void;
}

export interface InMemoryOptions extends CoreOptions {
  readonly clock: () => number;
  /** Whether it has the Swarm plugin. Default false. */
  readonly hasSwarm?: boolean | undefined;
}

/** Makes a master whose time is `clock`; what falls due by itself is woken by timers. */
export function createJenkinsInMemory(options: InMemoryOptions): JenkinsInMemory {
  const core = createMasterCore(options);
  const driver = driveClock(core, options.clock, 1);
  const url = "http://jenkins.invalid/";
  let ids = 0;
  const newId = (): string => {
    ids += 1;
    return `id-${ids}`;
  };
  const admin: User = { name: "kubestack", password: newId(), tokens: [newId()] };
  const gate = createGate(core.state, { users: [admin], usesCrumbs: true, context: "", newId });
  const settings = { usesCrumbs: true, agentPort: -1, clouds: [], hasSwarm: options.hasSwarm ?? false };
  const scene = createScene({ core, gate, settings, rootUrl: url, until: driver.until, agentKey: newId() });
  return {
    url,
    user: admin.name,
    token: admin.tokens[0] ?? "",
    core,
    async answer(sent) {
      const request = received(sent, "");
      const { status, headers, body } = request === null ? notFound() : await route(scene, request);
      return { status, headers, text: body.toString() };
    },
    stop: () => driver.stop(),
  };
}
