import { type Bus, connectBus, type Service } from "@kubestack/bus";
import { deleteStores } from "@kubestack/bus/testing";
import { buckets, channels, commands, type QueueItem, type SlaveRecord, subjects } from "@kubestack/contracts";
import { type Cluster, connectCluster, type V1Pod } from "@kubestack/kubernetes";
import { type ControlPlane, type NatsServer, startControlPlane, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { type FileTemplates, type TemplateConfig, templateConfigSchema } from "@kubestack/templates";
import { type SlaveSupervisor, startSlaveSupervisor } from "../service.ts";

const master = "own";
const namespace = "ci";

/** What a test's configuration file says. */
export interface TestFile {
  readonly templates: readonly TemplateConfig[];
  readonly book: FileTemplates;
}

/** A configuration file with these entries and sources. */
export function fileOf(
  entries: readonly Record<string, unknown>[],
  sources: Partial<FileTemplates["sources"]> = {},
): TestFile {
  const nothing = { allow: [], objects: [], masters: ["*"], retainMax: 10, maxTemplates: 1000 };
  const read = entries.map((entry) => ({
    labels: [],
    unlabelled: false,
    ...entry,
  })) as unknown as FileTemplates["entries"];
  return {
    templates: entries.map((entry) => templateConfigSchema.parse(entry)),
    book: { entries: read, masters: [master], sources: { applied: nothing, configMaps: [], ...sources } },
  };
}

/** A namespace whose ConfigMaps may bring templates, with no rights but these. */
export function granted(
  name: string,
  more: Partial<FileTemplates["sources"]["configMaps"][number]> = {},
): FileTemplates["sources"]["configMaps"][number] {
  return { namespace: name, allow: [], objects: [], masters: ["*"], retainMax: 10, maxTemplates: 100, ...more };
}

/** One supervisor, with a connection of its own. */
export interface TestProcess {
  readonly bus: Bus;
  readonly supervisor: SlaveSupervisor;
  stop(): Promise<void>;
}

/** A real NATS, a real API server without machines, and a master of one's own whose demand the test says. */
export class Site {
  readonly nats: NatsServer;
  readonly plane: ControlPlane;
  readonly cluster: Cluster;
  readonly #demand: Bus;
  readonly #service: Service;
  readonly #timer: NodeJS.Timeout;
  #items: readonly QueueItem[] = [];
  #round = 0;

  private constructor(parts: {
    nats: NatsServer;
    plane: ControlPlane;
    cluster: Cluster;
    demand: Bus;
    service: Service;
  }) {
    this.nats = parts.nats;
    this.plane = parts.plane;
    this.cluster = parts.cluster;
    this.#demand = parts.demand;
    this.#service = parts.service;
    this.#service.answer(
      commands.freshRound,
      async () => ({ sequence: await this.#publish(), term: 1, round: this.#round }),
      master,
    );
    this.#timer = setInterval(() => void this.#publish().catch(() => undefined), 200);
  }

  static async start(namespaces: readonly string[]): Promise<Site> {
    const [nats, plane] = await Promise.all([startNatsServer(), startControlPlane({ controllers: false })]);
    for (const name of [namespace, ...namespaces])
      await plane.json("/api/v1/namespaces", { method: "POST", body: { metadata: { name } } });
    const cluster = connectCluster({ kind: "kubeconfig", path: plane.adminKubeconfig, qps: 500, burst: 500 });
    const demand = await connectBus({ servers: [nats.url], name: "demand-collector" });
    const service = await demand.serve("demand-collector", "1.0.0");
    return new Site({ nats, plane, cluster, demand, service });
  }

  get bus(): Bus {
    return this.#demand;
  }

  /** Builds that wait from now on, each for a label. */
  wants(items: Readonly<Record<string, string>>): void {
    this.#items = Object.entries(items).map(([id, expression], at) => ({
      ...{ id, job: `job-${id}`, url: `job/${id}/`, why: "" },
      wants: { kind: "expression", expression },
      labelOrigin: "labelExpression",
      waitingSince: 1000 + at,
    }));
  }

  async process(file: TestFile, cluster = this.cluster): Promise<TestProcess> {
    const bus = await connectBus({ servers: [this.nats.url], name: "slave-supervisor" });
    const supervisor = await startSlaveSupervisor({
      ...{ install: "test", version: "1.0.0", namespace, bus, cluster, ...file },
      masters: [
        {
          ...{ name: master, master: undefined, attach: "self", agentUrl: "", podLabels: {} },
          ...{ anchors: "off", nodeOpsPerSecond: 1000, intervalMs: 200, entry: { name: master } },
        },
      ],
      limits: { launchesPerMinute: 1000, maxSlaves: 100, countForeign: false, maxHold: 86_400_000 },
      log: createLogger({ level: "silent" }),
      timing: systemTiming,
    });
    return {
      bus,
      supervisor,
      stop: async () => {
        await supervisor.stop();
        await bus.close();
      },
    };
  }

  /** The template that each pod was made from, with its image, by the item that it was launched for. */
  async pods(): Promise<Record<string, string>> {
    const records = await this.records();
    const pods = new Map((await this.cluster.listPods(namespace)).map((pod) => [pod.metadata?.name, pod]));
    return Object.fromEntries(
      records.flatMap(({ name, item, template }) => {
        const image = pods.get(name)?.spec?.containers?.[0]?.image;
        return item === null || image === undefined ? [] : [[item.id, `${template} ${image}`]];
      }),
    );
  }

  async records(): Promise<SlaveRecord[]> {
    return (await this.#demand.slaves.list()).map(({ value }) => value);
  }

  /** Takes all pods away, so that no slave is found again by them. */
  async removePods(): Promise<void> {
    for (const { metadata } of await this.cluster.listPods(namespace))
      await this.cluster.deletePod(namespace, metadata?.name ?? "", { force: true });
  }

  /** Writes the status of a pod, as its machine would: it runs, or its agent has ended well. */
  async tellPod(name: string, state: "ready" | "done"): Promise<void> {
    const pod = await this.cluster.getPod(namespace, name);
    const container = pod?.spec?.containers?.[0]?.name ?? "";
    const now = new Date().toISOString();
    const isDone = state === "done";
    const status: V1Pod["status"] = {
      phase: isDone ? "Succeeded" : "Running",
      conditions: [{ type: "Ready", status: isDone ? "False" : "True" }],
      containerStatuses: [
        {
          ...{ name: container, image: "i", imageID: "i", restartCount: 0, ready: !isDone, started: !isDone },
          state: isDone
            ? { terminated: { exitCode: 0, finishedAt: now as unknown as Date, startedAt: now as unknown as Date } }
            : { running: { startedAt: now as unknown as Date } },
        },
      ],
    };
    await this.plane.json(`/api/v1/namespaces/${namespace}/pods/${name}/status`, {
      method: "PATCH",
      body: { status },
      contentType: "application/merge-patch+json",
    });
  }

  /** Makes a labelled ConfigMap, or replaces its texts. */
  async putConfigMap(of: string, name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const path = `/api/v1/namespaces/${of}/configmaps`;
    const body = { metadata: { name, labels: { "kubestack.io/templates": "true" } }, data };
    const found = await this.plane
      .json(path)
      .then((list) => (list as { items: { metadata: { name: string } }[] }).items);
    if (found.some(({ metadata }) => metadata.name === name))
      await this.plane.json(`${path}/${name}`, { method: "PUT", body });
    else await this.plane.json(path, { method: "POST", body });
  }

  async deleteConfigMap(of: string, name: string): Promise<void> {
    await this.plane.json(`/api/v1/namespaces/${of}/configmaps/${name}`, { method: "DELETE" });
  }

  /** The bucket of applied templates is deleted under the running services, and made anew. */
  async loseTemplates(): Promise<void> {
    await deleteStores(this.nats.url, [`KV_${buckets.templates.name}`]);
    await this.#demand.mend();
  }

  /** A cluster as one sees it who has the rights in the agents' namespace, and none in those of teams. */
  async limited(): Promise<Cluster> {
    const account = { namespace, name: "limited" };
    const rules = [{ apiGroups: ["", "coordination.k8s.io"], resources: ["*"], verbs: ["*"] }];
    const group = "rbac.authorization.k8s.io";
    const at = `/apis/${group}/v1/namespaces/${namespace}`;
    await this.plane.json(`/api/v1/namespaces/${namespace}/serviceaccounts`, {
      method: "POST",
      body: { metadata: { name: account.name } },
    });
    await this.plane.json(`${at}/roles`, { method: "POST", body: { metadata: { name: "limited" }, rules } });
    await this.plane.json(`${at}/rolebindings`, {
      method: "POST",
      body: {
        metadata: { name: "limited" },
        roleRef: { apiGroup: group, kind: "Role", name: "limited" },
        subjects: [{ kind: "ServiceAccount", ...account }],
      },
    });
    const token = await this.plane.serviceAccountToken(account);
    return connectCluster({ kind: "url", url: this.plane.url, token: () => token, caPem: this.plane.ca });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#service.stop();
    await this.#demand.close();
    await this.cluster.close();
    await Promise.all([this.nats.stop(), this.plane.stop()]);
  }

  async #publish(): Promise<number> {
    this.#round += 1;
    const readAt = this.#demand.clock.now();
    const source = {
      ...{ name: "external", term: 1, round: this.#round, readAt, queueReadAt: readAt, state: "ok" as const },
      ...{ session: null, quietingDown: false, supply: "items" as const, items: [...this.#items], intervalMs: 200 },
    };
    return this.#demand.publish(channels.demand, subjects.demand(master), { master, sources: [source] });
  }
}
