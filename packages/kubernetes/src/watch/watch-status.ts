import { sentenceOf } from "@kubestack/contracts";
import type { Timing } from "../connection/timing.ts";

/** Whether what the source holds can be trusted now, and since when. */
export interface WatchStatus {
  /** `synced`: listed, and a watch is open or was until a moment ago. `disconnected`: what is held may be old. */
  readonly state: "synced" | "disconnected";
  /** Milliseconds since 1970. */
  readonly since: number;
  /** The last failure's sentence, kept after recovery. */
  readonly lastError?: string;
}

/** Keeps a WatchStatus: `since` moves only when the state does. */
export function createWatchStatus(timing: Timing) {
  let status: WatchStatus = { state: "disconnected", since: timing.now() };
  function mark(state: WatchStatus["state"], lastError = status.lastError): void {
    const since = state === status.state ? status.since : timing.now();
    status = { state, since, ...(lastError === undefined ? {} : { lastError }) };
  }
  return {
    now: () => status,
    synced: () => mark("synced"),
    disconnected: (error: unknown) => mark("disconnected", sentenceOf(error)),
    /** Something failed that says nothing of the watch itself. */
    failed: (error: unknown) => mark(status.state, sentenceOf(error)),
  };
}
