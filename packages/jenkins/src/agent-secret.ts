import { KubestackError } from "@kubestack/contracts";
import { type AgentLaunch, agentLaunchOf } from "./agent-launch.ts";
import { readComputer } from "./computers.ts";
import { segment } from "./http/master-url.ts";
import type { Session } from "./http/session.ts";
import type { Probe } from "./probe.ts";
import { childOf, readXml } from "./xml.ts";

/** What an agent needs to attach as one node. */
export interface AgentSecret extends AgentLaunch {
  /** Proves the agent to be this node's. On Hudson it is one and the same for all nodes. */
  readonly secret: string;
  /** What the master adds for this node, options as its own page lists them (`-url`, `-tunnel`, `-webSocket`). */
  readonly options: readonly string[];
}

/** What reading needs beside the session. */
export interface AgentSecretOptions {
  readonly probe: () => Promise<Pick<Probe, "flavour" | "version">>;
  /** Waits between two tries. */
  readonly pause: (ms: number) => Promise<void>;
}

/** A node just created is shown before its page is there: five tries within about five seconds. */
const pausesMs = [250, 750, 1_500, 2_500];

/**
 * Reads the secret of a node from the page that browsers start an agent from (Agent/Connect; Administer on Hudson).
 * Raises not-found where there is no such node, or its page does not come.
 */
export async function readAgentSecret(
  session: Session,
  name: string,
  options: AgentSecretOptions,
): Promise<AgentSecret> {
  const master = await options.probe();
  // The second name is an alias in every version, and the only one before Jenkins 2.264.
  const pages = master.flavour === "hudson" ? ["slave-agent.jnlp"] : ["jenkins-agent.jnlp", "slave-agent.jnlp"];
  for (const pauseMs of [...pausesMs, null]) {
    for (const page of pages) {
      const text = await readPage(session, name, page);
      if (text !== null) return { ...agentLaunchOf(master), ...argumentsOf(text, { master: session.master, name }) };
    }
    if (pauseMs === null || (await readComputer(session, name)) === null) break;
    await options.pause(pauseMs);
  }
  throw new KubestackError(
    "not-found",
    `Master ${session.master} has no agent page for node ${name}; it must exist with an inbound launcher.`,
    { retry: "never" },
  );
}

async function readPage(session: Session, name: string, page: string): Promise<string | null> {
  const path = `computer/${segment(name)}/${page}`;
  const answer = await session.get({ path, what: `to show the agent page of node ${name}`, accept: [404] });
  return answer.status === 404 ? null : answer.text;
}

function argumentsOf(page: string, of: { master: string; name: string }): Pick<AgentSecret, "secret" | "options"> {
  const root = readXml(page);
  const description = root === null ? undefined : childOf(root, "application-desc");
  const values = description?.children.filter((child) => child.name === "argument").map((child) => child.text.trim());
  const [secret, name, ...options] = values ?? [];
  if (secret !== undefined && /^[\w.+/=-]{16,512}$/.test(secret) && name === of.name) return { secret, options };
  throw new KubestackError(
    "master-refused",
    `Master ${of.master} answered with something else than the agent page of node ${of.name}; is a proxy between?`,
    { retry: "backoff" },
  );
}
