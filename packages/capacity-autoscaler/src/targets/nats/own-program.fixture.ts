import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { subjects } from "@kubestack/contracts";

/** A program of somebody's own that makes a pool's nodes: it speaks NATS by itself, with nothing of KubeStack's. */
export class OwnProgram {
  wanted = 0;
  nodes: string[] = [];
  owner: string | undefined;
  most: number | undefined;
  /** It hears what it is asked, and says nothing. */
  isSilent = false;
  /** What it answers instead, to whatever it is asked. */
  answer: unknown;
  readonly #socket: Socket;
  #made = 0;
  #text = "";

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Answers for a pool once this resolves. */
  static async start(url: string, pool: string): Promise<OwnProgram> {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    await once(socket, "connect");
    const program = new OwnProgram(socket);
    const isReady = new Promise<void>((resolve) => {
      socket.on("data", (chunk) => program.#read(chunk.toString("utf8"), resolve));
    });
    const asked = (["status", "scale", "remove"] as const).map(
      (what, at) => `SUB ${subjects.pool(pool, what)} ${at + 1}`,
    );
    socket.write(`${['CONNECT {"verbose":false}', ...asked, "PING"].join("\r\n")}\r\n`);
    await isReady;
    return program;
  }

  async stop(): Promise<void> {
    this.#socket.destroy();
  }

  #read(chunk: string, ready: () => void): void {
    this.#text += chunk;
    for (;;) {
      const end = this.#text.indexOf("\r\n");
      if (end < 0) return;
      const line = this.#text.slice(0, end);
      const message = /^MSG \S+ (\d) (\S+) (\d+)$/.exec(line);
      if (message !== null) {
        const [, what = "", reply = "", length = "0"] = message;
        const whole = end + 2 + Number(length) + 2;
        if (this.#text.length < whole) return;
        const payload = this.#text.slice(end + 2, whole - 2);
        this.#text = this.#text.slice(whole);
        this.#asked(what, reply, JSON.parse(payload) as { size?: number; nodes?: string[] });
        continue;
      }
      this.#text = this.#text.slice(end + 2);
      if (line === "PONG") ready();
      if (line === "PING") this.#socket.write("PONG\r\n");
    }
  }

  #asked(what: string, reply: string, { size = 0, nodes = [] }: { size?: number; nodes?: string[] }): void {
    if (this.isSilent) return;
    if (what === "2") this.#scale(size);
    if (what === "3") {
      this.nodes = this.nodes.filter((name) => !nodes.includes(name));
      this.#scale(size);
    }
    const { wanted, most, owner } = this;
    const told =
      what === "1" ? { wanted, nodes: this.nodes, ...(most !== undefined && { most }), ...(owner && { owner }) } : {};
    const answer = JSON.stringify(this.answer ?? { ok: told });
    this.#socket.write(`PUB ${reply} ${Buffer.byteLength(answer)}\r\n${answer}\r\n`);
  }

  #scale(size: number): void {
    this.wanted = size;
    while (this.nodes.length < size) {
      this.#made += 1;
      this.nodes.push(`own-${this.#made}`);
    }
  }
}
