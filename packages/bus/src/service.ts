import { type Command, type ErrorCode, KubestackError, type Retry, sentenceOf, subjects } from "@kubestack/contracts";
import { Svcm } from "@nats-io/services";
import type { NatsConnection } from "@nats-io/transport-node";

/** What a service answers: the reply, or its error as data, since services over NATS do not throw. */
export type Answer<A> = { ok: A } | { error: { code: ErrorCode; message: string; retry: Retry } };

/** A service whose commands can be asked, listed and counted (`nats micro ls`). */
export interface Service {
  /**
   * Answers a command; with `master`, only requests for that one. A request reaches every process that answers it, or one of
   * them, as the command says; with a master whoever raises `not-owner` stays silent: the owner's is the one answer. Returns
   * what ends it.
   */
  answer<Q, A>(command: Command<Q, A>, handle: (request: Q) => Promise<A> | A, master?: string): () => void;
  /** Resolves when the server knows every command answered so far: only then is nobody told that nobody answers. */
  known(): Promise<void>;
  stop(): Promise<void>;
}

/** The NATS micro protocol wants an alphanumeric name for an endpoint. */
function endpointName(command: Command<never, never>, master: string | undefined): string {
  return `${command.name}${master === undefined ? "" : `-${Buffer.from(master).toString("hex")}`}`;
}

export async function startService(nc: NatsConnection, name: string, version: string): Promise<Service> {
  const service = await new Svcm(nc as never).add({ name, version, description: `KubeStack ${name}`, queue: "" });
  return {
    answer: (command, handle, master) => {
      const endpoint = endpointName(command as never, master);
      service.addEndpoint(endpoint, {
        subject: subjects.rpc(command.service, command.name, master),
        queue: command.answeredBy === "one" ? "one" : "",
        handler: (error, message) => {
          if (error !== null) return;
          void reply(command, handle, message.data).then((answer) => {
            if (master !== undefined && "error" in answer && answer.error.code === "not-owner") return;
            message.respond(JSON.stringify(answer));
          });
        },
      });
      return () => endEndpoint(service, endpoint);
    },
    known: () => nc.flush(),
    stop: async () => {
      await service.stop();
    },
  };
}

/** The library ends a service's endpoints all together only; but each is a subscription, and may end alone. */
function endEndpoint(service: object, name: string): void {
  const { handlers } = service as { handlers: { name: string; sub: { unsubscribe(): void } }[] };
  const at = handlers.findIndex((handler) => handler.name === name);
  if (at < 0) return;
  const [ended] = handlers.splice(at, 1);
  ended?.sub.unsubscribe();
}

async function reply<Q, A>(
  command: Command<Q, A>,
  handle: (request: Q) => Promise<A> | A,
  data: Uint8Array,
): Promise<Answer<A>> {
  try {
    const text = new TextDecoder().decode(data);
    const request = command.request.parse(text === "" ? {} : JSON.parse(text));
    return { ok: await handle(request) };
  } catch (error) {
    const ours = error instanceof KubestackError ? error : undefined;
    return {
      error: { code: ours?.code ?? "invalid-message", message: sentenceOf(error), retry: ours?.retry ?? "never" },
    };
  }
}
