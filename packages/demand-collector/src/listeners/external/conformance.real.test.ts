import type { Bus } from "@kubestack/bus";
import { channels, type DemandSource, externalItemLimit, subjects } from "@kubestack/contracts";
import type { TcpProxy } from "@kubestack/real-parts";
import type { Logger } from "@kubestack/runtime";
import { Bed } from "../../bed.fixture.ts";
import { describeDemandListener, type SourceUnderTest } from "../conformance.fixture.ts";
import { busTroublesOf } from "../troubled-way.fixture.ts";
import { external } from "./index.ts";

const bed = new Bed("own-");

/** A system of one's own, which sends by a connection of its own all that waits there. */
class ExternalSource implements SourceUnderTest {
  readonly pushes = true;
  readonly #waiting = new Set<string>();
  #master = "";
  #process: { readonly bus: Bus; readonly way: TcpProxy } | undefined;
  #open = 0;

  /** The collector's, whose way to NATS is troubled. */
  get process(): { readonly bus: Bus; readonly way: TcpProxy } {
    if (this.#process === undefined) throw new RangeError("The collector is not connected yet.");
    return this.#process;
  }

  readonly troubles = {
    ...busTroublesOf(() => this.process),
    "gives half of an answer": this.#sends('{"items":[{"id":"a"},{"i'),
    "answers what nobody can read": this.#sends({ items: "none" }),
    "tells more than may be told at once": this.#sends({ items: itemsOf(externalItemLimit + 1) }),
  };

  readonly hostile = {
    "an item that is none": {
      send: () => this.#send({ items: [{ id: "good" }, {}] }),
      told: /items\[1\]\.id is missing/,
    },
    "one bad item of five hundred": {
      send: () =>
        this.#send({
          items: itemsOf(500)
            .with(77, { id: 7 } as never)
            .with(78, { id: "good", job: "" }),
        }),
      told: /items\[77\]\.id = 7 must be a text/,
    },
    "a label that is no text": {
      send: () => this.#send({ items: [{ id: "good", label: ["linux"] }] }),
      told: /items\[0\]\.label = \["linux"\] must be a text/,
    },
    "what is no list": { send: () => this.#send(null), stands: "instead" as const },
    "keys that nobody knows": { send: () => this.#send({ items: [{ id: "good", evil: [[]] }], __proto__: 1, x: {} }) },
    "an item of all sorts of characters": { send: () => this.add("\u202e<b>‘é \"\\' && \ud83d\ude00") },
    "a label that is none": { send: () => this.#send({ items: [{ id: "good" }, { id: "x", label: "&& (" }] }) },
    "the same item twice": { send: () => this.#send({ items: [{ id: "good" }, { id: "x" }, { id: "x" }] }) },
  };

  async start(): Promise<void> {
    this.#process = await bed.over();
  }

  async stop(): Promise<void> {
    await this.#process?.bus.close();
    await this.#process?.way.close();
  }

  connect(log: Logger) {
    const plain = this.process.bus;
    this.#master = bed.newName();
    // It opens nothing but its subscription.
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
    const config = { type: "external", maxAge: 300_000, interval: 250 } as const;
    return external.connect(config, {
      name: this.#master,
      master: undefined,
      bus,
      hooks: undefined,
      log,
      now: bus.clock.now,
    });
  }

  async empty(): Promise<void> {
    this.#waiting.clear();
    await this.#tell();
  }

  async add(...names: string[]): Promise<void> {
    for (const name of names) this.#waiting.add(name);
    await this.#tell();
  }

  async remove(name: string): Promise<void> {
    this.#waiting.delete(name);
    await this.#tell();
  }

  shown({ items }: DemandSource): readonly string[] {
    return items.map(({ id }) => id);
  }

  async flood(): Promise<number> {
    await this.#send({ items: itemsOf(externalItemLimit) });
    return externalItemLimit;
  }

  /** NATS is: what was sent is in its store. */
  async restart(): Promise<"keeps"> {
    await bed.restart(this.process.bus);
    return "keeps";
  }

  open(): number {
    return this.#open;
  }

  #tell(): Promise<number> {
    return this.#send({ items: [...this.#waiting].map((id) => ({ id, label: "linux" })) });
  }

  #send(data: unknown): Promise<number> {
    return bed.bus.publish(channels.externalDemand, subjects.externalDemand(this.#master), data as never);
  }

  #sends(data: unknown) {
    return { begin: () => this.#send(data), end: () => this.#tell() };
  }
}

function itemsOf(count: number) {
  return Array.from({ length: count }, (_, number) => ({ id: `item-${number}`, job: "x".repeat(20) }));
}

describeDemandListener("external", new ExternalSource());
