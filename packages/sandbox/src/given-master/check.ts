import { hasCode, KubestackError } from "@kubestack/contracts";
import { connectMaster } from "@kubestack/jenkins";
import { hudsonAdmin, java } from "@kubestack/real-parts";
import type { GivenMaster } from "./given-master.ts";

/**
 * Whether the suite can begin. Raises the error whose sentence says why not: no master there, a user that it does not know, a master
 * that starts no builds, or no Java here for its agents.
 */
export async function checkMaster(given: GivenMaster, secret: string): Promise<void> {
  const { url, user } = given;
  const auth = { kind: "password", read: async () => secret } as const;
  const master = connectMaster({ name: new URL(url).host, url, user, auth });
  try {
    const { quietingDown } = await master.probe();
    if (quietingDown) {
      throw new KubestackError("master-refused", `${url} is about to shut down and starts no builds; try again later.`);
    }
  } catch (error) {
    throw forAPerson(given, error);
  } finally {
    master.close();
  }
  // A simulated master hands out agents of its own that need no Java.
  const { status } = await hudsonAdmin({ url, user, password: secret }).call("simulator/agent.js");
  if (status !== 200) await java();
}

/** What the adapter says for a configuration, said for a command line. */
function forAPerson({ url, user }: GivenMaster, error: unknown): unknown {
  if (hasCode(error, "credential-refused")) {
    const sentence = `${url} refuses user ${user}: name a user with the rights that the README lists by --master-user, and its password or API token by --master-secret-file or KUBESTACK_MASTER_SECRET.`;
    return new KubestackError("credential-refused", sentence, { retry: "never" });
  }
  if (hasCode(error, "not-found")) {
    const sentence = `${url} does not answer as a Jenkins or Hudson does; give the master's own address, with its path if it has one.`;
    return new KubestackError("not-a-master", sentence, { retry: "never" });
  }
  return error;
}
