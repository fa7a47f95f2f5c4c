import type { Socket } from "node:net";
import type { KubestackError } from "@kubestack/contracts";
import type { GearmanAddress } from "../connection/address.ts";
import { notGearman, refused, socketFailure, unavailable } from "../connection/failure.ts";
import { LineSplitter } from "./line-splitter.ts";

/** One question to the server, and what its answer may cost. */
export interface Question {
  readonly command: "status" | "workers" | "version";
  /** Told each line, but for the last one; says whether it could be read. */
  readonly line: (text: string) => boolean;
  /** For all of it, connecting included. */
  readonly timeoutMs: number;
  /** What is left of that. */
  readonly leftMs: number;
  /** Largest answer, in bytes. */
  readonly mostBytes: number;
}

/** Lines of an answer that told nothing. */
export interface Skipped {
  readonly unreadable: number;
  readonly tooLong: number;
}

/** Lists end in a line of their own; a version is one line. */
const endOfList = ".";

/** The kept connection had ended before the server said a word: asking again over another one does no harm. */
export class StaleConnection extends Error {}

/**
 * Asks over a connection that nobody else uses and whose errors somebody hears, and reads the answer as it comes, line by line. Raises
 * master-unavailable where it is not whole in time or too large, not-a-master where nothing of it could be read, and
 * master-refused where the server refused; the connection is of no use then, and destroyed.
 */
export function exchange(socket: Socket, address: GearmanAddress, question: Question): Promise<Skipped> {
  const { promise, resolve, reject } = Promise.withResolvers<Skipped>();
  const splitter = new LineSplitter();
  let bytes = 0;
  let readable = 0;
  let unreadable = 0;
  let ended: KubestackError | Skipped | undefined;

  const isAlien = () => readable === 0 && unreadable + splitter.tooLong > 0;
  const takeLine = (line: string): boolean => {
    if (line.startsWith("ERR ")) ended = refused(address, line);
    else if (question.command !== "version" && line === endOfList) ended = outcome();
    else if (question.line(line)) readable += 1;
    else unreadable += 1;
    if (question.command === "version") ended ??= outcome();
    return ended === undefined;
  };
  const outcome = () => (isAlien() ? notGearman(address) : { unreadable, tooLong: splitter.tooLong });
  const data = (chunk: Buffer) => {
    bytes += chunk.length;
    const read = splitter.push(chunk, takeLine);
    if (ended === undefined && bytes > question.mostBytes)
      ended = isAlien()
        ? notGearman(address)
        : unavailable(address, `sent more than ${question.mostBytes / 1_048_576} MiB for one answer`);
    if (ended !== undefined && !(ended instanceof Error) && read < chunk.length)
      // A name may hold the mark of the end: what was read so far is then only a part of what waits.
      ended = unavailable(address, `went on after the end of its answer to ${question.command}; a name may be broken`);
    if (ended !== undefined) finish(ended);
  };
  const lost = (error?: unknown) => {
    if (bytes === 0) finish(new StaleConnection("the connection had ended", { cause: error }));
    else if (isAlien()) finish(notGearman(address));
    else if (error instanceof Error) finish(socketFailure(address, error));
    else finish(unavailable(address, "broke off its answer; see that it runs"));
  };
  const close = () => lost();
  const late = () => {
    if (isAlien() || (splitter.isInside && readable === 0)) finish(notGearman(address));
    else
      finish(unavailable(address, `gave no whole answer within ${question.timeoutMs / 1000} s; see that it is well`));
  };
  const timer = setTimeout(late, question.leftMs);
  const finish = (end: Error | Skipped) => {
    clearTimeout(timer);
    socket.off("data", data).off("error", lost).off("close", close).off("end", close);
    if (!(end instanceof Error)) return resolve(end);
    socket.destroy();
    reject(end);
  };
  socket.on("data", data).on("error", lost).on("close", close).on("end", close);
  if (socket.destroyed) lost();
  else socket.write(`${question.command}\n`);
  return promise;
}
