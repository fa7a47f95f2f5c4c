import { duration } from "@kubestack/contracts";
import { z } from "zod";
import type { CompletionListenerKind } from "../listener.ts";
import { Connection, endpointOf } from "./connection.ts";
import { type Moment, readFrame, topics } from "./frame.ts";
import { Standing } from "./standing.ts";

const schema = z.strictObject({
  type: z.literal("zmq"),
  host: z
    .string({ error: "must be the host of the publisher; give its name or address" })
    .max(253)
    .regex(
      /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/,
      "must be a host's name or address, without a port; correct it",
    ),
  port: z.number({ error: "must be a port, from 1 to 65535; correct it" }).int().min(1).max(65_535).default(8888),
  /** How often a silent publisher is asked for a sign of life; `0s` for one that answers none. */
  heartbeat: duration({ min: "0s", max: "10m" }).prefault("30s"),
});

/** What is to be seen after each moment. That a result is known is followed at once by the end: nobody needs to look for it. */
const lookFor = { started: "seen", completed: undefined, finalized: "idle" } as const satisfies Record<Moment, unknown>;
const wanted = (Object.keys(topics) as Moment[]).filter((moment) => lookFor[moment] !== undefined);

/**
 * Hears of builds that start and end from the ZMQ event publisher, a plugin of Jenkins. Its messages get lost, and anybody
 * may send them: each is a hint to look, and no fact. What is true `jenkins-computers` finds.
 */
export const zmq: CompletionListenerKind<typeof schema> = {
  schema,
  connect: (config, { log, hint, now, timing }) => {
    const endpoint = endpointOf(config);
    const standing = new Standing(`zmq ${endpoint}`, now());
    const connection = new Connection({
      host: config.host,
      port: config.port,
      heartbeatMs: config.heartbeat,
      timing,
      topics: wanted.map((moment) => `${topics[moment]} `),
      heard: (parts) => {
        standing.heard();
        const reading = readFrame(parts);
        if ("unreadable" in reading) {
          const level = standing.unreadable() ? "warn" : "debug";
          log[level]({ endpoint }, `a message can't be read: ${reading.unreadable}`);
          return;
        }
        const { moment, node, url } = reading.notice;
        log.debug({ endpoint, moment, node, build: url }, "a hint");
        const until = lookFor[moment];
        if (until !== undefined) hint({ node, until });
      },
      connected: () => {
        const told = standing.connected(now());
        if (told !== undefined) log.info({ endpoint }, told);
      },
      lost: (because) => {
        const told = standing.lost(because, now());
        if (told !== undefined) log.warn({ endpoint }, `${told}; builds are found by polling meanwhile`);
      },
    });
    return {
      name: "zmq",
      recall: () => undefined,
      saw: async () => undefined,
      describe: () => standing.describe(),
      stop: () => connection.stop(),
    };
  },
};
