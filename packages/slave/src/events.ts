import type { AgentCause, FailureClass, Outcome, Wait } from "@kubestack/contracts";

/**
 * What can happen to a slave. `at` is NATS's time in milliseconds; `attempt` is which of its pods was the present one for
 * whoever tells it: of an earlier one it is the past, and changes nothing. Absent: it is told of the present one.
 */
export type SlaveEvent = { readonly at: number; readonly attempt?: number } & (
  | { readonly type: "pod.accepted"; readonly uid: string }
  /** Here and below: `failure` is what went wrong, where that is known. */
  | { readonly type: "pod.refused"; readonly reason: string; readonly failure?: FailureClass }
  | {
      readonly type: "pod.progressed";
      readonly node: string | null;
      readonly waitsOn: Wait;
      readonly detail: string;
      /** Another image is being pulled, or the same one anew: the image's clock starts again. */
      readonly anew: boolean;
      /** What keeps it waiting; null: nothing that is told. Absent: this state of the pod does not tell, what was told before stands. */
      readonly trouble?: FailureClass | null;
    }
  /** The agent's container ended, or the pod is being deleted, evicted or disrupted. `cause` as the agent's log tells it. */
  | {
      readonly type: "pod.ended";
      readonly reason: string;
      readonly cause?: AgentCause;
      readonly failure?: FailureClass;
    }
  /** It is being deleted, and is gone by then if its node lives. */
  | { readonly type: "pod.leaving"; readonly goneBy: number }
  | { readonly type: "pod.gone"; readonly reason: string }
  /** It is marked as kept until then, and its containers were told to end. */
  | { readonly type: "pod.retained"; readonly until: number; readonly because: string }
  | { readonly type: "retention.declined" }
  /** The master was known in this start of it, or in none, when its node was made. */
  | { readonly type: "node.registered"; readonly session?: string | null }
  | { readonly type: "node.refused"; readonly reason: string; readonly failure?: FailureClass }
  | { readonly type: "node.removed" }
  /** A reading of the whole fleet, begun after the node was made, does not show it. */
  | { readonly type: "node.dropped"; readonly reason: string }
  /** The master has no such node: its answer to a mark, or to a look. */
  | { readonly type: "node.missing" }
  /** The cluster does not give the slave a Service that its template names. */
  | { readonly type: "service.refused"; readonly reason: string; readonly failure?: FailureClass }
  | { readonly type: "secret.created" }
  | { readonly type: "secret.gone" }
  | { readonly type: "agent.online" }
  | { readonly type: "agent.lost"; readonly reason: string }
  | { readonly type: "build.started"; readonly url: string }
  | { readonly type: "build.finished"; readonly url: string }
  /** An item of the queue, in a reading begun at `readAt`, wants this slave and no other: a build that goes on here. */
  | { readonly type: "build.awaited"; readonly url: string; readonly readAt: number }
  /** A reading of the whole queue, begun at `readAt` in this start of the master, shows no item that wants this slave. */
  | { readonly type: "none.awaited"; readonly readAt: number; readonly session: string }
  /** Told by a reading begun at `readAt`: a build began here, and nobody told of its end. Whether it still runs is open. */
  | { readonly type: "build.told"; readonly url: string; readonly readAt: number }
  | { readonly type: "offline.marked" }
  /** The master hands it builds again, for one that is to go on here. */
  | { readonly type: "offline.unmarked" }
  /** The master was read in this start of it. */
  | { readonly type: "session.seen"; readonly session: string }
  /** A read of the master that began at `beganAt`; `build` is what it ran then, or null where it was idle. */
  | { readonly type: "looked"; readonly beganAt: number; readonly build: string | null }
  | { readonly type: "drain.requested"; readonly reason: string; readonly outcome: Outcome }
  /** Somebody looks into it: its pod is to stay until then, in milliseconds of NATS's time. */
  | { readonly type: "hold.requested"; readonly by: string; readonly until: number; readonly reason: string }
  /** A person ended the hold, or wants the slave to go all the same. */
  | { readonly type: "hold.released"; readonly reason: string }
  /** The master is off for good: what it has of the slave is given up, and whatever may run there is lost with it. */
  | { readonly type: "master.forgotten"; readonly reason: string }
  | { readonly type: "deadline.passed"; readonly clock: Clock; readonly reason: string; readonly cause?: AgentCause }
  | { readonly type: "announced"; readonly upTo: number }
  /** Changes nothing: says again what is still to be done. */
  | { readonly type: "resume" }
);

export type SlaveEventType = SlaveEvent["type"];

/** The clocks that can run out. */
export type Clock =
  | "request"
  | "schedule"
  | "pull"
  | "mend"
  | "start"
  | "register"
  | "connect"
  | "idle"
  | "age"
  | "lost"
  | "build"
  | "resume"
  | "drain"
  | "force"
  | "retain"
  | "hold";
