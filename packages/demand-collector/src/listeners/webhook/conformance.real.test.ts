import type { Bus } from "@kubestack/bus";
import type { DemandSource } from "@kubestack/contracts";
import { type HookServer, startHookServer } from "@kubestack/hooks";
import type { TcpProxy } from "@kubestack/real-parts";
import { type Logger, systemTiming } from "@kubestack/runtime";
import { Bed } from "../../bed.fixture.ts";
import { describeDemandListener, type SourceUnderTest } from "../conformance.fixture.ts";
import { busTroublesOf } from "../troubled-way.fixture.ts";
import { deliver, secret, told } from "./deliveries.fixture.ts";
import { webhook } from "./index.ts";

const bed = new Bed("hooked-");
const never = "it asks nobody: what a sender breaks off or garbles is refused, and the sender told so";

/** Senders, who are taken by real HTTP; what they told is in a real NATS. */
class WebhookSource implements SourceUnderTest {
  readonly pushes = true;
  #master = "";
  #process: { readonly bus: Bus; readonly way: TcpProxy } | undefined;
  #hooks: HookServer | undefined;
  #url = "";
  #open = 0;

  /** The collector's, whose way to NATS is troubled. */
  get process(): { readonly bus: Bus; readonly way: TcpProxy } {
    if (this.#process === undefined) throw new RangeError("The collector is not connected yet.");
    return this.#process;
  }

  readonly troubles = {
    "refuses connections": { never: "to who asks over NATS it is no other than no answer" },
    "does not answer": busTroublesOf(() => this.process)["does not answer"],
    "gives half of an answer": { never },
    "answers what nobody can read": { never },
  };

  readonly hostile = {
    "half of a delivery": this.#refused(400, told("x", "waiting").slice(0, -9)),
    "what is no job": this.#refused(400, '{"kubestack":"job","id":{},"state":[]}'),
    "what is no JSON": this.#refused(400, "\0\u0001garbage"),
    "a body that has no end": this.#refused(413, `"${"x".repeat(3_000_000)}"`),
    "a job that nobody signed": this.#refused(401, told("x", "waiting"), { key: "another" }),
    "labels that are too long together": this.#refused(
      400,
      told("x", "waiting", { labels: Array.from({ length: 64 }, (_, number) => `${number}${"l".repeat(200)}`) }),
    ),
    "labels of all sorts of characters": this.#refused(
      200,
      told("x", "waiting", { labels: ['"', "\\", "a && !b", "é"] }),
    ),
  };

  async start(): Promise<void> {
    this.#process = await bed.over();
    this.#hooks = startHookServer({
      listen: "127.0.0.1:0",
      secret: async () => secret,
      now: this.process.bus.clock.now,
      monotonic: systemTiming.monotonic,
      tell: () => undefined,
    });
  }

  async stop(): Promise<void> {
    await this.#hooks?.stop();
    await this.#process?.bus.close();
    await this.#process?.way.close();
  }

  connect(log: Logger) {
    const { bus } = this.process;
    const hooks = this.#hooks;
    if (hooks === undefined) throw new RangeError("No webhooks are taken yet.");
    this.#master = bed.newName();
    const counted = {
      ...hooks,
      describe: () => hooks.describe(),
      register: (route: Parameters<HookServer["register"]>[0]) => {
        this.#open += 1;
        const end = hooks.register(route);
        return () => {
          this.#open -= 1;
          end();
        };
      },
    };
    return webhook.connect(
      { type: "webhook", secret: "file:/secret", interval: 250 },
      { name: this.#master, master: undefined, bus, hooks: counted, log, now: bus.clock.now },
    );
  }

  /** Nobody has told anything yet of a master with a new name. */
  async empty(): Promise<void> {
    this.#url = (await this.#hooks?.listening) ?? "";
    await this.#remove(...this.#flooded.splice(0));
  }

  readonly #flooded: string[] = [];

  async add(...names: string[]): Promise<void> {
    for (const name of names) await this.#deliver(told(name, "waiting"));
  }

  remove(name: string): Promise<void> {
    return this.#remove(name);
  }

  shown({ items }: DemandSource): readonly string[] {
    return items.map(({ id }) => id);
  }

  async flood(): Promise<number> {
    const names = Array.from({ length: 500 }, (_, number) => `job-${number}`);
    await Promise.all(names.map((name) => this.add(name)));
    this.#flooded.push(...names);
    return names.length;
  }

  /** NATS is: what was told is in its store. */
  async restart(): Promise<"keeps"> {
    await bed.restart(this.process.bus);
    return "keeps";
  }

  open(): number {
    return this.#open;
  }

  secrets(): readonly string[] {
    return [secret];
  }

  async #remove(...names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#deliver(told(name, "over"))));
  }

  async #deliver(body: string): Promise<void> {
    const { status, message } = await deliver(this.#url, body, { master: this.#master });
    if (status !== 200) throw new Error(`${status} ${message}`);
  }

  #refused(expected: number, body: string, how: { key?: string } = {}) {
    return {
      send: async () => {
        const { status, message } = await deliver(this.#url, body, { master: this.#master, ...how });
        if (status !== expected) throw new Error(`it was answered with ${status} ${message}`);
      },
    };
  }
}

describeDemandListener("webhook", new WebhookSource());
