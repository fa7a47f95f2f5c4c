import { type Computer, channels, type Demand, subjects } from "@kubestack/contracts";
import { connectMaster, type Fleet, type Master } from "@kubestack/jenkins";
import { type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import { Bed } from "../../bed.fixture.ts";
import { describeCompletionListener, type SourceUnderTest, type TestedBuild } from "../conformance.fixture.ts";
import { troublesOf } from "../troubled-way.fixture.ts";

const bed = new Bed("shown-");
const timeouts = { connectMs: 500, readMs: 500 };

/** A simulated Jenkins: whatever happens there, a round is read of it and published, as a demand-collector does. */
class JenkinsComputersSource implements SourceUnderTest {
  readonly tells = "facts";
  readonly flood = 300;
  #jenkins: JenkinsSimulator | undefined;
  #way: TcpProxy | undefined;
  #name = "";
  #rounds: Demand[] = [];
  /** What stands there besides, whatever the master shows. */
  #beside: Computer[] = [];

  get jenkins(): JenkinsSimulator {
    if (this.#jenkins === undefined) throw new RangeError("The master does not run yet.");
    return this.#jenkins;
  }

  get way(): TcpProxy {
    if (this.#way === undefined) throw new RangeError("There is no way to the master yet.");
    return this.#way;
  }

  readonly troubles = Object.fromEntries(
    Object.entries(troublesOf(() => this.way)).map(([what, { begin, end }]) => [
      what,
      {
        begin: async () => {
          await begin();
          await this.#look();
        },
        end: async () => {
          await end();
          await this.#look();
        },
      },
    ]),
  ) as unknown as ReturnType<typeof troublesOf>;

  readonly hostile = {
    "a round of which nothing is known": { send: () => this.#publish(undefined) },
    "a round that nobody can read": { send: () => this.#send({ master: this.#name, sources: "none" } as never) },
    "a build without an address": { send: () => this.#shows("ks-hidden", [{ url: "", number: null }]) },
    "an older round": { send: () => this.#send(this.#rounds[0] as Demand) },
    "an address of all sorts of characters": {
      send: () => this.#shows('\u202e ‘"*>.', [{ url: "\r\nNats-Msg-Id: x\r\n\r\n\ud83d\ude00", number: 1 }]),
      passes: true,
    },
  };

  async start(): Promise<void> {
    this.#jenkins = await startJenkinsSimulator({ time: "manual" });
    this.#way = await startTcpProxy(Number(new URL(this.jenkins.url).port));
  }

  async stop(): Promise<void> {
    await this.#way?.close();
    await this.#jenkins?.stop();
  }

  options(name: string) {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const job of [...core.state.jobs.keys()]) core.deleteJob(job);
      for (const node of [...core.state.nodes.keys()]) core.deleteNode(node);
    });
    this.#name = name;
    this.#rounds = [];
    this.#beside = [];
    return { master: this.#connected(), listeners: [{ type: "jenkins-computers" as const }] };
  }

  /** The first round tells what runs already. */
  isHeard(): Promise<unknown> {
    return this.#look();
  }

  async starts(...builds: readonly TestedBuild[]): Promise<void> {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const { node } of builds) {
        // Told a second time it is there already.
        if (core.state.nodes.has(node)) continue;
        core.createNode({ name: node, labels: node });
        core.connect(node);
        core.createJob({ name: node, label: node, durationMs: null });
        core.build(node);
      }
    });
    core.advance(1);
    await this.#look();
  }

  async ends(...builds: readonly TestedBuild[]): Promise<void> {
    const { core } = this.jenkins;
    core.batch(() => {
      for (const { node } of builds) core.finishBuild(node);
    });
    core.advance(1);
    await this.#look();
  }

  /** Rounds come late, and twice. */
  async again(): Promise<void> {
    for (const round of this.#rounds.toReversed()) await this.#send(round);
  }

  async restart(): Promise<void> {
    this.jenkins.core.restart();
    await this.#look();
  }

  open(): number {
    return this.way.connections();
  }

  secrets(): readonly string[] {
    return [this.jenkins.token, this.jenkins.password];
  }

  #connected(): Master {
    const { user, token } = this.jenkins;
    const url = `http://127.0.0.1:${this.way.port}/`;
    const auth = { kind: "token", read: async () => token } as const;
    return connectMaster({ name: this.#name, url, user, auth, timeouts });
  }

  async #look(): Promise<void> {
    const master = this.#connected();
    try {
      await this.#publish(await master.readComputers());
    } catch {
      await this.#publish(undefined);
    } finally {
      master.close();
    }
  }

  /** Undefined: it did not answer. */
  #publish(fleet: Pick<Fleet, "computers" | "session"> | undefined): Promise<number> {
    // No two begin at one time.
    const readAt = Math.max(bed.bus.clock.now(), 1 + (this.#rounds.at(-1)?.sources[0]?.readAt ?? 0));
    const source = {
      name: "jenkins-queue",
      term: 1,
      round: this.#rounds.length + 1,
      readAt,
      queueReadAt: readAt,
      state: fleet === undefined ? ("unknown" as const) : ("ok" as const),
      session: fleet?.session ?? null,
      quietingDown: false,
      items: [],
      ...(fleet === undefined ? {} : { computers: [...fleet.computers, ...this.#beside] }),
    };
    const round = { master: this.#name, sources: [source] };
    this.#rounds.push(round);
    return this.#send(round);
  }

  #shows(name: string, builds: Computer["builds"]): Promise<void> {
    const rest = { online: true, markedOffline: false, idle: false, executors: 1, labels: null };
    this.#beside.push({ name, builds, ...rest });
    return this.#look();
  }

  #send(demand: Demand): Promise<number> {
    return bed.bus.publish(channels.demand, subjects.demand(this.#name), demand);
  }
}

describeCompletionListener("jenkins-computers", { bed, source: new JenkinsComputersSource() });
