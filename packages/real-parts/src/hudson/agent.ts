import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KubestackError } from "@kubestack/contracts";
import { java } from "../java/java.ts";
import { type PartOptions, partContext } from "../part-options.ts";
import { type RunningProcess, startProcess } from "../process/start-process.ts";
import type { HudsonAdmin } from "./admin.ts";
import { hasConnected, isOnline } from "./agent-readiness.ts";
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
export function startHudsonAgent({ hudson, ...options }: HudsonAgentOptions): Promise<RunningProcess> {
  return startInboundAgent({ ...options, url: hudson.url, admin: hudson.admin, dir: hudson.dir, form: "jnlp-main" });
}

export interface InboundAgentOptions extends PartOptions {
  /** The master's address. */
  readonly url: string;
  readonly admin: HudsonAdmin;
  /** Name of a node that is there. */
  readonly node: string;
  /** Folder for its program, its arguments and its log. */
  readonly dir: string;
  /** Path of its program below the master's address. Default: that of Hudson. */
  readonly jar?: string | undefined;
  /** `agent-jar`: as today's Jenkins wants it; `jnlp-main`: as Hudson and older ones do. */
  readonly form: "agent-jar" | "jnlp-main";
  /** Comes over HTTP where the master has no port for agents. `agent-jar` only. Default false. */
  readonly usesWebSocket?: boolean | undefined;
  /** The node carries an offline mark, so that the master can't show it online: ready is what says so itself. Default false. */
  readonly isMarked?: boolean | undefined;
}

/** The same at any master, with the agent's program that the master itself hands out. Raises `missing-part`. */
export async function startInboundAgent(options: InboundAgentOptions): Promise<RunningProcess> {
  const { admin, dir, node } = options;
  if (!/^[A-Za-z0-9._-]+$/.test(node)) {
    throw new KubestackError("invalid-config", `"${node}" is no plain name of a node`, { retry: "never" });
  }
  const command = await java(options);
  const start = randomUUID().slice(0, 8); // a node's second agent must not read what its first one wrote
  const jar = join(dir, `agent-${start}.jar`);
  await writeFile(jar, await admin.agentJar(options.jar));
  const argumentFile = join(dir, `agent-${node}-${start}.args`);
  const lines = agentArguments({ ...options, jar, secret: await admin.agentSecret(node) }).map(quoted);
  await writeFile(argumentFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const logFile = join(dir, `agent-${node}-${start}.log`);
  return startProcess({
    name: `agent ${node}`,
    command,
    args: [`@${argumentFile}`],
    cwd: dir,
    env: partContext(options).environment.bare,
    logFile,
    isReady: options.isMarked === true ? () => hasConnected(logFile) : () => isOnline(admin, node),
    graceMs: 2_000,
    signal: options.signal,
  });
}

interface Launch extends InboundAgentOptions {
  readonly jar: string;
  readonly secret: string;
}

function agentArguments({ form, jar, url, secret, node, dir, usesWebSocket }: Launch): string[] {
  const virtualMachine = ["-Xmx64m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  if (form === "agent-jar") {
    const by = usesWebSocket === true ? ["-webSocket"] : [];
    const work = ["-workDir", join(dir, node)];
    return [...virtualMachine, "-jar", jar, "-url", url, ...by, "-secret", secret, "-name", node, ...work];
  }
  const opened = "--add-opens=java.base/java.lang=ALL-UNNAMED"; // Hudson's agent is older than the modules of Java
  return [...virtualMachine, opened, "-cp", jar, "hudson.remoting.jnlp.Main", "-headless", "-url", url, secret, node];
}

/** As Java's launcher reads a line of an argument file. */
function quoted(argument: string): string {
  return `"${argument.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
