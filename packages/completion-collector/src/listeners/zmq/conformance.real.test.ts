import type { Master } from "@kubestack/jenkins";
import { startTcpProxy, type TcpProxy } from "@kubestack/real-parts";
import { expect, vi } from "vitest";
import { Bed, patient } from "../../bed.fixture.ts";
import { describeCompletionListener, type SourceUnderTest, type TestedBuild } from "../conformance.fixture.ts";
import { troublesOf } from "../troubled-way.fixture.ts";
import { type Publisher, startPublisher } from "./publisher.fixture.ts";

const bed = new Bed("zmq-");

/** A publisher of libzmq. */
class ZmqSource implements SourceUnderTest {
  readonly tells = "hints";
  readonly flood = 2_000;
  #publisher: Publisher | undefined;
  #way: TcpProxy | undefined;
  #told: string[] = [];

  get publisher(): Publisher {
    if (this.#publisher === undefined) throw new RangeError("The publisher does not run yet.");
    return this.#publisher;
  }

  get way(): TcpProxy {
    if (this.#way === undefined) throw new RangeError("There is no way to the publisher yet.");
    return this.#way;
  }

  readonly troubles = troublesOf(() => this.way);

  readonly hostile = {
    "half of a frame": { send: () => this.publisher.send('onFinalized {"name":"a","buil') },
    "a frame of two parts": { send: () => this.publisher.send("onFinalized ", "{}") },
    "what is no text": {
      send: () => this.publisher.send(Buffer.concat([Buffer.from("onStarted "), Buffer.alloc(99, 0xff)])),
    },
    "a frame that is too long": { send: () => this.publisher.send(`onFinalized ${"a".repeat(300 * 1024)}`) },
    "a message that is too long for the memory": {
      send: () => this.publisher.send(`onFinalized ${"a".repeat(2 * 1024 * 1024)}`),
    },
    "a node of all sorts of characters": {
      send: () => this.publisher.send(frameOf("onStarted", { node: '\r\n\u202e ‘"*>.', number: 1 })),
      passes: true,
    },
    "nothing but a topic": { send: () => this.publisher.send("onStarted ") },
  };

  async start(): Promise<void> {
    this.#publisher = await startPublisher();
    this.#way = await startTcpProxy(this.publisher.port);
  }

  async stop(): Promise<void> {
    await this.#way?.close();
    await this.#publisher?.stop();
  }

  options() {
    this.#told = [];
    const listener = { type: "zmq" as const, host: "127.0.0.1", port: this.way.port, heartbeat: 100 };
    return { master: { close: () => undefined } as Master, listeners: [listener] };
  }

  isHeard(): Promise<unknown> {
    return vi.waitFor(() => expect(this.publisher.topics()).toBe(2), patient);
  }

  starts(...builds: readonly TestedBuild[]): Promise<void> {
    return this.#tell(builds.map((build) => frameOf("onStarted", build)));
  }

  ends(...builds: readonly TestedBuild[]): Promise<void> {
    return this.#tell(builds.flatMap((build) => [frameOf("onCompleted", build), frameOf("onFinalized", build)]));
  }

  async again(): Promise<void> {
    for (const frame of this.#told.toReversed()) await this.publisher.send(frame);
  }

  async restart(): Promise<void> {
    const { port } = this.publisher;
    await this.publisher.stop();
    this.#publisher = await startPublisher(port);
  }

  open(): number {
    return this.way.connections() + this.publisher.topics();
  }

  async #tell(frames: readonly string[]): Promise<void> {
    this.#told.push(...frames);
    for (const frame of frames) await this.publisher.send(frame);
  }
}

function frameOf(topic: string, { node, number }: TestedBuild): string {
  return `${topic} ${JSON.stringify({ name: "a", build: { full_url: `http://ci/job/a/${number}/`, node_name: node } })}`;
}

describeCompletionListener("zmq", { bed, source: new ZmqSource() });
