import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agentLaunchOf } from "@kubestack/jenkins";
import {
  basicAuthorization,
  type HudsonAdmin,
  hudsonAdmin,
  type RunningProcess,
  startInboundAgent,
  temporaryFolder,
} from "@kubestack/real-parts";
import { startSimulatedAgent } from "./agent/simulated-agent.fixture.ts";
import type { MasterUnderTest } from "./master-under-test.ts";

/** Any Jenkins or Hudson, as far as it can be reached: over HTTP, as a user with all the rights that the suite needs. */
export interface AnyMaster {
  /** With a slash at its end. */
  readonly url: string;
  readonly user: string;
  /** Password or API token. */
  readonly secret: string;
  /** What the names of jobs, nodes and labels begin with. */
  readonly prefix: string;
  readonly mayQuietDown: boolean;
  /** Whom it does not know. */
  readonly stranger: MasterUnderTest["stranger"];
}

/**
 * Such a master under test. Agents are the master's own program, started on this machine; so its builds run here too, as shells that
 * wait for a file. `stop` ends the agents; what was made at the master stays.
 */
export async function anyMasterUnderTest(options: AnyMaster): Promise<MasterUnderTest> {
  const { url, user, secret } = options;
  const admin = hudsonAdmin({ url, user, password: secret });
  const master = await identify(admin, options);
  const folder = await temporaryFolder("conformance");
  const flagOf = (job: string) => join(folder.path, `${job}.end`);
  const agents = new Set<RunningProcess>();
  return {
    ...options,
    ...master,
    agentsFolder: folder.path,
    // A folder that is gone ends them too: nothing runs on after the suite.
    createJob: ({ holds, ...job }) =>
      admin.createJob({
        ...job,
        script:
          holds === true ? `while [ -d ${folder.path} ] && [ ! -e ${flagOf(job.name)} ]; do sleep 0.1; done` : "true",
      }),
    build: async (job, parameters, delaySeconds) => void (await admin.build(job, parameters, delaySeconds)),
    letBuildsEnd: (job) => writeFile(flagOf(job), ""),
    builds: (job) => admin.builds(job),
    cancelItem: (id) => admin.cancelItem(Number(id)),
    nodes: async () =>
      (await admin.nodes()).map(({ displayName, offline, idle }) => ({ name: displayName, offline, idle })),
    async connectAgent(node, { isMarked = false } = {}) {
      const base = { url, admin, node, dir: folder.path, isMarked };
      const program = master.simulatedAgent;
      const agent =
        program === undefined
          ? await startInboundAgent({ ...base, ...master.agent })
          : await startSimulatedAgent({ ...base, program });
      agents.add(agent);
      return { stop: () => killed(agent) };
    },
    async quietDown() {
      const { status } = await admin.call("quietDown", { method: "POST", contentType: form });
      if (status === 403) return false;
      if (status === 200 || status === 302) return true;
      throw new Error(`the master answered ${status} to quietDown`);
    },
    cancelQuietDown: async () => void (await admin.call("cancelQuietDown", { method: "POST", contentType: form })),
    async stop() {
      await Promise.all([...agents].map(killed));
      await folder.remove();
    },
  };
}

const form = "application/x-www-form-urlencoded";

async function killed(agent: RunningProcess): Promise<void> {
  agent.send("SIGKILL");
  await agent.stop();
}

/** What the master is, told by itself and not by the adapter that is tested. */
async function identify(admin: HudsonAdmin, { url, user, secret }: AnyMaster) {
  const { headers } = await admin.call("api/json?tree=mode");
  const version = String(headers["x-jenkins"] ?? "");
  const flavour = version === "" ? "hudson" : "jenkins";
  const { launch, agentJar } = agentLaunchOf({ flavour, version });
  const simulated = await admin.call("simulator/agent.js");
  const hasPort = (await admin.call("tcpSlaveAgentListener/")).status === 200;
  return {
    flavour,
    secretKind:
      flavour === "jenkins" && !(await wantsCrumb(url, basicAuthorization(user, secret))) ? "token" : "password",
    agent: { form: launch, jar: agentJar, usesWebSocket: launch === "agent-jar" && !hasPort },
    /** A simulated master runs no Java: it hands out a program of its own. */
    simulatedAgent: simulated.status === 200 ? simulated.body : undefined,
  } as const;
}

/** Whether a POST needs a crumb. With an API token it never does. */
async function wantsCrumb(url: string, authorization: string): Promise<boolean> {
  const signal = AbortSignal.timeout(30_000);
  const answer = await fetch(`${url}api/json?tree=mode`, { method: "POST", headers: { authorization }, signal });
  return answer.status === 403 && /\bcrumb\b/i.test(await answer.text());
}
