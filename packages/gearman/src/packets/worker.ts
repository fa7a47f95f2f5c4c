import { KubestackError } from "@kubestack/contracts";
import { unavailable } from "../connection/failure.ts";
import { usualTimeoutMs } from "../connection/open-connection.ts";
import { argumentsOf, type Packet } from "./packet.ts";
import { openPacketStream, type PacketStream, type PacketStreamOptions } from "./packet-stream.ts";

/** A job as a worker gets it. */
export interface AssignedJob {
  /** The server's name for it. */
  readonly handle: string;
  readonly function: string;
  /** What whoever submitted it gave along. */
  readonly data: Buffer;
}

/** How a job ended. */
export type JobResult = { readonly state: "complete"; readonly data: Buffer } | { readonly state: "fail" };

export interface WorkerOptions extends PacketStreamOptions {
  /** Shown by the server's list of workers. */
  readonly clientId: string;
  /** What it can do, such as `build:JOB:LABEL`. */
  readonly functions: readonly string[];
  /** Does one job. What it throws fails the job. */
  readonly work: (job: AssignedJob) => Promise<JobResult>;
  /** The worker ends by itself after so many jobs. Default: never. */
  readonly mostJobs?: number | undefined;
}

/** A worker: one connection, one job at a time. */
export interface Worker {
  /** Resolves once it is over; rejects where the connection was lost, or the server refused. A lost job is given to another worker. */
  readonly ended: Promise<void>;
  /** Takes no further job, and resolves when the present one is over and told. */
  stop(): Promise<void>;
}

/** Registers and works until stopped. It does not come back by itself. Raises master-unavailable. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const worker = new ConnectedWorker(options);
  await worker.start();
  return worker;
}

class ConnectedWorker implements Worker {
  readonly ended: Promise<void>;
  readonly #options: WorkerOptions;
  readonly #over = Promise.withResolvers<void>();
  #stream: PacketStream | undefined;
  /** `asking`: the server owes an answer. `asleep`: it will wake us. */
  #state: "asking" | "asleep" | "working" = "asking";
  #isStopping = false;
  #jobs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.ended = this.#over.promise;
    // Whoever does not ask how it ended is not troubled.
    this.ended.catch(() => undefined);
  }

  async start(): Promise<void> {
    this.#stream = await openPacketStream(this.#options, {
      packet: (packet) => this.#saw(packet),
      ended: (error) => {
        clearTimeout(this.#timer);
        if (error === undefined) this.#over.resolve();
        else this.#over.reject(error);
      },
    });
    this.#stream.send("SET_CLIENT_ID", this.#options.clientId);
    for (const name of this.#options.functions) this.#stream.send("CAN_DO", name);
    this.#ask();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    // Asked and not answered, a job may be on its way to us: it is done, or it would be lost for as long as we live.
    if (this.#state === "asleep") this.#stream?.close();
    await this.ended.catch(() => undefined);
  }

  #ask(): void {
    this.#state = "asking";
    const { timeoutMs = usualTimeoutMs } = this.#options;
    this.#timer = setTimeout(
      () => this.#stream?.close(unavailable(this.#options, `gave no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    this.#stream?.send("GRAB_JOB");
  }

  #saw(packet: Packet): void {
    if (packet.name === "NOOP" && this.#state === "asleep") this.#ask();
    if (packet.name === "NO_JOB" && this.#state === "asking") this.#sleep();
    if (packet.name === "JOB_ASSIGN" && this.#state === "asking") void this.#work(jobOf(packet.body));
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#state = "asleep";
    if (this.#isStopping) this.#stream?.close();
    else this.#stream?.send("PRE_SLEEP");
  }

  async #work(job: AssignedJob): Promise<void> {
    clearTimeout(this.#timer);
    this.#state = "working";
    this.#jobs += 1;
    const result = await this.#resultOf(job);
    if (result.state === "complete") this.#stream?.send("WORK_COMPLETE", job.handle, result.data);
    else this.#stream?.send("WORK_FAIL", job.handle);
    if (this.#isStopping || this.#jobs >= (this.#options.mostJobs ?? Number.POSITIVE_INFINITY)) this.#stream?.close();
    else this.#ask();
  }

  async #resultOf(job: AssignedJob): Promise<JobResult> {
    try {
      return await this.#options.work(job);
    } catch {
      return { state: "fail" };
    }
  }
}

function jobOf(body: Buffer): AssignedJob {
  const read = argumentsOf(body, 2);
  const [handle, name] = read?.texts ?? [];
  if (read === undefined || handle === undefined || name === undefined)
    throw new KubestackError("invalid-message", "A job came without its handle and function.", { retry: "never" });
  return { handle, function: name, data: read.rest };
}
