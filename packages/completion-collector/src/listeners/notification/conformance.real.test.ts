import { type HookServer, type Hooks, startHookServer } from "@kubestack/hooks";
import type { Master } from "@kubestack/jenkins";
import { systemTiming } from "@kubestack/runtime";
import { Bed } from "../../bed.fixture.ts";
import { describeCompletionListener, type SourceUnderTest, type TestedBuild } from "../conformance.fixture.ts";

const bed = new Bed("notified-");
const secret = "a secret of the test";
const never = "nobody is asked: what a sender breaks off or garbles is refused, and the sender told so";

/** A Notification plugin, by real HTTP; it names no nodes. */
class NotificationSource implements SourceUnderTest {
  readonly tells = "hints";
  readonly flood = 300;
  readonly names = false;
  #hooks: HookServer | undefined;
  #master = "";
  #url = "";
  #open = 0;
  #isSecretKnown = true;
  #aheadMs = 0;
  #told: string[] = [];

  readonly troubles = {
    "refuses connections": { never },
    "does not answer": { never },
    "gives half of an answer": { never },
    "answers what nobody can read": { never },
    "has a secret that can't be read": {
      begin: async () => {
        this.#knows(false);
        await this.#answered(503, bodyOf("STARTED", 1));
      },
      end: () => this.#knows(true),
    },
  };

  readonly hostile = {
    "half of a body": { send: () => this.#answered(400, bodyOf("STARTED", 1).slice(0, -9)) },
    "what is no JSON": { send: () => this.#answered(400, "\0\u0001garbage") },
    "a phase that is none": { send: () => this.#answered(400, bodyOf("toString", 1)) },
    "a body that has no end": { send: () => this.#answered(413, `"${"x".repeat(3_000_000)}"`) },
    "what another one signed": { send: () => this.#answered(401, bodyOf("STARTED", 1), "another") },
    "an address that is none": {
      send: () => this.#answered(400, JSON.stringify({ build: { phase: "STARTED", full_url: {} } })),
    },
  };

  async start(): Promise<void> {
    this.#hooks = startHookServer({
      listen: "127.0.0.1:0",
      secret: async () => (this.#isSecretKnown ? secret : Promise.reject(new Error("There is no such file."))),
      now: Date.now,
      monotonic: () => systemTiming.monotonic() + this.#aheadMs,
      tell: () => undefined,
    });
  }

  async stop(): Promise<void> {
    await this.#hooks?.stop();
  }

  options(master: string) {
    const hooks = this.#hooks;
    if (hooks === undefined) throw new RangeError("No webhooks are taken yet.");
    this.#master = master;
    this.#told = [];
    const counted: Hooks = {
      describe: () => hooks.describe(),
      register: (route) => {
        this.#open += 1;
        const end = hooks.register(route);
        return () => {
          this.#open -= 1;
          end();
        };
      },
    };
    const listener = { type: "notification" as const, secret: "file:/secret" as const };
    return { master: { close: () => undefined } as Master, hooks: counted, listeners: [listener] };
  }

  async isHeard(): Promise<void> {
    this.#url = (await this.#hooks?.listening) ?? "";
  }

  async starts(...builds: readonly TestedBuild[]): Promise<void> {
    await this.#tell(...builds.map(({ number }) => bodyOf("STARTED", number)));
  }

  async ends(...builds: readonly TestedBuild[]): Promise<void> {
    await this.#tell(...builds.map(({ number }) => bodyOf("COMPLETED", number)));
    await this.#tell(...builds.map(({ number }) => bodyOf("FINALIZED", number)));
  }

  async again(): Promise<void> {
    for (const body of this.#told.toReversed()) await this.#answered(202, body);
  }

  open(): number {
    return this.#open;
  }

  secrets(): readonly string[] {
    return [secret];
  }

  async #tell(...bodies: readonly string[]): Promise<void> {
    this.#told.push(...bodies);
    await Promise.all(bodies.map((body) => this.#answered(202, body)));
  }

  /** A secret that was read is known for a while: that has passed, too. */
  #knows(isSecretKnown: boolean): void {
    this.#isSecretKnown = isSecretKnown;
    this.#aheadMs += 60_000;
  }

  async #answered(expected: number, body: string, password = secret): Promise<void> {
    const { status } = await fetch(`${this.#url}/hooks/completion/${this.#master}`, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        authorization: `Basic ${Buffer.from(`jenkins:${password}`).toString("base64")}`,
      },
    });
    if (status !== expected) throw new Error(`it was answered with ${status}`);
  }
}

function bodyOf(phase: string, number: number): string {
  return JSON.stringify({ name: "a", build: { phase, number, full_url: `https://ci.example.org/job/a/${number}/` } });
}

describeCompletionListener("notification", { bed, source: new NotificationSource() });
