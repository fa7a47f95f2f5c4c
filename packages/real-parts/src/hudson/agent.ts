import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { java } from "../java/java.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import type { Hudson } from "./hudson.ts";

export interface HudsonAgentOptions extends PartOptions {
  readonly hudson: Hudson;
  /** Name of a node that is there. */
  readonly node: string;
}

/**
 * Starts a real inbound agent for a node and waits until the master shows it online. The secret goes by Java's argument file, since
 * Hudson's own agent reads none. Raises `missing-part`.
 */
export async function startHudsonAgent(options: HudsonAgentOptions): Promise<RunningProcess> {
  const { hudson, node } = options;
  if (!/^[A-Za-z0-9._-]+$/.test(node)) {
    throw new KubestackError("invalid-config", `"${node}" is no plain name of a node`, { retry: "never" });
  }
  const command = await java(options);
  const jar = join(hudson.dir, "remoting.jar");
  await writeFile(jar, await hudson.admin.agentJar());
  const secret = await hudson.admin.agentSecret(node);
  const argumentFile = join(hudson.dir, `agent-${node}.args`);
  const lines = [
    "-Xmx64m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "-cp",
    jar,
    "hudson.remoting.jnlp.Main",
    "-headless",
    "-url",
    hudson.url,
    secret,
    node,
  ];
  await writeFile(argumentFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  return startProcess({
    name: `agent ${node}`,
    command,
    args: [`@${argumentFile}`],
    cwd: hudson.dir,
    env: partContext(options).environment.bare,
    logFile: join(hudson.dir, `agent-${node}.log`),
    isReady: async () => (await hudson.admin.nodes()).some((shown) => shown.displayName === node && !shown.offline),
    graceMs: 2_000,
    signal: options.signal,
  });
}
