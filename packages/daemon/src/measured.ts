import type { Bus } from "@kubestack/bus";
import type { Master } from "@kubestack/jenkins";
import type { Cluster } from "@kubestack/kubernetes";
import { type Meter, timed } from "@kubestack/metrics";
import { systemTiming } from "@kubestack/runtime";

/** The bus, with each lease that is asked of it told as held or not until it is released. */
export function measuredBus(bus: Bus, meter: Meter): Bus {
  return {
    ...bus,
    lease: (duty, more) => {
      const lease = bus.lease(duty, more);
      const { service, master } = duty;
      const untold = meter.gauge("lease_held", () => [{ labels: { service, master }, value: lease.isHeld() ? 1 : 0 }]);
      return {
        isHeld: () => lease.isHeld(),
        held: lease.held,
        release: () => {
          untold();
          return lease.release();
        },
      };
    },
  };
}

/** The master, with each of its calls timed. */
export function measuredMaster(master: Master, meter: Meter): Master {
  const { name: of } = master;
  return timed(master, {
    calls: callsOf(master, ["close"]),
    monotonic: systemTiming.monotonic,
    told: ({ name: call, seconds, code }) => {
      meter.observe("master_request_duration_seconds", { master: of, call }, seconds);
      if (code !== undefined) meter.add("master_request_errors_total", { master: of, call, code });
    },
  });
}

/** The cluster, with each of its calls timed; not what they are made of, nor the watch. */
export function measuredCluster(cluster: Cluster, meter: Meter): Cluster {
  return timed(cluster, {
    calls: callsOf(cluster, ["request", "exchange", "openStream", "refusal", "close"]),
    monotonic: systemTiming.monotonic,
    told: ({ name: call, seconds, code }) => {
      meter.observe("cluster_request_duration_seconds", { call }, seconds);
      if (code !== undefined) meter.add("cluster_request_errors_total", { call, code });
    },
  });
}

function callsOf<T extends object>(target: T, others: readonly (keyof T)[]): (keyof T & string)[] {
  return (Object.keys(target) as (keyof T & string)[]).filter(
    (name) => typeof target[name] === "function" && !others.includes(name),
  );
}
