import type { Session } from "./http/session.ts";

/**
 * The port that agents connect to by TCP, as the page tells it that they ask themselves; null where the master takes none. It is the
 * port of now: one that is chosen anew at each start of the master is a number here, too.
 */
export async function readAgentPort(session: Session): Promise<number | null> {
  const what = "to tell its agents' port";
  const answer = await session.get({ path: "tcpSlaveAgentListener/", what, accept: [404] });
  const port = answer.headers["x-jenkins-jnlp-port"] ?? answer.headers["x-hudson-jnlp-port"] ?? "";
  return /^\d{1,5}$/.test(port) ? Number(port) : null;
}
