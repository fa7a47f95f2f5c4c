import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { XPublisher } from "zeromq";

export interface Publisher {
  readonly port: number;
  /** Resolves when somebody has subscribed to as many topics as a listener does. */
  readonly subscribed: Promise<void>;
  /** How many topics somebody is subscribed to now. */
  topics(): number;
  /** Sends one message of these parts. */
  send(...parts: (string | Uint8Array)[]): Promise<void>;
  stop(): Promise<void>;
}

/** A publisher of libzmq. It is the one of its two kinds that can tell when somebody has subscribed. */
export async function startPublisher(port = 0): Promise<Publisher> {
  const socket = new XPublisher({ linger: 0 });
  const subscribed = Promise.withResolvers<void>();
  await socket.bind(`tcp://127.0.0.1:${port === 0 ? "*" : port}`);
  const topics = new Set<string>();
  const reading = (async () => {
    for await (const [message = Buffer.alloc(0)] of socket) {
      topics[message[0] === 1 ? "add" : "delete"](message.toString("latin1", 1));
      if (topics.size === 2) subscribed.resolve();
    }
  })();
  return {
    port: Number(/\d+$/.exec(socket.lastEndpoint ?? "")?.[0]),
    subscribed: subscribed.promise,
    topics: () => topics.size,
    send: (...parts) => socket.send(parts),
    stop: async () => {
      socket.close();
      await reading;
    },
  };
}

const signature = Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f]);
const publisherType = 1;
/** A message of one part: no flags, its length, itself. */
const framed = (text: string): Buffer => Buffer.concat([Buffer.from([0, text.length]), Buffer.from(text)]);

/** How who listens there begins to speak: not at all as a publisher, ZMTP 2.0 as the plugin's own library does, 3.0 as those between it and today's do. */
const greetings = {
  none: Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
  "2.0": Buffer.concat([signature, Buffer.from([1, publisherType, 0, 0])]),
  "3.0": Buffer.concat([
    signature,
    Buffer.from([3, 0]),
    Buffer.from("NULL".padEnd(20, "\0")),
    Buffer.alloc(32),
    // READY, with one property.
    Buffer.from([4, 25, 5]),
    Buffer.from("READY"),
    Buffer.from([11]),
    Buffer.from("Socket-Type"),
    Buffer.from([0, 0, 0, 3]),
    Buffer.from("PUB"),
  ]),
};

export interface PlainPublisher {
  readonly port: number;
  /** How many connections were made so far. */
  connections(): number;
  /** Sends to whoever is connected, subscribed or not. */
  send(text: string): void;
  stop(): Promise<void>;
}

/** A publisher of an older protocol, byte by byte: it answers no pings, and one of 2.0 shakes no hands. */
export async function startPlainPublisher(version: keyof typeof greetings): Promise<PlainPublisher> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", () => undefined);
    if (version === "none") socket.end(greetings.none);
    else socket.write(greetings[version]);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    send: (text) => {
      for (const socket of sockets) socket.write(framed(text));
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
