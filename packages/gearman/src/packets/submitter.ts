import { KubestackError } from "@kubestack/contracts";
import { unavailable } from "../connection/failure.ts";
import { usualTimeoutMs } from "../connection/open-connection.ts";
import { argumentsOf, type Packet } from "./packet.ts";
import { openPacketStream, type PacketStream, type PacketStreamOptions } from "./packet-stream.ts";
import type { JobResult } from "./worker.ts";

/** A job to be done by whichever worker can. */
export interface Job {
  readonly function: string;
  /** Jobs of one function with the same text here are one job. Empty: the job is like no other. */
  readonly unique: string;
  readonly data: string | Buffer;
}

/** A job that is watched until it is over. */
export interface WatchedJob {
  readonly handle: string;
  /** Rejects where the connection was lost: no worker is given the job then. */
  readonly result: Promise<JobResult>;
}

interface Asked {
  readonly created: PromiseWithResolvers<string>;
  readonly result: PromiseWithResolvers<JobResult> | undefined;
  readonly timer: NodeJS.Timeout;
}

/** Submits jobs over one connection. */
export interface Submitter {
  /** A job in the background: it stays with the server, whoever goes. The server's handle of it. */
  submit(job: Job): Promise<string>;
  /**
   * A job that no worker is given once this connection is closed. gearmand still counts it as waiting until a worker asks
   * for work.
   */
  watch(job: Job): Promise<WatchedJob>;
  close(): void;
}

/** Raises master-unavailable. */
export async function connectSubmitter(options: PacketStreamOptions): Promise<Submitter> {
  const submitter = new ConnectedSubmitter(options);
  await submitter.open();
  return submitter;
}

class ConnectedSubmitter implements Submitter {
  readonly #options: PacketStreamOptions;
  #stream: PacketStream | undefined;
  /** The server answers in the order in which it was asked. */
  readonly #asked: Asked[] = [];
  readonly #watched = new Map<string, PromiseWithResolvers<JobResult>>();
  #ended: Error | undefined;

  constructor(options: PacketStreamOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    this.#stream = await openPacketStream(this.#options, {
      packet: (packet) => this.#saw(packet),
      ended: (error) => this.#end(error ?? unavailable(this.#options, "is not spoken to any more: we closed")),
    });
  }

  submit(job: Job): Promise<string> {
    return this.#send("SUBMIT_JOB_BG", job).created.promise;
  }

  async watch(job: Job): Promise<WatchedJob> {
    const { created, result } = this.#send("SUBMIT_JOB", job);
    const handle = await created.promise;
    return { handle, result: result.promise };
  }

  close(): void {
    this.#stream?.close();
  }

  #send(name: "SUBMIT_JOB" | "SUBMIT_JOB_BG", job: Job) {
    const created = Promise.withResolvers<string>();
    const result = Promise.withResolvers<JobResult>();
    // Whoever does not ask how it ended is not troubled.
    result.promise.catch(() => undefined);
    if (this.#ended !== undefined) {
      created.reject(this.#ended);
      return { created, result };
    }
    const { timeoutMs = usualTimeoutMs } = this.#options;
    const late = () => this.#stream?.close(unavailable(this.#options, `gave no answer within ${timeoutMs / 1000} s`));
    const timer = setTimeout(late, timeoutMs);
    this.#asked.push({ created, result: name === "SUBMIT_JOB" ? result : undefined, timer });
    this.#stream?.send(name, job.function, job.unique, job.data);
    return { created, result };
  }

  #saw(packet: Packet): void {
    if (packet.name === "JOB_CREATED") this.#created(packet.body.toString("utf8"));
    if (packet.name === "WORK_FAIL") this.#finished(packet.body.toString("utf8"), { state: "fail" });
    if (packet.name === "WORK_COMPLETE") {
      const read = argumentsOf(packet.body, 1);
      if (read === undefined) throw new KubestackError("invalid-message", "A job's result came without its handle.");
      this.#finished(read.texts[0] ?? "", { state: "complete", data: read.rest });
    }
  }

  #created(handle: string): void {
    const asked = this.#asked.shift();
    if (asked === undefined) return;
    clearTimeout(asked.timer);
    if (asked.result !== undefined) this.#watched.set(handle, asked.result);
    asked.created.resolve(handle);
  }

  #finished(handle: string, result: JobResult): void {
    this.#watched.get(handle)?.resolve(result);
    this.#watched.delete(handle);
  }

  #end(error: Error): void {
    this.#ended = error;
    for (const { created, result, timer } of this.#asked.splice(0)) {
      clearTimeout(timer);
      created.reject(error);
      result?.reject(error);
    }
    for (const result of this.#watched.values()) result.reject(error);
    this.#watched.clear();
  }
}
