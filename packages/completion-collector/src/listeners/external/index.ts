import { channels, subjects } from "@kubestack/contracts";
import { z } from "zod";
import type { CompletionListenerKind } from "../listener.ts";

const schema = z.strictObject({ type: z.literal("external") });

/**
 * Hears what a system of one's own publishes of its slaves' work. Of a master that is no Jenkins nobody else tells: there it
 * is a fact. Of a Jenkins it is a hint to look, since what is pushed may be wrong.
 */
export const external: CompletionListenerKind<typeof schema> = {
  schema,
  connect: (_config, { name, master, bus, log, found, hint, now }) => {
    const end = bus.subscribe(channels.externalCompletion, subjects.externalCompletion(name), ({ data }) => {
      const { phase, node, build, result } = data;
      log.debug({ master: name, phase, node, build: build.url }, "told from outside");
      if (master === undefined) void found({ phase, node, build, result, at: now() });
      // That a result is known is followed at once by the end.
      else if (phase !== "completed") hint({ node, until: phase === "started" ? "seen" : "idle" });
    });
    return {
      name: "external",
      recall: () => undefined,
      saw: async () => undefined,
      stop: async () => end(),
    };
  },
};
