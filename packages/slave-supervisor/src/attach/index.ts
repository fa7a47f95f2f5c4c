import type { AttachMode } from "./attach-mode.ts";
import { inbound } from "./inbound/index.ts";
import { self } from "./self/index.ts";
import { swarm } from "./swarm/index.ts";

/** Every attach mode: one line each. */
export const attachModes = { inbound, swarm, self } as const satisfies Record<string, AttachMode>;
export type AttachModeName = keyof typeof attachModes;
export const attachModeNames = Object.keys(attachModes) as [AttachModeName, ...AttachModeName[]];
