import type { Bus } from "@kubestack/bus";
import { commands, KubestackError, sentenceOf } from "@kubestack/contracts";
import { systemTiming } from "@kubestack/runtime";

const askEveryMs = 50;
const askTimeoutMs = 2000;
const limitMs = 30_000;

/** Waits until the services say that they serve every master: only then does a build find a slave at once. */
export async function untilServing(bus: Bus, signal: AbortSignal): Promise<void> {
  const deadline = systemTiming.monotonic() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    const missing = await whatIsMissing(bus).catch(sentenceOf);
    if (missing === undefined) return;
    if (systemTiming.monotonic() > deadline)
      throw new KubestackError("master-unavailable", `The services do not serve the master yet: ${missing}`);
    await systemTiming.sleep(askEveryMs, signal);
  }
}

async function whatIsMissing(bus: Bus): Promise<string | undefined> {
  for (const command of [commands.collectorStatus, commands.completionStatus, commands.supervisorStatus]) {
    const { service, masters } = await bus.request(command, {}, { timeoutMs: askTimeoutMs });
    const waiting = masters.find(({ state }) => state !== "ok");
    if (waiting !== undefined) return `${service} says of ${waiting.master}: ${waiting.detail || waiting.state}`;
  }
  return undefined;
}
