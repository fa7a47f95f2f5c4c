import type { Bus } from "@kubestack/bus";
import type { DemandSource } from "@kubestack/contracts";
import { connectMaster } from "@kubestack/jenkins";
import { type Fault, type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import type { Logger } from "@kubestack/runtime";
import type { Hostile, SourceUnderTest, Trouble } from "./conformance.fixture.ts";
import type { DemandListener, ListenerContext } from "./listener.ts";
import { troublesOf } from "./troubled-way.fixture.ts";

/** What is asked of a master, as far as it matters here. */
const trees = {
  queue: "items[id,blocked,buildable,stuck,pending,why,inQueueSince,task[_class,name,url,labelExpression]]",
  computer: "computer[displayName,idle,offline,temporarilyOffline,numExecutors,assignedLabels[name]]",
} as const;
/** A busy machine takes its time to answer a flood; whoever stands still is waited for as long. */
const timeouts = { connectMs: 500, readMs: 1_500 };

/** A simulated Jenkins, and the way to it. What waits there, or stands there, its listeners say. */
export abstract class JenkinsSource implements SourceUnderTest {
  readonly pushes = false;
  #jenkins: JenkinsSimulator | undefined;
  #way: TcpProxy | undefined;

  abstract listener(context: ListenerContext): DemandListener;
  abstract empty(): Promise<void>;
  abstract add(...names: string[]): Promise<void>;
  abstract remove(name: string): Promise<void>;
  abstract shown(source: DemandSource): readonly string[];
  abstract flood(): Promise<number>;
  abstract readonly troubles: SourceUnderTest["troubles"];
  abstract readonly hostile: Readonly<Record<string, Hostile>>;

  get jenkins(): JenkinsSimulator {
    if (this.#jenkins === undefined) throw new RangeError("The master does not run yet.");
    return this.#jenkins;
  }

  get way(): TcpProxy {
    if (this.#way === undefined) throw new RangeError("There is no way to the master yet.");
    return this.#way;
  }

  /** What befalls all that it is asked for. */
  readonly anyTroubles = {
    ...troublesOf(() => this.way),
    "does not answer": { begin: () => this.way.stall(), end: () => this.way.flow(), isSlow: true },
    "shows a login page": this.fault({ kind: "html" }),
    "refuses the credential": this.fault({ kind: "refuse-credentials" }),
    "is getting ready": this.fault({ kind: "status", status: 503 }),
    "breaks off its answer": this.fault({ kind: "half" }),
    "answers JSON of another form": this.fault({ kind: "status", status: 200, body: '{"items":{},"computer":0}' }),
    "answers nothing at all": this.fault({ kind: "status", status: 200, body: "" }),
  };

  async start(): Promise<void> {
    this.#jenkins = await startJenkinsSimulator({ time: "manual", context: "/ci" });
    this.#way = await startTcpProxy(Number(new URL(this.jenkins.url).port));
  }

  async stop(): Promise<void> {
    await this.#way?.close();
    await this.#jenkins?.stop();
  }

  connect(log: Logger): DemandListener {
    const { user, token } = this.jenkins;
    const master = connectMaster({
      name: "backend",
      url: `http://127.0.0.1:${this.way.port}/ci/`,
      user,
      auth: { kind: "token", read: async () => token },
      timeouts,
    });
    const listener = this.listener({ name: "backend", master, bus: {} as Bus, hooks: undefined, log, now: Date.now });
    // The master is its collector's, which closes it with its listeners.
    const close = (): void => {
      listener.close?.();
      master.close();
    };
    return { ...listener, close };
  }

  async restart(): Promise<"keeps"> {
    this.jenkins.core.restart();
    return "keeps";
  }

  open(): number {
    return this.way.connections();
  }

  secrets(): readonly string[] {
    return [this.jenkins.token, this.jenkins.password];
  }

  /** `on`: the requests that it meets; default all. */
  fault(fault: Fault, on?: RegExp): Trouble {
    let clear: (() => void) | undefined;
    return {
      begin: () => {
        clear = this.jenkins.faults.add({ fault, on });
      },
      end: () => clear?.(),
    };
  }

  /** The next reading meets these among what the master lists, and these headers. */
  async doctor(of: keyof typeof trees, junk: readonly unknown[], more: Readonly<Record<string, string>> = {}) {
    const { url, user, token, faults } = this.jenkins;
    const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
    const answer = await fetch(`${url}${of}/api/json?tree=${trees[of]}`, { headers: { authorization } });
    const listed = (await answer.json()) as Record<string, unknown[]>;
    const key = of === "queue" ? "items" : "computer";
    const body = JSON.stringify({ ...listed, [key]: [...junk, ...(listed[key] ?? []), ...junk] });
    const kept = ["content-type", "x-jenkins", "x-jenkins-session"].map((name) => [
      name,
      answer.headers.get(name) ?? "",
    ]);
    const headers = { ...Object.fromEntries(kept), ...more };
    faults.add({ on: new RegExp(`^GET ${of}/`), times: 1, fault: { kind: "status", status: 200, body, headers } });
  }
}

/** What is no entry of any list. */
export const junk: readonly unknown[] = [
  null,
  7,
  "x",
  [],
  {},
  { id: {} },
  { displayName: "" },
  { id: "i".repeat(300) },
];
/** What may stand in any header. */
export const endlessSession = { "x-jenkins-session": "s".repeat(5_000) };
