import { secretReference } from "@kubestack/contracts";
import { z } from "zod";
import type { CompletionListenerKind } from "../listener.ts";
import { type Phase, readNotice } from "./notice.ts";
import { Places } from "./places.ts";

const schema = z.strictObject({
  type: z.literal("notification"),
  /** What the sender must know: the password in the address that the master calls. */
  secret: secretReference,
});

/** What is to be seen after each phase. A known result is followed at once by the end: nobody needs to look for it. */
const lookFor = {
  queued: undefined,
  started: "seen",
  completed: undefined,
  finalized: "idle",
} as const satisfies Record<Phase, unknown>;

/**
 * Hears of builds that start and end from Jenkins's Notification plugin, at `POST /hooks/completion/<master>`. A notification
 * may be lost or late: each is a hint to look, and no fact. What is true `jenkins-computers` finds.
 */
export const notification: CompletionListenerKind<typeof schema> = {
  schema,
  connect: ({ secret }, { name: master, hooks, hint, log }) => {
    const places = new Places();
    let heard = 0;
    if (hooks === undefined) log.warn({ master }, "this process takes no webhooks: builds are found by polling");
    const end = hooks?.register({
      kind: "completion",
      master,
      secret,
      take: async ({ json }) => {
        const reading = readNotice(json);
        if ("unreadable" in reading) return { status: 400, message: `It can't be read: ${reading.unreadable}.` };
        heard += 1;
        const { phase, url } = reading.notice;
        const until = lookFor[phase];
        if (until === undefined) return { status: 202, message: `Nothing is done for a build that is ${phase}.` };
        const node = (url === null ? undefined : places.nodeOf(url)) ?? null;
        log.debug({ master, phase, node, build: url }, "a hint");
        hint({ node, until, isForOne: true });
        return { status: 202, message: "The master is looked at." };
      },
    });
    return {
      name: "notification",
      recall: (open) => {
        for (const { node: name, build } of open) places.saw({ kind: "look", computers: [{ name, builds: [build] }] });
      },
      saw: async (shown) => places.saw(shown),
      describe: () => `${heard} notifications heard; ${hooks?.describe() ?? "this process takes no webhooks"}`,
      stop: async () => end?.(),
    };
  },
};
