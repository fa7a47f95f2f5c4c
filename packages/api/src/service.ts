import type { Bus } from "@kubestack/bus";
import { commands, type ExplainRequest, type ExplanationMessage, KubestackError } from "@kubestack/contracts";
import { explanationOf, toldExplanation } from "@kubestack/explain";
import type { Meter, Readiness } from "@kubestack/metrics";
import type { Logger, Stoppable, Timing } from "@kubestack/runtime";
import { startApiServer } from "./http/api-server.ts";
import { openApiOf } from "./http/open-api.ts";
import { routesOf } from "./routes.ts";
import { KnownSlaves } from "./world/known-slaves.ts";
import { readWorld } from "./world/read-world.ts";
import { World } from "./world/world.ts";

export interface ApiOptions {
  readonly bus: Bus;
  readonly version: string;
  /** `HOST:PORT`, or `off`: then only NATS is answered. */
  readonly listen: string;
  readonly log: Logger;
  readonly timing: Timing;
  readonly meter: Pick<Meter, "observe">;
  /** Whether this process does its work; its condition `nats` says whether it has NATS now. */
  readonly readiness: Readiness;
  /** Between two tries to have the address, in milliseconds; default 10 s. */
  readonly retryMs?: number;
}

export interface Api extends Stoppable {
  /** Resolves with the address, such as `http://127.0.0.1:8650`, once it listens; never where it is off. */
  readonly listening: Promise<string>;
  /** What a person has to mend, each as a sentence. */
  problems(): readonly string[];
}

/** Serves people, over NATS and over HTTP alike. It keeps nothing: any number of processes may do so. */
export async function startApi(options: ApiOptions): Promise<Api> {
  const { bus, version, log, timing, readiness, meter } = options;
  const { monotonic } = timing;
  const slaves = new KnownSlaves({ bucket: bus.slaves, monotonic });
  const world = new World({ read: () => readWorld(bus, slaves), forget: () => slaves.forget(), timing });
  const explain = async (request: ExplainRequest): Promise<ExplanationMessage> => {
    const nats = readiness.standings().find(({ name }) => name === "nats");
    if (nats?.isReady === false)
      throw new KubestackError("bus-unavailable", `NATS is away (${nats.detail}): nothing is known now; ask again.`);
    const seen = await world.look();
    // Who holds no lease never measures NATS's clock; but nothing was stored after now.
    const now = Math.max(bus.clock.now(), seen.newestStamp);
    return toldExplanation(explanationOf(seen, { ...request, now }), now);
  };
  const service = await bus.serve("api", version);
  service.answer(commands.explain, explain);
  await service.known();
  const routes = routesOf({ explain });
  const server = startApiServer({
    listen: options.listen,
    routes,
    openApi: openApiOf(routes, version),
    readiness,
    monotonic,
    ...(options.retryMs === undefined ? {} : { retryMs: options.retryMs }),
    tell: (level, sentence, about = {}) => log[level](about, sentence),
    onFailure: (sentence) => log.warn(sentence),
    answered: ({ route, status, seconds }) =>
      meter.observe("api_request_duration_seconds", { call: route, code: String(status) }, seconds),
  });
  return {
    name: "api",
    listening: server.listening,
    problems: () => server.problems(),
    stop: async () => {
      await Promise.all([server.stop(), service.stop()]);
      await world.stop();
    },
  };
}
