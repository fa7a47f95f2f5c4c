import { type Computer, KubestackError } from "@kubestack/contracts";
import type { Master, QueueEntry } from "@kubestack/jenkins";

/** A master with behaviour, in memory: it shows what is in `computers` and `queue`, and counts how it is asked. */
export interface FakeMaster extends Master {
  computers: Computer[];
  queue: QueueEntry[];
  session: string | null;
  /** Raised by everything that is asked while it is set. */
  failure: KubestackError | undefined;
  /** What happens before each answer: time that passes, for example. */
  pause: (what: "computers" | "queue") => Promise<void>;
  readonly asked: ("computers" | "queue")[];
  closed: boolean;
}

export const awayError = new KubestackError("master-unavailable", "Master m does not answer.");

export const refusedError = new KubestackError("credential-refused", "Master m refused user u.");

export function fakeMaster(name = "m"): FakeMaster {
  const notHere = (): never => {
    throw new KubestackError("master-refused", `The fake master ${name} can't do that.`);
  };
  const fake: FakeMaster = {
    name,
    computers: [],
    queue: [],
    session: "first",
    failure: undefined,
    pause: async () => undefined,
    asked: [],
    closed: false,
    readComputers: async () => {
      fake.asked.push("computers");
      await fake.pause("computers");
      if (fake.failure !== undefined) throw fake.failure;
      return { computers: [...fake.computers], session: fake.session, skipped: 0, skippedBecause: null };
    },
    readQueue: async () => {
      fake.asked.push("queue");
      await fake.pause("queue");
      if (fake.failure !== undefined) throw fake.failure;
      return { items: [...fake.queue], hidden: 0, session: fake.session, skipped: 0, skippedBecause: null };
    },
    readJobLabel: async () => ({ kind: "expression", expression: "from-config" }),
    close: () => {
      fake.closed = true;
    },
    probe: notHere,
    readComputer: notHere,
    readNode: notHere,
    createNode: notHere,
    deleteNode: notHere,
    markOffline: notHere,
    bringOnline: notHere,
    agentSecret: notHere,
    agentPort: notHere,
    createSwarmNode: notHere,
    readBuild: notHere,
    readNewestBuild: notHere,
    readQueueItem: notHere,
  };
  return fake;
}
