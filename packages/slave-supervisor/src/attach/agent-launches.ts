import { KubestackError } from "@kubestack/contracts";
import {
  type AgentLaunch,
  type AgentTransport,
  agentLaunchOf,
  agentTransportOf,
  dependsOnPort,
  type Master,
  type Probe,
} from "@kubestack/jenkins";
import { type AttachTarget, jenkinsOf } from "./attach-mode.ts";

/** A master may be changed: what decides how its agents start is read again after this time, in milliseconds, without anybody waiting for it. */
const freshMs = 60_000;

/** How the agents of a master start, and which way they take to it. */
export interface AgentStart extends AgentLaunch {
  readonly transport: AgentTransport;
}

interface Known extends Pick<Probe, "flavour" | "version"> {
  /** Null: it takes no agents by TCP; undefined: not asked. */
  readonly agentPort: number | null | undefined;
  readonly readAt: number;
  reading: boolean;
}

/** What decides how each master's agents start, remembered: asking costs several requests on some masters. */
export class AgentLaunches {
  readonly #known = new WeakMap<Master, Known>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Raises what reading does, and master-refused where the master leaves its agents no way. */
  async of(target: AttachTarget): Promise<AgentStart> {
    const known = this.#known.get(jenkinsOf(target));
    const isEnough = known !== undefined && (known.agentPort !== undefined || !dependsOnPort(wayOf(target)));
    if (!isEnough) return startOf(target, await this.#read(target));
    if (this.#now() - known.readAt <= freshMs) return startOf(target, known);
    try {
      const start = startOf(target, known);
      this.#readBeside(target, known);
      return start;
    } catch {
      // What was refused is mended by a person: the next launch must not be refused by what is not so any more.
      return startOf(target, await this.#read(target));
    }
  }

  /** Reads anew, whatever is known: after a start of the master. What was known stays where it does not answer. */
  async renew(target: AttachTarget): Promise<void> {
    await this.#read(target);
  }

  #readBeside(target: AttachTarget, known: Known): void {
    if (known.reading) return;
    known.reading = true;
    // A master that does not answer now is no news here: what was known goes on, and the next launch asks again.
    this.#read(target).catch(() => {
      known.reading = false;
    });
  }

  async #read(target: AttachTarget): Promise<Known> {
    const master = jenkinsOf(target);
    const { flavour, version } = await master.probe();
    const agentPort = dependsOnPort(wayOf(target)) ? await master.agentPort() : undefined;
    const known = { flavour, version, agentPort, readAt: this.#now(), reading: false };
    this.#known.set(master, known);
    return known;
  }
}

/** Whether agents are to take any certificate of the master. */
export function isUnchecked({ tls, agentUrl }: AttachTarget): boolean {
  return tls?.insecureSkipVerify === true && /^https:/i.test(agentUrl);
}

function startOf(target: AttachTarget, known: Known): AgentStart {
  if (known.flavour === "hudson" && isUnchecked(target)) {
    const remedy =
      "name the certificate's authority in tls.ca instead of tls.insecureSkipVerify, or an agentUrl with http";
    throw new KubestackError(
      "master-refused",
      `The agents of a Hudson check every certificate: for master ${target.name} ${remedy}.`,
      {
        retry: "never",
      },
    );
  }
  return { ...agentLaunchOf(known), transport: agentTransportOf(wayOf(target), { ...known, name: target.name }) };
}

function wayOf({ transport = "auto", agentTunnel: tunnel }: AttachTarget) {
  return { transport, tunnel };
}
