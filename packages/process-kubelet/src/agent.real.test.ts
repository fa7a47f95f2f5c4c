import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Hudson, java, startHudson } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DEFAULT_PATH } from "./launch-plan.ts";
import { startWorld, type World } from "./node.fixture.ts";
import { startTlsFront, type TlsFront } from "./tls-front.fixture.ts";

const START_AGENT = join(import.meta.dirname, "../../../images/slave/start-agent");

let world: World;
let master: Hudson;
let front: TlsFront;

beforeAll(async () => {
  [world, master] = await Promise.all([startWorld(), startHudson()]);
  front = await startTlsFront(master.url);
});
afterAll(() => Promise.all([world?.stop(), front?.stop(), master?.stop()]));

/** The argument lists and environments of all processes whose first word is Java's. */
async function javaProcesses(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
  const all = await Promise.all(
    pids.map(async (pid) => `${await read(pid, "cmdline")}\n${await read(pid, "environ")}`),
  );
  return all.filter((text) => text.split("\0")[0]?.endsWith("java"));
}

/** Makes a node with a pod for its agent, which reaches the master at `url`, and the Secret with these files beside the secret. */
async function startAgent(name: string, url: string, more: { env?: object; files?: object } = {}): Promise<string> {
  await master.admin.createNode({ name, labels: "shell", remoteFolder: "." });
  const secret = await master.admin.agentSecret(name);
  const env = {
    KUBESTACK_AGENT_URL: url,
    KUBESTACK_AGENT_NAME: name,
    KUBESTACK_AGENT_WORKDIR: "/home/jenkins/agent",
    KUBESTACK_AGENT_SECRET_FILE: "/var/run/kubestack/secret",
    KUBESTACK_AGENT_LAUNCH: "jnlp-main",
    KUBESTACK_AGENT_JAR_PATH: "jnlpJars/remoting.jar",
    KUBESTACK_JAVA_OPTS: "-Xmx64m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    ...more.env,
  };
  await world.create(name, "", {
    container: {
      image: "agent",
      args: [],
      env: Object.entries(env).map(([name, value]) => ({ name, value })),
      volumeMounts: [
        { name: "work", mountPath: "/home/jenkins/agent" },
        { name: "secret", mountPath: "/var/run/kubestack" },
      ],
    },
    spec: {
      volumes: [
        { name: "work", emptyDir: {} },
        { name: "secret", secret: { secretName: name, defaultMode: 0o400 } },
      ],
    },
  });
  const body = { metadata: { name }, stringData: { secret, ...more.files } };
  await world.plane.json("/api/v1/namespaces/default/secrets", { method: "POST", body });
  return secret;
}

async function startAgentsNode(name: string) {
  const javaBin = dirname(await java());
  const images = { agent: { entrypoint: [START_AGENT], env: { PATH: `${javaBin}:${DEFAULT_PATH}` } } };
  return world.startNode(name, { images });
}

test("a pod becomes a real master's agent, runs a build and leaves nothing behind", async () => {
  const node = await startAgentsNode("node-agent");
  await master.admin.createJob({ name: "where", label: "shell", script: 'echo "in $(pwd) of $WORKSPACE"' });
  await master.admin.build("where");
  const secret = await startAgent("slave-1", master.url);
  const build = await vi.waitFor(
    async () => {
      const [newest] = await master.admin.builds("where");
      expect(newest?.result).toBe("SUCCESS");
      return newest;
    },
    { timeout: 40_000, interval: 200 },
  );
  expect(build?.builtOn).toBe("slave-1");
  expect(await master.admin.consoleText("where", build?.number ?? 1)).toContain(`in ${node.root}/pods/`);
  const seen = await javaProcesses();
  expect(seen.some((text) => text.includes("start-agent."))).toBe(true);
  expect(seen.some((text) => text.includes(secret))).toBe(false);
  expect(await world.log("slave-1")).not.toContain(secret);
  await world.remove("slave-1", 10);
  await world.untilGone("slave-1", 10_000);
  expect(node.running()).toEqual([]);
  await vi.waitFor(
    async () => expect((await master.admin.nodes()).find((one) => one.displayName === "slave-1")?.offline).toBe(true),
    10_000,
  );
});

test("behind a certificate of an own authority an agent connects that has it as a file, and one that has not is told why", async () => {
  const node = await startAgentsNode("node-tls");
  await startAgent("stranger", front.url, { env: { KUBESTACK_AGENT_TRIES: "1" } });
  await startAgent("slave-tls", front.url, {
    env: { KUBESTACK_AGENT_CA_FILE: "/var/run/kubestack/ca.pem" },
    files: { "ca.pem": front.certPem },
  });
  const nodeOf = async (name: string) => (await master.admin.nodes()).find((one) => one.displayName === name);
  await vi.waitFor(async () => expect((await nodeOf("slave-tls"))?.offline).toBe(false), 40_000);
  const refused = await world.until("stranger", (pod) => expect(pod.status?.phase).toBe("Failed"), 40_000);
  expect(refused.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(14);
  expect(await world.log("stranger")).toMatch(/cannot be downloaded, tried 1 times: .*certificate/);
  expect((await nodeOf("stranger"))?.offline).toBe(true);
  await world.remove("slave-tls", 10);
  await world.untilGone("slave-tls", 10_000);
  expect(node.running()).toEqual([]);
});
