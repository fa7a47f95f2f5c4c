import { sentenceOf } from "@kubestack/contracts";
import { z } from "zod";
import { type CompletionListenerKind, jenkinsOf } from "../listener.ts";
import { Following } from "./following.ts";
import { Interrupted } from "./interrupted.ts";
import { type Placed, RunningBuilds } from "./running-builds.ts";

const schema = z.strictObject({ type: z.literal("jenkins-computers") });

/**
 * Finds builds that start and finish by comparing what the master's computers show, and follows items that left the queue
 * to the builds that no reading showed: nothing is ever lost for good.
 */
export const jenkinsComputers: CompletionListenerKind<typeof schema> = {
  schema,
  connect: (_config, context) => {
    const { log, found } = context;
    const master = jenkinsOf(context);
    const running = new RunningBuilds();
    const following = new Following({ ...context, master });
    const interrupted = new Interrupted();
    /** The result, where the master still tells it; an executor may be free before the build has one. */
    const resultOf = async ({ build }: Placed): Promise<string | null> => {
      try {
        return (await master.readBuild(build.url)).result;
      } catch (error) {
        log.debug({ build: build.url }, `its result is not known: ${sentenceOf(error)}`);
        return null;
      }
    };
    return {
      name: "jenkins-computers",
      recall: (open, items) => {
        running.recall(open);
        interrupted.recall();
        following.recall(items);
      },
      missed: (items) => following.missed(items),
      saw: async (shown) => {
        following.saw(shown);
        const { started, finished: missing } = running.differ(shown);
        const finished = interrupted.sift(shown, missing);
        const over = shown.kind === "round" ? await interrupted.settle(master, shown.readAt) : [];
        // The reading's own time, by the clock that later readings bear too: whoever takes over compares the two.
        const at = shown.readAt;
        await Promise.all([
          ...over.map(({ placed, result }) => found({ phase: "finished", ...placed, result, at })),
          ...started.map(({ node, build }) => found({ phase: "started", node, build, result: null, at })),
          ...finished.map(async (placed) =>
            found({
              phase: "finished",
              node: placed.node,
              build: placed.build,
              result: await resultOf(placed),
              at,
            }),
          ),
        ]);
      },
      stop: () => following.stop(),
    };
  },
};
