import { describe, expect, test } from "vitest";
import { crashAt, pauseAt } from "./crash-points.ts";
import type { DaysEnd } from "./schedule.ts";
import { type ServiceName, serviceNames } from "./site.ts";

const whole: Partial<DaysEnd> = {
  isOver: true,
  launched: 2,
  failed: 0,
  alive: 0,
  built: 2,
  killed: 0,
  doubled: 0,
};

/** Requests that must be among those at which something happened: every effect of a launch and of an end. */
const effects: Readonly<Record<ServiceName, readonly string[]>> = {
  "demand-collector": ["GET /computer/api/json", "GET /queue/api/json", "publish demand"],
  "completion-collector": ["publish completion", "history"],
  "slave-supervisor": [
    "update kubestack_ledger",
    "create kubestack_slaves",
    "update kubestack_slaves",
    "create pod",
    "POST /computer/doCreateItem",
    "GET /computer/<slave>/jenkins-agent.jnlp",
    "create Secret",
    "publish slave",
    "POST /computer/<slave>/changeOfflineCause",
    "GET /computer/<slave>/api/json",
    "POST /computer/<slave>/doDelete",
    "delete pod",
    "get Secret",
  ],
};

describe.each(serviceNames)("at each request of the %s in turn", (service) => {
  test.each([
    ["a crash before it", "before", crashAt],
    ["a crash while its answer is on the way", "sent", crashAt],
    ["a pause before it, longer than the lease, while another process takes over", "before", pauseAt],
    ["a pause while its answer is on the way, and another process takes over", "sent", pauseAt],
  ] as const)(
    "%s loses nothing, doubles nothing, kills nothing and leaves nothing (H1, H3, H5, D6)",
    async (_, when, befall) => {
      const tried = new Set<string>();
      for (let at = 0; ; at += 1) {
        const { day, request } = await befall({ service, at, when }, 1);
        const { shared, tookMs: _tookMs, ...end } = day;
        // While nobody supervises a slave may run both builds: then the other one is for nothing.
        expect({ at, request, ...end }).toEqual({ at, request, ...whole, served: 2 - shared, withdrawn: shared });
        if (request === undefined) break;
        tried.add(request);
      }
      expect([...tried]).toEqual(expect.arrayContaining([...effects[service]]));
    },
  );
});
