import type { Bus } from "@kubestack/bus";
import { channels, subjects } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import type { TcpProxy } from "@kubestack/real-parts";
import { Bed } from "../../bed.fixture.ts";
import { describeCompletionListener, type SourceUnderTest, type TestedBuild } from "../conformance.fixture.ts";
import { busTroublesOf } from "../troubled-way.fixture.ts";

const bed = new Bed("own-");
type Phase = "started" | "completed" | "finished";

/** A system of one's own, which tells over a connection of its own; what is a fact of it is a hint of a Jenkins. */
class ExternalSource implements SourceUnderTest {
  readonly tells: "facts" | "hints";
  readonly flood = 1_000;
  #master = "";
  #process: { readonly bus: Bus; readonly way: TcpProxy } | undefined;
  #open = 0;
  #told: object[] = [];

  constructor(tells: "facts" | "hints") {
    this.tells = tells;
  }

  /** The collector's, whose way to NATS is troubled. */
  get process(): { readonly bus: Bus; readonly way: TcpProxy } {
    if (this.#process === undefined) throw new RangeError("The collector is not connected yet.");
    return this.#process;
  }

  readonly troubles = busTroublesOf(() => this.process);

  readonly hostile = {
    "a phase that is none": { send: () => this.#send({ phase: "nonsense", node: "n", build: { url: "u" } }) },
    "a build that is none": { send: () => this.#send({ phase: "started", node: "n", build: [] }) },
    "what is no object": { send: () => this.#send(null) },
    "a node whose name has no end": {
      send: () => this.#send({ phase: "started", node: "n".repeat(1_000), build: { url: "u" } }),
    },
    "an address of all sorts of characters": {
      send: () =>
        this.#send({
          phase: "started",
          node: '\u202e ‘"*>.',
          build: { url: "\r\nNats-Msg-Id: x\r\n\r\n\ud83d\ude00" },
        }),
      passes: true,
    },
  };

  async start(): Promise<void> {
    this.#process = await bed.over();
  }

  async stop(): Promise<void> {
    await this.#process?.bus.close();
    await this.#process?.way.close();
  }

  options(master: string) {
    const { bus: plain } = this.process;
    this.#master = master;
    this.#told = [];
    const bus: Bus = {
      ...plain,
      subscribe: (channel, subject, handle) => {
        this.#open += 1;
        const end = plain.subscribe(channel, subject, handle);
        return () => {
          this.#open -= 1;
          end();
        };
      },
    };
    const jenkins = { close: () => undefined } as Master;
    return { bus, master: this.tells === "hints" ? jenkins : undefined, listeners: [{ type: "external" as const }] };
  }

  /** What the server knows by then it sends on. */
  isHeard(): Promise<unknown> {
    return this.process.bus.mend();
  }

  starts(...builds: readonly TestedBuild[]): Promise<void> {
    return this.#tell("started", builds);
  }

  async ends(...builds: readonly TestedBuild[]): Promise<void> {
    await this.#tell("finished", builds);
  }

  async again(): Promise<void> {
    for (const data of this.#told.toReversed()) await this.#send(data);
  }

  restart(): Promise<void> {
    return bed.restart(this.process.bus);
  }

  open(): number {
    return this.#open;
  }

  async #tell(phase: Phase, builds: readonly TestedBuild[]): Promise<void> {
    for (const { node, number } of builds) {
      const data = { phase, node, build: { url: `job-${number}` }, result: phase === "finished" ? "SUCCESS" : null };
      this.#told.push(data);
      await this.#send(data);
    }
  }

  #send(data: unknown): Promise<number> {
    return bed.bus.publish(channels.externalCompletion, subjects.externalCompletion(this.#master), data as never);
  }
}

describeCompletionListener("external, of a system of one's own", { bed, source: new ExternalSource("facts") });
describeCompletionListener("external, of a Jenkins", { bed, source: new ExternalSource("hints") });
