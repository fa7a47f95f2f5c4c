import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Hudson, java, startHudson } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { DEFAULT_PATH } from "./launch-plan.ts";
import { startWorld, type World } from "./node.fixture.ts";

const START_AGENT = join(import.meta.dirname, "../../../images/slave/start-agent");

let world: World;
let master: Hudson;

beforeAll(async () => {
  [world, master] = await Promise.all([startWorld(), startHudson()]);
});
afterAll(() => Promise.all([world?.stop(), master?.stop()]));

/** The argument lists and environments of all processes whose first word is Java's. */
async function javaProcesses(): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const read = (pid: string, file: string) => readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
  const all = await Promise.all(
    pids.map(async (pid) => `${await read(pid, "cmdline")}\n${await read(pid, "environ")}`),
  );
  return all.filter((text) => text.split("\0")[0]?.endsWith("java"));
}

test("a pod becomes a real master's agent, runs a build and leaves nothing behind", async () => {
  const javaBin = dirname(await java());
  const images = { agent: { entrypoint: [START_AGENT], env: { PATH: `${javaBin}:${DEFAULT_PATH}` } } };
  const node = await world.startNode("node-agent", { images });
  await master.admin.createNode({ name: "slave-1", labels: "shell", remoteFolder: "." });
  const secret = await master.admin.agentSecret("slave-1");
  await master.admin.createJob({ name: "where", label: "shell", script: 'echo "in $(pwd) of $WORKSPACE"' });
  await master.admin.build("where");
  const env = {
    KUBESTACK_AGENT_URL: master.url,
    KUBESTACK_AGENT_NAME: "slave-1",
    KUBESTACK_AGENT_WORKDIR: "/home/jenkins/agent",
    KUBESTACK_AGENT_SECRET_FILE: "/var/run/kubestack/secret",
    KUBESTACK_AGENT_LAUNCH: "jnlp-main",
    KUBESTACK_AGENT_JAR_PATH: "jnlpJars/remoting.jar",
    KUBESTACK_JAVA_OPTS: "-Xmx64m -XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
  };
  await world.create("slave-1", "", {
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
        { name: "secret", secret: { secretName: "slave-1", defaultMode: 0o400 } },
      ],
    },
  });
  const body = { metadata: { name: "slave-1" }, stringData: { secret } };
  await world.plane.json("/api/v1/namespaces/default/secrets", { method: "POST", body });
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
