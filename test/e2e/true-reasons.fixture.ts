import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, connectBus } from "@kubestack/bus";
import { run as kubestackcmd } from "@kubestack/cli";
import type { ExplanationMessage, SlaveRecord } from "@kubestack/contracts";
import { type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { startControlPlane, startNatsServer, temporaryFolder } from "@kubestack/real-parts";
import { agentsNamespace, applyManifests, rightsFile } from "@kubestack/sandbox";
import { expect, vi } from "vitest";
import { Service } from "./site.fixture.ts";

const daemonProgram = fileURLToPath(new URL("../../packages/daemon/src/main.ts", import.meta.url));
const pods = `/api/v1/namespaces/${agentsNamespace}/pods`;

/** From the moment in which a thing is so until a person who asks is told, in milliseconds. */
const promptMs = 5_000;

/** Each has a template of its own, and is where one thing may go wrong without touching the others. */
export type MasterName = "main" | "hidden" | "quiet" | "down";

/**
 * A real API server and scheduler with one node that nobody plays: what its kubelet would say of a pod is said by the test. The
 * masters are simulated, and agents connect when the test says so.
 */
export class Reasons {
  readonly #ends: (() => Promise<unknown>)[] = [];
  readonly masters = new Map<MasterName, JenkinsSimulator>();
  #bus: Bus | undefined;
  #natsUrl = "";
  #apiUrl = "";
  #plane: Awaited<ReturnType<typeof startControlPlane>> | undefined;

  static async start(templates: readonly object[]): Promise<Reasons> {
    const made = new Reasons();
    try {
      await made.#start(templates);
      return made;
    } catch (error) {
      await made.stop();
      throw error;
    }
  }

  async #start(templates: readonly object[]): Promise<void> {
    const folder = await temporaryFolder("reasons");
    this.#ends.push(() => folder.remove());
    const nats = await startNatsServer();
    this.#ends.push(() => nats.stop());
    this.#natsUrl = nats.url;
    const plane = await startControlPlane({ controllerManagerFlags: ["--node-monitor-grace-period=1h"] });
    this.#ends.push(() => plane.stop());
    this.#plane = plane;
    await applyManifests(plane, rightsFile);
    await this.#addNode();
    const secret = async (name: string, text: string) => {
      await writeFile(join(folder.path, name), text, { mode: 0o600 });
      return `file:${join(folder.path, name)}`;
    };
    const entries: object[] = [];
    for (const [seed, name] of (["main", "hidden", "quiet", "down"] as const).entries()) {
      const master = await startJenkinsSimulator({ seed, context: "/ci" });
      this.#ends.push(() => master.stop());
      this.masters.set(name, master);
      entries.push({
        ...{ name, url: master.url, agentUrl: master.url, user: master.user },
        token: await secret(`token-${name}`, master.token),
        anchors: name === "main" ? "auto" : "off",
        demand: [{ type: "jenkins-queue", interval: "500ms" }],
      });
    }
    const account = { namespace: "kubestack", name: "slave-supervisor" };
    const config = {
      nats: { servers: [nats.url] },
      listen: { api: "127.0.0.1:0" },
      kubernetes: {
        namespace: agentsNamespace,
        url: plane.url,
        token: await secret("cluster", await plane.serviceAccountToken(account)),
        tls: { ca: `file:${plane.caFile}` },
      },
      masters: entries,
      templates,
    };
    const file = join(folder.path, "config.yaml");
    await writeFile(file, JSON.stringify(config));
    const logFile = join(folder.path, "kubestackd.log");
    const child = spawn(process.execPath, [daemonProgram, "--config", file], { stdio: ["ignore", "ignore", "pipe"] });
    child.stderr.pipe(createWriteStream(logFile));
    const daemon = new Service(child, logFile);
    this.#ends.push(() => daemon.end("SIGKILL"));
    const bus = await connectBus({ servers: [nats.url], name: "true-reasons" });
    this.#ends.push(() => bus.close());
    this.#bus = bus;
    await daemon.says(/kubestackd is ready/);
    await daemon.says(/people are answered at/);
    this.#apiUrl = /people are answered at (http:\S+)\/api\/v1\//.exec(await readFile(logFile, "utf8"))?.[1] ?? "";
  }

  async #addNode(): Promise<void> {
    const { json } = this.plane;
    await json("/api/v1/nodes", { method: "POST", body: { metadata: { name: "node-1" } } });
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady", message: "it is the test's" }];
    const size = { cpu: "8", memory: "32Gi", "ephemeral-storage": "100Gi", pods: "110" };
    const status = { conditions, capacity: size, allocatable: size };
    await this.#patch("/api/v1/nodes/node-1/status", { status });
    await vi.waitFor(
      async () => {
        const node = (await json("/api/v1/nodes/node-1")) as { spec?: { taints?: unknown[] } };
        if ((node.spec?.taints ?? []).length > 0) throw new Error("the node has taints");
      },
      { timeout: 20_000, interval: 100 },
    );
  }

  get plane() {
    if (this.#plane === undefined) throw new Error("the cluster does not run yet");
    return this.#plane;
  }

  get bus(): Bus {
    if (this.#bus === undefined) throw new Error("NATS is not there yet");
    return this.#bus;
  }

  master(name: MasterName = "main"): JenkinsSimulator {
    const found = this.masters.get(name);
    if (found === undefined) throw new Error(`no master ${name}`);
    return found;
  }

  /** Queues a build of a new job with this label, and answers how one asks for it. */
  queue(
    label: string,
    { master = "main", kind = "freestyle" }: { master?: MasterName; kind?: "freestyle" | "pipeline" } = {},
  ): string[] {
    const { core } = this.master(master);
    const name = `${master}-${label}-${core.items().length}-${core.works().length}`.replace(/[^\w-]/g, "_");
    core.createJob(
      kind === "freestyle" ? { name, label, durationMs: null } : { name, kind, blocks: [{ label, durationMs: null }] },
    );
    const known = new Set(core.items().map(({ id }) => id));
    core.build(name);
    // A block waits as an item of its own.
    const id = core.items().find((item) => !known.has(item.id))?.id;
    return ["explain", `item:${id}`, "--master", master];
  }

  async #patch(path: string, body: object): Promise<void> {
    await this.plane.json(path, { method: "PATCH", body, contentType: "application/merge-patch+json" });
  }

  /** What the node's kubelet says of a pod. */
  async says(pod: string, status: object): Promise<void> {
    await this.#patch(`${pods}/${pod}/status`, { status });
  }

  /** Asks for an eviction, as `kubectl drain` does. */
  async evict(pod: string): Promise<void> {
    const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod, namespace: agentsNamespace } };
    await this.plane.json(`${pods}/${pod}/eviction`, { method: "POST", body });
  }

  /** The pod's process is gone, as its kubelet says last. */
  async remove(pod: string): Promise<void> {
    await this.plane.json(`${pods}/${pod}?gracePeriodSeconds=0`, { method: "DELETE" });
  }

  /** What a program is told over HTTP. */
  async asked([, what = "", , master]: readonly string[]): Promise<
    ExplanationMessage | { error: { message: string } }
  > {
    const url = new URL(`${this.#apiUrl}/api/v1/explain`);
    url.searchParams.set("what", what);
    if (master !== undefined) url.searchParams.set("master", master);
    return (await fetch(url)).json() as never;
  }

  /** What a person is told, as one line. */
  async #told(question: readonly string[]): Promise<string> {
    let said = "";
    await kubestackcmd(question, {
      terminal: {
        width: undefined,
        colour: false,
        out: (text) => {
          said += text;
        },
        err: (text) => {
          said += text;
        },
      },
      environment: { KUBESTACK_NATS: this.#natsUrl },
      version: "test",
      now: Date.now,
      connect: ({ servers }) => connectBus({ servers, name: "kubestackcmd" }),
      interrupted: () => new Promise(() => undefined),
    });
    return said.replace(/\s+/g, " ");
  }

  /** Waits until what a person is told fits, and what a program is told over HTTP, and no longer than a person should. */
  async told(question: readonly string[], pattern: RegExp): Promise<void> {
    const waiting = { timeout: promptMs, interval: 200 };
    await Promise.all([
      vi.waitFor(async () => expect(await this.#told(question)).toMatch(pattern), waiting),
      vi.waitFor(async () => expect(linesIn(await this.asked(question))).toMatch(pattern), waiting),
    ]);
  }

  /** The document that `-o json` prints. */
  async printed(question: readonly string[]): Promise<ExplanationMessage> {
    return JSON.parse(await this.#told([...question, "-o", "json"]));
  }

  /** The newest slave's record of a template, once it is so. */
  async slave(template: string, isSo: (record: SlaveRecord) => boolean, timeout = 30_000): Promise<SlaveRecord> {
    return vi.waitFor(
      async () => {
        const records = (await this.bus.slaves.list()).map(({ value }) => value);
        const found = records.filter((record) => record.template === template).at(-1);
        if (found === undefined || !isSo(found))
          throw new Error(`${template}: ${found?.state} ${found?.life.trail.at(-1)?.reason}`);
        return found;
      },
      { timeout, interval: 200 },
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

/** All that an answer says, as one line. */
function linesIn(answer: Awaited<ReturnType<Reasons["asked"]>>): string {
  if ("error" in answer) return answer.error.message;
  return [answer.sentence, ...answer.evidence.map(({ fact }) => fact), answer.next ?? ""]
    .join(" ")
    .replace(/\s+/g, " ");
}
