import { podNameOf, sentenceOf } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import type { Logger } from "@kubestack/runtime";
import type { Slave } from "../roster.ts";
import { causeIn, type Told } from "./cause.ts";

/** What is read of one log: its last lines, and no more than so many bytes and milliseconds. */
export const readLimits = { tailLines: 100, limitBytes: 32 * 1024, timeoutMs: 3000 } as const;

/** So many logs are read at once. Slaves of one template fail alike: of the others it is not worth a wait. */
const atOnce = 8;

export interface AgentLogsOptions {
  readonly cluster: Pick<Cluster, "podLog">;
  readonly log: Logger;
  /** In which container of its pod a slave's agent runs. */
  readonly containerOf: (slave: Slave) => string;
  /** Called when a slave's log has been read. */
  readonly onRead: (slave: Slave) => void;
}

/** Reads the end of a failed slave's log, once, and finds out what it says. */
export class AgentLogs {
  readonly #options: AgentLogsOptions;
  readonly #found = new WeakMap<Slave, Told | "reading" | "nothing">();
  #running = 0;

  constructor(options: AgentLogsOptions) {
    this.#options = options;
  }

  /** What the slave's log says. `reading`: ask again when `onRead` is called, some seconds later at most. */
  of(slave: Slave): Told | "reading" | "nothing" {
    const known = this.#found.get(slave);
    if (known !== undefined) return known;
    if (this.#running >= atOnce) return "nothing";
    this.#found.set(slave, "reading");
    this.#running += 1;
    void this.#read(slave).then((told) => {
      this.#running -= 1;
      this.#found.set(slave, told ?? "nothing");
      this.#options.onRead(slave);
    });
    return "reading";
  }

  /** What cannot be read says nothing: the pod may be gone, or the machine of it. */
  async #read(slave: Slave): Promise<Told | undefined> {
    const { cluster, log, containerOf } = this.#options;
    const { namespace } = slave.record;
    const name = podNameOf(slave.record);
    try {
      return causeIn(await cluster.podLog(namespace, name, { container: containerOf(slave), ...readLimits }));
    } catch (error) {
      log.debug({ slave: name }, `its log could not be read: ${sentenceOf(error)}`);
      return undefined;
    }
  }
}
