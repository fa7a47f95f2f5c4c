import { fileURLToPath } from "node:url";

/** The path of the simulated agent's program: plain JavaScript, so that any Node runs it, with the environment of a slave's pod. */
export const agentProgram: string = fileURLToPath(new URL("../../bin/agent.js", import.meta.url));
