import { createServer, Socket } from "node:net";
import { listening } from "./listening.ts";

/** The way of one process to a server: what passes it can be cut, held up and made late. */
export interface TcpProxy {
  readonly port: number;
  /** Breaks every connection; what was on its way is lost. */
  cut(): void;
  /** From now on nothing passes, until `flow`. */
  stall(): void;
  /** From now on each piece passes so many milliseconds late, in its order. */
  delay(ms: number): void;
  /** Lets everything pass again at once. */
  flow(): void;
  close(): Promise<void>;
}

/** Opens such a way to a port of this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let isStalled = false;

  const forward = (from: Socket, to: Socket): void => {
    let turn = Promise.resolve();
    from.on("data", (piece: Buffer) => {
      // Nothing is read while a piece waits: the two ends' own buffers bound what is on its way.
      from.pause();
      turn = turn
        .then(() => passed(delayMs))
        .then(() => {
          if (!to.destroyed) to.write(piece);
          if (!isStalled) from.resume();
        });
    });
    from.once("close", () => to.destroy());
    from.on("error", () => to.destroy());
  };

  const server = createServer((client) => {
    const upstream = new Socket();
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.once("close", () => sockets.delete(socket));
    }
    forward(client, upstream);
    forward(upstream, client);
    upstream.connect(targetPort, "127.0.0.1");
    if (isStalled) for (const socket of [client, upstream]) socket.pause();
  });
  const port = await listening(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    cut,
    stall() {
      isStalled = true;
      for (const socket of sockets) socket.pause();
    },
    delay(ms) {
      delayMs = ms;
    },
    flow() {
      delayMs = 0;
      isStalled = false;
      for (const socket of sockets) socket.resume();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

async function passed(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}
