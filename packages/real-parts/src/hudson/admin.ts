import { KubestackError } from "@kubestack/contracts";
import { type HttpAnswer, sendRequest } from "../http/request.ts";
import { createCrumbs } from "./crumbs.ts";
import { type HudsonJob, jobXml } from "./job-xml.ts";
import { type HudsonNode, nodeForm } from "./node-form.ts";

/** A build as the master tells of it. */
export interface HudsonBuild {
  readonly number: number;
  /** `SUCCESS`, `FAILURE`, `ABORTED`…; null while it runs. */
  readonly result: string | null;
  readonly building: boolean;
  /** The node it runs or ran on; empty for the master itself. */
  readonly builtOn: string;
  /** Start, ms since 1970. */
  readonly timestamp: number;
  /** Ms; 0 while it runs. */
  readonly duration: number;
}

/** A node as the master shows it among its computers. */
export interface HudsonComputer {
  readonly displayName: string;
  readonly offline: boolean;
  readonly temporarilyOffline: boolean;
  readonly idle: boolean;
  readonly numExecutors: number;
}

/** An item of the queue. */
export interface HudsonQueueItem {
  readonly id: number;
  readonly job: string;
  readonly buildable: boolean;
  readonly why: string;
  /** The parameters' values by name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * What a test or the sandbox does at a master by hand, a Hudson or a Jenkins: with a password (and crumbs, where they are wanted) or an
 * API token. Everything raises `master-refused` or `master-unavailable`.
 */
export interface HudsonAdmin {
  /** Raises `already-exists` if there is a job of that name. */
  createJob(job: HudsonJob): Promise<void>;
  deleteJob(name: string): Promise<void>;
  /**
   * Asks for a build that is looked at after `delaySeconds` (default 0); the queue item's id, or undefined if it left the queue before
   * it could be seen.
   */
  build(
    name: string,
    parameters?: Readonly<Record<string, string>>,
    delaySeconds?: number,
  ): Promise<number | undefined>;
  /** Names of all jobs at the top. */
  jobs(): Promise<string[]>;
  /** Newest first. */
  builds(name: string): Promise<HudsonBuild[]>;
  buildInfo(name: string, number: number): Promise<HudsonBuild>;
  consoleText(name: string, number: number): Promise<string>;
  stopBuild(name: string, number: number): Promise<void>;
  queue(): Promise<HudsonQueueItem[]>;
  cancelItem(id: number): Promise<void>;
  nodes(): Promise<HudsonComputer[]>;
  /** Makes a node for an inbound agent that KubeStack knows nothing of. */
  createNode(node: HudsonNode): Promise<void>;
  deleteNode(name: string): Promise<void>;
  /** What an inbound agent of that node must present. */
  agentSecret(name: string): Promise<string>;
  /** The agent's program, at a path below the master's address. Default: the jar of Hudson. */
  agentJar(path?: string): Promise<Buffer>;
  /** Anything else: the answer, whatever its status. `path` is relative to the master's address. */
  call(path: string, options?: CallOptions): Promise<HttpAnswer>;
}

export interface CallOptions {
  /** Default GET. A POST carries a crumb where the master wants one. */
  readonly method?: string | undefined;
  readonly body?: string | undefined;
  readonly contentType?: string | undefined;
}

/** Where the master is, and as whom. */
export interface HudsonAccess {
  /** With a slash at its end. */
  readonly url: string;
  readonly user: string;
  /** Or an API token. */
  readonly password: string;
}

/** The value of an Authorization header. */
export function basicAuthorization(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

const BUILD_FIELDS = "number,result,building,builtOn,timestamp,duration";
const COMPUTER_FIELDS = "displayName,offline,temporarilyOffline,idle,numExecutors";
const ITEM_FIELDS = "id,buildable,why,task[name],actions[parameters[name,value]]";
const FORM = "application/x-www-form-urlencoded";

/** A client of the master at `access`. */
export function hudsonAdmin(access: HudsonAccess): HudsonAdmin {
  const send = (path: string, options: CallOptions, more: Readonly<Record<string, string>> = {}) =>
    sendRequest({
      url: new URL(path, access.url).href,
      method: options.method,
      timeoutMs: 30_000,
      headers: {
        authorization: basicAuthorization(access.user, access.password),
        referer: access.url, // taking an item from the queue leads back to where one came from, and fails without
        "accept-language": "en", // sentences such as `why` come in the asker's language
        ...(options.contentType === undefined ? {} : { "content-type": options.contentType }),
        ...more,
      },
      ...(options.body === undefined ? {} : { body: options.body }),
    }).catch((cause) => {
      throw new KubestackError("master-unavailable", `the master at ${access.url} does not answer`, { cause });
    });
  const crumbs = createCrumbs((path) => send(path, {}));
  const call: HudsonAdmin["call"] = async (path, options = {}) => {
    if (options.method !== "POST") return send(path, options);
    const answer = await send(path, options, await crumbs.headers());
    return crumbs.areRefused(answer) ? send(path, options, await crumbs.headers()) : answer;
  };
  const get = async (path: string) => expectStatus(path, await call(path), [200]);
  const post = async (path: string, body = "", contentType = FORM) =>
    expectStatus(path, await call(path, { method: "POST", body, contentType }), [200, 201, 302]);
  const json = async <T>(path: string) => JSON.parse((await get(path)).body) as T;
  const job = (name: string) => `job/${encodeURIComponent(name)}`;
  const computer = (name: string) => `computer/${encodeURIComponent(name)}`;

  const queue = async (): Promise<HudsonQueueItem[]> => {
    const answer = await json<{ items: QueueItem[] }>(`queue/api/json?tree=items[${ITEM_FIELDS}]`);
    return answer.items.map((item) => ({
      id: item.id,
      job: item.task?.name ?? "",
      buildable: item.buildable,
      why: item.why ?? "",
      parameters: parametersOf(item),
    }));
  };

  return {
    call,
    queue,
    async createJob(definition) {
      if ((await call(`${job(definition.name)}/api/json`)).status === 200) {
        throw new KubestackError("already-exists", `the master has a job ${definition.name} already`, {
          retry: "never",
        });
      }
      await post(`createItem?name=${encodeURIComponent(definition.name)}`, jobXml(definition), "application/xml");
    },
    deleteJob: async (name) => void (await post(`${job(name)}/doDelete`)),
    async build(name, parameters = {}, delaySeconds = 0) {
      const hasParameters = Object.keys(parameters).length > 0;
      const verb = hasParameters ? "buildWithParameters" : "build";
      await post(`${job(name)}/${verb}?delay=${delaySeconds}sec`, new URLSearchParams(parameters).toString());
      const isMine = (item: HudsonQueueItem) =>
        item.job === name && Object.entries(parameters).every(([key, value]) => item.parameters[key] === value);
      const ids = (await queue()).filter(isMine).map((item) => item.id);
      return ids.length === 0 ? undefined : Math.max(...ids);
    },
    jobs: async () =>
      (await json<{ jobs: { name: string }[] }>("api/json?tree=jobs[name]")).jobs.map((one) => one.name),
    builds: async (name) =>
      (await json<{ builds: HudsonBuild[] }>(`${job(name)}/api/json?tree=builds[${BUILD_FIELDS}]`)).builds.map(
        plainBuild,
      ),
    buildInfo: async (name, number) =>
      plainBuild(await json<HudsonBuild>(`${job(name)}/${number}/api/json?tree=${BUILD_FIELDS}`)),
    consoleText: async (name, number) => (await get(`${job(name)}/${number}/consoleText`)).body,
    stopBuild: async (name, number) => void (await post(`${job(name)}/${number}/stop`)),
    cancelItem: async (id) => void (await post(`queue/item/${id}/cancelQueue`)),
    nodes: async () =>
      (await json<{ computer: HudsonComputer[] }>(`computer/api/json?tree=computer[${COMPUTER_FIELDS}]`)).computer,
    createNode: async (node) => void (await post("computer/doCreateItem", nodeForm(node))),
    deleteNode: async (name) => void (await post(`${computer(name)}/doDelete`)),
    agentJar: async (path = "jnlpJars/remoting.jar") => (await get(path)).bytes,
    async agentSecret(name) {
      const answer = await get(`${computer(name)}/slave-agent.jnlp`);
      const found = /<argument>([0-9a-f]{16,})<\/argument>/.exec(answer.body)?.[1];
      if (found !== undefined) return found;
      throw new KubestackError("master-refused", `the agent file of node ${name} holds no secret`, { retry: "never" });
    },
  };
}

interface QueueItem {
  readonly id: number;
  readonly buildable: boolean;
  readonly why?: string;
  readonly params?: string;
  /** Empty where the job is hidden from us, or is a pipeline's block. */
  readonly task?: { readonly name?: string };
  readonly actions?: readonly {
    readonly parameters?: readonly { readonly name: string; readonly value?: unknown }[];
  }[];
}

function parametersOf(item: QueueItem): Record<string, string> {
  const listed = (item.actions ?? []).flatMap((action) => action?.parameters ?? []);
  return Object.fromEntries(listed.map((parameter) => [parameter.name, String(parameter.value ?? "")]));
}

/** Hudson leaves `builtOn` and `result` out where it has none. */
function plainBuild(build: HudsonBuild): HudsonBuild {
  return {
    ...build,
    result: build.result ?? null,
    builtOn: build.builtOn ?? "",
    duration: build.building ? 0 : build.duration,
  };
}

function expectStatus(path: string, answer: HttpAnswer, expected: readonly number[]): HttpAnswer {
  if (expected.includes(answer.status)) return answer;
  const page = answer.body.replaceAll(/<script[\s\S]*?<\/script>|<[^>]*>/g, " ").replaceAll(/\s+/g, " ");
  throw new KubestackError(
    "master-refused",
    `the master answered ${answer.status} to ${path}: ${page.trim().slice(0, 300)}`,
    {
      retry: "never",
    },
  );
}
