import { type AddressInfo, createServer, type Socket } from "node:net";

/** A server that answers each line by whatever a test wants, and counts its connections. */
export interface HostileServer {
  readonly host: string;
  readonly port: number;
  /** Connections so far. */
  connections(): number;
  /** What becomes of a line; told its connection, too. */
  answer: (line: string, socket: Socket) => void;
  /** Cuts every connection, and listens on. */
  cut(): void;
  close(): Promise<void>;
}

export async function startHostileServer(answer: HostileServer["answer"]): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    socket.on("data", (data) => {
      for (const line of data.toString().split("\n").slice(0, -1)) hostile.answer(line, socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const hostile: HostileServer = {
    host: "127.0.0.1",
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    answer,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        hostile.cut();
        server.close(() => resolve());
      }),
  };
  return hostile;
}
