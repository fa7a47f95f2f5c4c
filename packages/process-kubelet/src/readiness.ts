import { connect } from "node:net";
import type { PodRun } from "./container-run.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { pause } from "./pause.ts";
import type { Container, Probe } from "./pod.ts";

/** Where a probe asks that names no host: all pods share the machine's addresses. */
const PROBED_HOST = "127.0.0.1";

/**
 * Asks a container's readiness probe again and again and writes into its status whether it is ready, until the returned
 * function is called. Without a probe nothing is done. (Liveness and startup probes are not asked.)
 */
export function watchReadiness(
  run: PodRun,
  container: Container,
  given: { plan: LaunchPlan; tell: (type: "Warning", reason: string, message: string) => void },
): () => void {
  const probe = container.readinessProbe;
  if (probe === undefined) return () => undefined;
  const ending = new AbortController();
  void askRepeatedly(run, container, { ...given, probe, signal: ending.signal });
  return () => ending.abort();
}

async function askRepeatedly(
  run: PodRun,
  container: Container,
  given: {
    plan: LaunchPlan;
    probe: Probe;
    tell: (type: "Warning", reason: string, message: string) => void;
    signal: AbortSignal;
  },
): Promise<void> {
  const { probe, signal } = given;
  await pause((probe.initialDelaySeconds ?? 0) * 1_000, signal);
  let [successes, failures] = [0, 0];
  while (!signal.aborted) {
    const fault = await probeFault(run, container, given);
    if (signal.aborted) return;
    [successes, failures] = fault === undefined ? [successes + 1, 0] : [0, failures + 1];
    if (fault !== undefined) given.tell("Warning", "Unhealthy", `Readiness probe failed: ${fault}`);
    const { ready } = run.record.container(container.name);
    if (!ready && successes >= (probe.successThreshold ?? 1)) run.record.change(container.name, { ready: true });
    if (ready && failures >= (probe.failureThreshold ?? 3)) run.record.change(container.name, { ready: false });
    await pause((probe.periodSeconds ?? 10) * 1_000, signal);
  }
}

/** Why the probe says no, or nothing where it says yes. */
async function probeFault(
  run: PodRun,
  container: Container,
  given: { plan: LaunchPlan; probe: Probe; signal: AbortSignal },
): Promise<string | undefined> {
  const { probe } = given;
  const timeout = AbortSignal.any([given.signal, AbortSignal.timeout((probe.timeoutSeconds ?? 1) * 1_000)]);
  const portOf = (port: number | string) =>
    typeof port === "number"
      ? port
      : (container.ports?.find((one) => one.name === port)?.containerPort ?? Number(port));
  const [command, ...args] = probe.exec?.command ?? [];
  if (command !== undefined) {
    const owner = `${run.record.pod().metadata.uid}/${container.name}/probe`;
    const group = await run.services.processes.start(
      { ...given.plan, argv: [command, ...args] },
      owner,
      () => undefined,
    );
    timeout.addEventListener("abort", () => group.signal("SIGKILL"), { once: true });
    const { code } = await group.ended;
    return code === 0 ? undefined : `the command ended with ${code ?? "a signal"}`;
  }
  if (probe.tcpSocket !== undefined) return tcpFault(portOf(probe.tcpSocket.port), probe.tcpSocket.host, timeout);
  if (probe.httpGet === undefined) return undefined;
  const { host = PROBED_HOST, path = "/", port, scheme = "HTTP" } = probe.httpGet;
  const url = `${scheme.toLowerCase()}://${host}:${portOf(port)}${path.startsWith("/") ? path : `/${path}`}`;
  return fetch(url, { signal: timeout, redirect: "manual" }).then(
    async (answer) => {
      await answer.body?.cancel();
      return answer.status >= 200 && answer.status < 400
        ? undefined
        : `HTTP probe failed with statuscode: ${answer.status}`;
    },
    (error: Error) => `Get "${url}": ${error.message}`,
  );
}

function tcpFault(port: number, host = PROBED_HOST, signal?: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const done = (fault?: string) => {
      socket.destroy();
      resolve(fault);
    };
    signal?.addEventListener("abort", () => done(`dial tcp ${host}:${port}: i/o timeout`), { once: true });
    socket.once("connect", () => done());
    socket.once("error", (error) => done(`dial tcp ${host}:${port}: ${error.message}`));
  });
}
