import { execFile } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ImageEntry, ImageTable } from "@kubestack/process-kubelet";
import { java, temporaryFolder } from "@kubestack/real-parts";
import { agentsNamespace } from "@kubestack/sandbox";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Site } from "./site.fixture.ts";

const slaveImage = fileURLToPath(new URL("../../images/slave/", import.meta.url));
const agentImage = "registry.example.org/ci/kubestack-slave:1";
/** What people build with has a shell and its usual programs, and neither Java nor anything of KubeStack's. */
const tools = [
  "cat",
  "cp",
  "echo",
  "env",
  "grep",
  "head",
  "id",
  "mkdir",
  "mktemp",
  "readlink",
  "sed",
  "sh",
  "sleep",
  "tail",
  "tr",
];

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let site: Site;

beforeAll(async () => {
  folder = await temporaryFolder("injected");
  site = await Site.start({ images: await imagesIn(folder.path) });
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  await site.world.cluster.json(`/api/v1/namespaces/${agentsNamespace}`, {
    method: "PATCH",
    contentType: "application/merge-patch+json",
    body: { metadata: { labels } },
  });
  const config = await site.configure("injected", (settings) => {
    const [template] = settings.templates;
    const of = (name: string, more: object) => ({
      ...template,
      name,
      labels: [name],
      image: "node:22",
      cpu: "1",
      ...more,
    });
    const templates = [of("node", { agentImage }), of("python", { agentImage: "node:22", inject: "always" })];
    return { ...settings, templates };
  });
  await site.run(config).says(/took the master over/);
});

afterAll(async () => {
  await site?.stop();
  await folder?.remove();
});

async function imagesIn(path: string): Promise<ImageTable> {
  const javaHome = dirname(dirname(await java()));
  const libraries = join(path, "libraries");
  await promisify(execFile)(join(slaveImage, "collect-libraries"), [javaHome, libraries]);
  const usualPath = process.env.PATH ?? "/usr/bin:/bin";
  for (const name of ["image", "agent-image"]) await mkdir(join(path, name));
  for (const tool of tools) await symlink(await programOf(tool, usualPath), join(path, "image", tool));
  // The shell of images that have none: here any will do, since the node's pods see this machine's libraries.
  await symlink("/bin/sh", join(path, "agent-image", "busybox"));
  const plain: ImageEntry = { entrypoint: ["/bin/false"], env: { PATH: join(path, "image") } };
  const slave: ImageEntry = {
    entrypoint: ["/usr/local/bin/start-agent"],
    files: { "/usr/local/bin/start-agent": join(slaveImage, "start-agent") },
    env: {
      PATH: `${join(path, "agent-image")}:${usualPath}`,
      JAVA_HOME: javaHome,
      KUBESTACK_AGENT_LIBRARIES: libraries,
    },
  };
  return { "node:22": plain, [agentImage]: slave };
}

async function programOf(tool: string, path: string): Promise<string> {
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", `command -v ${tool}`], { env: { PATH: path } });
  const found = stdout.trim();
  return found.startsWith("/") ? found : `/bin/${tool}`;
}

test("a build runs in an image with neither Java nor an agent, under restricted pod security, and nothing is left", async () => {
  await site.build("node", { N: "1", SECONDS_LONG: "1", CODE: "0" });
  const [build] = await site.finished("node", 1);
  expect(build).toMatchObject({ result: "SUCCESS", builtOn: expect.stringMatching(/^ks-sandbox-/) });
  await site.untilNothingIsLeft();
  const records = await site.records();
  expect(records.map(({ life }) => life.outcome)).toEqual(["served"]);
});

test("an agent image that has no agent is told as the reason", async () => {
  await site.build("python", { N: "2", SECONDS_LONG: "1", CODE: "0" });
  const failed = await vi.waitFor(
    async () => {
      const found = (await site.records()).find(({ life }) => life.outcome === "failed");
      expect(found).toBeDefined();
      return found;
    },
    { timeout: 40_000, interval: 200 },
  );
  expect(failed?.life.trail.map(({ reason }) => reason)).toContain(
    "the agent could not be put into its image: init container kubestack-agent failed with code 128: its agentImage has no start-agent; build it from images/slave",
  );
});
