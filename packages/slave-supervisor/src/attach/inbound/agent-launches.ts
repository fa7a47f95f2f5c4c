import { type AgentLaunch, agentLaunchOf, type Master } from "@kubestack/jenkins";

/** A master may be upgraded: how its agents start is read again after this time, in milliseconds, without anybody waiting for it. */
const freshMs = 60_000;

interface Known {
  readonly launch: AgentLaunch;
  readonly readAt: number;
  reading: boolean;
}

/** How each master's agents are started, remembered: asking costs several requests on some masters. */
export class AgentLaunches {
  readonly #known = new WeakMap<Master, Known>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async of(master: Master): Promise<AgentLaunch> {
    const known = this.#known.get(master);
    if (known === undefined) return this.#read(master);
    if (this.#now() - known.readAt > freshMs && !known.reading) {
      known.reading = true;
      // A master that does not answer now is no news here: what was known goes on, and the next launch asks again.
      this.#read(master).catch(() => {
        known.reading = false;
      });
    }
    return known.launch;
  }

  async #read(master: Master): Promise<AgentLaunch> {
    const launch = agentLaunchOf(await master.probe());
    this.#known.set(master, { launch, readAt: this.#now(), reading: false });
    return launch;
  }
}
