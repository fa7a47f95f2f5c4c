import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type HudsonAdmin,
  hasConnected,
  isOnline,
  partsEnvironment,
  type RunningProcess,
  startProcess,
} from "@kubestack/real-parts";

export interface SimulatedAgentOptions {
  readonly url: string;
  readonly admin: HudsonAdmin;
  readonly node: string;
  readonly dir: string;
  /** The program's text, as the master hands it out. */
  readonly program: string;
  readonly isMarked: boolean;
}

/** Starts the agent of a simulated master as a process, and waits until it is online, or connected where its node is marked. */
export async function startSimulatedAgent(options: SimulatedAgentOptions): Promise<RunningProcess> {
  const { url, admin, node, dir, isMarked } = options;
  const base = join(dir, `agent-${node}-${randomUUID().slice(0, 8)}`);
  const [programFile, secretFile, logFile] = [`${base}.mjs`, `${base}.secret`, `${base}.log`];
  await writeFile(programFile, options.program);
  await writeFile(secretFile, await admin.agentSecret(node), { mode: 0o600 });
  return startProcess({
    name: `agent ${node}`,
    command: process.execPath,
    args: [programFile],
    cwd: dir,
    env: {
      ...partsEnvironment().bare,
      KUBESTACK_AGENT_URL: url,
      KUBESTACK_AGENT_NAME: node,
      KUBESTACK_AGENT_SECRET_FILE: secretFile,
    },
    logFile,
    isReady: () => (isMarked ? hasConnected(logFile) : isOnline(admin, node)),
    graceMs: 2_000,
  });
}
