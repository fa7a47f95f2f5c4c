import type { Outcome, Wait } from "@kubestack/contracts";

/** What can happen to a slave. `at` is NATS's time in milliseconds. */
export type SlaveEvent = { readonly at: number } & (
  | { readonly type: "pod.accepted"; readonly uid: string }
  | { readonly type: "pod.refused"; readonly reason: string }
  | {
      readonly type: "pod.progressed";
      readonly node: string | null;
      readonly waitsOn: Wait;
      readonly detail: string;
      /** Another image is being pulled, or the same one anew: the image's clock starts again. */
      readonly anew: boolean;
    }
  /** The agent's container ended, or the pod is being deleted, evicted or disrupted. */
  | { readonly type: "pod.ended"; readonly reason: string }
  | { readonly type: "pod.gone"; readonly reason: string }
  | { readonly type: "node.registered" }
  | { readonly type: "node.refused"; readonly reason: string }
  | { readonly type: "node.removed" }
  | { readonly type: "secret.created" }
  | { readonly type: "secret.gone" }
  | { readonly type: "agent.online" }
  | { readonly type: "agent.lost"; readonly reason: string }
  | { readonly type: "build.started"; readonly url: string }
  | { readonly type: "build.finished"; readonly url: string }
  | { readonly type: "offline.marked" }
  /** A read of the master that began at `beganAt`; `build` is what it ran then, or null where it was idle. */
  | { readonly type: "looked"; readonly beganAt: number; readonly build: string | null }
  | { readonly type: "drain.requested"; readonly reason: string; readonly outcome: Outcome }
  | { readonly type: "deadline.passed"; readonly clock: Clock; readonly reason: string }
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
  | "start"
  | "register"
  | "connect"
  | "idle"
  | "age"
  | "lost"
  | "drain";
