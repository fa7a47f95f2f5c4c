import type { Probe } from "./probe.ts";
import { isAtLeast } from "./version.ts";

/**
 * How an agent of this master is started.
 *
 * - `agent-jar`: `java -jar JAR -url ROOT -name NAME -secret @FILE`
 * - `jnlp-main`: `java -cp JAR hudson.remoting.jnlp.Main -headless -url ROOT SECRET NAME`
 */
export interface AgentLaunch {
  readonly launch: "agent-jar" | "jnlp-main";
  /** Path of the agent's program below the master's address. */
  readonly agentJar: string;
  /** Whether the program itself reads `@FILE` for the secret. Hudson's does not: there the launcher of Java reads the whole command from a file. */
  readonly readsSecretFile: boolean;
  /** The least version of Java that its agents run on, such as 17; null where any will do. */
  readonly javaSince: number | null;
}

/** The agents of the Jenkins that first stopped recommending the older form; the older form works with all before. */
const agentJarSince = [2, 430] as const;
/** Before, the same program was called slave.jar only. */
const agentJarNamedSince = [2, 81] as const;

/**
 * From which version on a Jenkins' agents need which Java, the newest first: what its agents run comes from the master, compiled
 * for the oldest Java that the master itself supports (https://www.jenkins.io/doc/book/platform-information/support-policy-java/).
 */
const javaBySince = [
  [[2, 545], 21],
  [[2, 463], 17],
  [[2, 357], 11],
  [[2, 54], 8],
] as const;

/** Decides by flavour and version alone. */
export function agentLaunchOf(master: Pick<Probe, "flavour" | "version">): AgentLaunch {
  if (master.flavour === "hudson") {
    return { launch: "jnlp-main", agentJar: "jnlpJars/remoting.jar", readsSecretFile: false, javaSince: null };
  }
  return {
    launch: isAtLeast(master.version, agentJarSince) ? "agent-jar" : "jnlp-main",
    agentJar: isAtLeast(master.version, agentJarNamedSince) ? "jnlpJars/agent.jar" : "jnlpJars/slave.jar",
    readsSecretFile: true,
    javaSince: javaBySince.find(([since]) => isAtLeast(master.version, since))?.[1] ?? null,
  };
}
