import { closeSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** A line longer than this is kept in pieces, as container runtimes do. */
const MAX_LINE_BYTES = 16_384;
const NEW_LINE = 0x0a;

/** One piece of output: a whole line, or (`isPartial`) a piece whose line goes on in the next. */
export interface LogPiece {
  readonly timeIso: string;
  readonly isPartial: boolean;
  readonly content: Buffer;
}

/** The output of one start of a container, kept in a file; the newest and the one before it, each at most `maxBytes` long. */
export interface ContainerLog {
  write(stream: "stdout" | "stderr", bytes: Buffer): void;
  /** All pieces that are kept, oldest first. */
  read(): LogPiece[];
  /** Told of each piece from now on, until the returned function is called; `onEnd` is called once when the log is closed. */
  follow(onPiece: (piece: LogPiece) => void, onEnd: () => void): () => void;
  close(): void;
}

/** Opens a log in `file` (its folder is made). Times are those of `nowMs`. */
export function openContainerLog(file: string, options: { maxBytes: number; nowMs: () => number }): ContainerLog {
  mkdirSync(dirname(file), { recursive: true });
  let handle: number | undefined = openSync(file, "w");
  let size = 0;
  const rest = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  const followers = new Set<{ onPiece: (piece: LogPiece) => void; onEnd: () => void }>();
  const put = (stream: "stdout" | "stderr", content: Buffer, isPartial: boolean) => {
    if (handle === undefined) return;
    const piece: LogPiece = { timeIso: new Date(options.nowMs()).toISOString(), isPartial, content };
    const line = Buffer.concat([
      Buffer.from(`${piece.timeIso} ${stream} ${isPartial ? "P" : "F"} `),
      content,
      Buffer.of(NEW_LINE),
    ]);
    if (size + line.length > options.maxBytes && size > 0) {
      closeSync(handle);
      renameSync(file, `${file}.1`);
      handle = openSync(file, "w");
      size = 0;
    }
    size += writeSync(handle, line);
    for (const follower of followers) follower.onPiece(piece);
  };
  return {
    write: (stream, bytes) => {
      let waiting = rest[stream].length === 0 ? bytes : Buffer.concat([rest[stream], bytes]);
      for (;;) {
        const end = waiting.indexOf(NEW_LINE);
        if (end >= 0 && end <= MAX_LINE_BYTES) {
          put(stream, waiting.subarray(0, end), false);
          waiting = waiting.subarray(end + 1);
        } else if (waiting.length > MAX_LINE_BYTES) {
          put(stream, waiting.subarray(0, MAX_LINE_BYTES), true);
          waiting = waiting.subarray(MAX_LINE_BYTES);
        } else break;
      }
      rest[stream] = Buffer.from(waiting);
    },
    read: () => [...readPieces(`${file}.1`), ...readPieces(file)],
    follow: (onPiece, onEnd) => {
      if (handle === undefined) onEnd();
      const follower = { onPiece, onEnd };
      followers.add(follower);
      return () => void followers.delete(follower);
    },
    close: () => {
      for (const stream of ["stdout", "stderr"] as const) if (rest[stream].length > 0) put(stream, rest[stream], true);
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
      for (const { onEnd } of followers) onEnd();
      followers.clear();
    },
  };
}

function readPieces(file: string): LogPiece[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return []; // nothing was turned over yet, or the pod's folder is gone
  }
  const pieces: LogPiece[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEW_LINE, at);
    if (end < 0) break;
    const header = bytes.subarray(at, Math.min(end, at + 64)).toString("latin1");
    const [timeIso = "", stream = "", tag = ""] = header.split(" ");
    const start = at + timeIso.length + stream.length + tag.length + 3;
    pieces.push({ timeIso, isPartial: tag === "P", content: bytes.subarray(start, end) });
    at = end + 1;
  }
  return pieces;
}
