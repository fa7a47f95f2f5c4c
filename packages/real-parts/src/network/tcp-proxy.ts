import { once } from "node:events";
import { type AddressInfo, createServer, Socket } from "node:net";

/** What comes back from the server instead of its answer; the connection ends after it, where it ends at all. */
export type Spoiling =
  /** The first half of what it sent. */
  | "half"
  /** Bytes of no protocol, with a line's end among them. */
  | "rubbish"
  /** What a web server says to whoever speaks another protocol. */
  | "web page"
  /** One line that goes on for as long as anybody reads. */
  | "endless";

/** The way to a server: what passes it can be cut, held up, made late, spoilt and turned away. */
export interface TcpProxy {
  readonly port: number;
  /** How many connections stand now. */
  connections(): number;
  /** Breaks every connection; what was on its way is lost. */
  cut(): void;
  /** From now on nothing passes, until `flow`. */
  stall(): void;
  /** From now on each piece passes so many milliseconds late, in its order. */
  delay(ms: number): void;
  /** From now on what the server sends is spoilt, until `flow`. */
  spoil(how: Spoiling): void;
  /** Lets everything pass again at once. */
  flow(): void;
  /** Breaks every connection and refuses new ones, until `accept`. */
  refuse(): Promise<void>;
  /** Takes connections again, at the same port. */
  accept(): Promise<void>;
  /** May be called twice. */
  close(): Promise<void>;
}

const host = "127.0.0.1";

/** Opens such a way to a port of this machine. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  let delayMs = 0;
  let isStalled = false;
  let spoiling: Spoiling | undefined;

  const forward = (from: Socket, to: Socket, isAnswer: boolean): void => {
    let turn = Promise.resolve();
    from.on("data", (piece: Buffer) => {
      // Nothing is read while a piece waits: the two ends' own buffers bound what is on its way.
      from.pause();
      turn = turn
        .then(() => passed(delayMs))
        .then(() => {
          if (isAnswer && spoiling !== undefined) spoil(to, piece, spoiling);
          else if (!to.destroyed) to.write(piece);
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
    clients.add(client);
    client.once("close", () => clients.delete(client));
    forward(client, upstream, false);
    forward(upstream, client, true);
    upstream.connect(targetPort, host);
    if (isStalled) for (const socket of [client, upstream]) socket.pause();
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, host);
    await once(server, "listening");
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const refuse = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    cut();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    connections: () => clients.size,
    cut,
    stall() {
      isStalled = true;
      for (const socket of sockets) socket.pause();
    },
    delay(ms) {
      delayMs = ms;
    },
    spoil(how) {
      spoiling = how;
    },
    flow() {
      delayMs = 0;
      isStalled = false;
      spoiling = undefined;
      for (const socket of sockets) socket.resume();
    },
    refuse,
    accept: () => listen(port),
    close: refuse,
  };
}

async function passed(ms: number): Promise<void> {
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
}

const endings = {
  half: (piece: Buffer) => piece.subarray(0, Math.floor(piece.length / 2)),
  rubbish: () => Buffer.from("\0\u0001\u0002\n!!\n.\n"),
  "web page": () => Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
} as const;

function spoil(to: Socket, piece: Buffer, how: Spoiling): void {
  if (how !== "endless") {
    if (!to.writableEnded) to.end(endings[how](piece));
    return;
  }
  const more = (): void => {
    while (!to.destroyed && to.write("z".repeat(65_536)));
  };
  to.on("drain", more);
  more();
}
