import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type JenkinsSimulator, startEventPublisher, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { connectCluster, managedSelector } from "@kubestack/kubernetes";
import {
  partsEnvironment,
  type RunningProcess,
  startControlPlane,
  startKwok,
  startNatsServer,
  startProcess,
  temporaryFolder,
} from "@kubestack/real-parts";
import { agentsNamespace, applyManifests, rightsFile } from "@kubestack/sandbox";
import { type Agents, attachAgents } from "./agents.ts";
import { kinds } from "./builds.ts";
import { childOf } from "./memory.ts";
import { auditPolicy } from "./requests.ts";

const daemonProgram = fileURLToPath(new URL("../../../packages/daemon/bin/kubestackd.js", import.meta.url));
const nodes = [...Array(10).keys()].map((number) => ({
  name: `node-${number}`,
  cpu: "64",
  memory: "256Gi",
  pods: 250,
}));

/** A whole site on this machine: real, but for the pods' containers and the master, which lives in this process. */
export interface FleetSite {
  readonly jenkins: JenkinsSimulator;
  /** What was started as `kubestackd`, as people start it. */
  readonly kubestackd: RunningProcess;
  /** The process within that runs all services; its NATS is beside it. */
  readonly pid: number;
  readonly agents: Agents;
  readonly auditFile: string;
  readonly natsUrl: string;
  /** Starts another `kubestackd` with the same configuration beside the first, which stands by from then on. */
  another(): Promise<RunningProcess>;
  /** Ends everything by force. */
  stop(): Promise<void>;
}

/**
 * Starts the site and waits until the master is supervised. `progress` is told what is built or installed for it. A master
 * that `publishes` tells of its builds by ZMQ, and is listened to.
 */
export async function startFleetSite(
  progress: (line: string) => void,
  { publishes = false }: { readonly publishes?: boolean } = {},
): Promise<FleetSite> {
  const ends: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const folder = await temporaryFolder("fleet");
    ends.push(() => folder.remove());
    const policyFile = join(folder.path, "audit-policy.json");
    const auditFile = join(folder.path, "audit.log");
    await writeFile(policyFile, JSON.stringify(auditPolicy));
    const nats = await startNatsServer({ progress });
    ends.push(() => nats.stop());
    const plane = await startControlPlane({
      progress,
      apiServerFlags: [`--audit-policy-file=${policyFile}`, `--audit-log-path=${auditFile}`],
    });
    ends.push(() => plane.stop());
    await applyManifests(plane, rightsFile);
    const kwok = await startKwok({ progress, controlPlane: plane, nodes });
    ends.push(() => kwok.stop());
    const jenkins = await startJenkinsSimulator({ seed: 7, context: "/ci" });
    ends.push(() => jenkins.stop());
    const publisher = publishes ? await startEventPublisher(jenkins) : undefined;
    ends.push(async () => publisher?.stop());
    const cluster = connectCluster({ kind: "url", url: plane.url, token: () => plane.adminToken, caPem: plane.ca });
    ends.push(() => cluster.close());
    const agents = attachAgents({ cluster, namespace: agentsNamespace, jenkins, selector: managedSelector });
    ends.push(() => agents.stop());

    const secretFile = async (name: string, text: string): Promise<string> => {
      const file = join(folder.path, name);
      await writeFile(file, text, { mode: 0o600 });
      return `file:${file}`;
    };
    const configFile = join(folder.path, "config.yaml");
    const account = { namespace: "kubestack", name: "slave-supervisor" };
    const configuration = configurationOf({
      natsUrl: nats.url,
      cluster: {
        url: plane.url,
        token: await secretFile("cluster-token", await plane.serviceAccountToken(account)),
        tls: { ca: `file:${plane.caFile}` },
      },
      master: {
        url: jenkins.url,
        agentUrl: jenkins.url,
        user: jenkins.user,
        token: await secretFile("master-token", jenkins.token),
        ...(publisher === undefined ? {} : { completion: [{ type: "zmq", host: "127.0.0.1", port: publisher.port }] }),
      },
    });
    await writeFile(configFile, JSON.stringify(configuration));
    const run = async (name: string, isReady: string): Promise<RunningProcess> => {
      const logFile = join(folder.path, `${name}.log`);
      const started = await startProcess({
        name,
        command: process.execPath,
        args: [daemonProgram, "--config", configFile],
        logFile,
        cwd: folder.path,
        env: partsEnvironment().bare,
        isReady: async () => (await readFile(logFile, "utf8")).includes(isReady),
      });
      ends.push(() => started.stop());
      return started;
    };
    const kubestackd = await run("kubestackd", "took the master over");
    const another = () => run("kubestackd-beside", "kubestackd is ready");
    await publisher?.subscribed;
    const pid = await childOf(kubestackd.pid);
    return { jenkins, kubestackd, pid, agents, auditFile, natsUrl: nats.url, another, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The default settings, but for the limits on a fleet's size and growth. */
function configurationOf(parts: { natsUrl: string; cluster: object; master: object }) {
  return {
    nats: { servers: [parts.natsUrl] },
    kubernetes: { namespace: agentsNamespace, ...parts.cluster },
    limits: { maxSlaves: 3000, launchesPerMinute: 6000 },
    masters: [{ name: "backend", ...parts.master }],
    templates: kinds.map((kind) => ({
      name: `${kind}-jdk21`,
      labels: [kind, "jdk21", "linux"],
      image: `ci/${kind}:1`,
      cpu: "50m",
      memory: "128Mi",
      disk: "100Mi",
    })),
  };
}
