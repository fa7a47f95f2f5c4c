import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Passes TCP on to a server: counts connections, and breaks them in the ways that a network does. */
export interface CountingProxy {
  readonly url: string;
  /** Connections accepted since the start. */
  accepted(): number;
  /** Connections open now. */
  open(): number;
  /** Cuts all, and refuses new ones until `restore`. */
  cut(): void;
  /** Swallows what is sent, both ways, without a word, on the present connections only. */
  freeze(): void;
  restore(): void;
  stop(): Promise<void>;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let accepted = 0;
  let isCut = false;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    accepted += 1;
    const far = connect(Number(port), hostname);
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    near.pipe(far);
    far.pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endAll = () => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accepted: () => accepted,
    open: () => pairs.size,
    cut() {
      isCut = true;
      endAll();
    },
    freeze() {
      for (const [near, far] of pairs)
        for (const socket of [near, far]) {
          socket.unpipe();
          socket.resume();
        }
    },
    restore() {
      isCut = false;
    },
    stop() {
      endAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
