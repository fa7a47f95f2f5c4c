import type { LogPiece } from "./container-log.ts";

/** What the reader of a log asked for. */
export interface LogRequest {
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines: number | undefined;
  readonly limitBytes: number | undefined;
  readonly sinceIso: string | undefined;
}

/** Reads the query of a `containerLogs` request; what is no number is as if it were not there. */
export function logRequest(query: URLSearchParams, nowMs: number): LogRequest {
  const sinceSeconds = countOf(query.get("sinceSeconds"));
  const sinceTime = Date.parse(query.get("sinceTime") ?? "");
  const since = sinceSeconds === undefined ? sinceTime : nowMs - sinceSeconds * 1000;
  return {
    follow: query.get("follow") === "true",
    previous: query.get("previous") === "true",
    timestamps: query.get("timestamps") === "true",
    tailLines: countOf(query.get("tailLines")),
    limitBytes: countOf(query.get("limitBytes")),
    sinceIso: Number.isNaN(since) ? undefined : new Date(since).toISOString(),
  };
}

function countOf(text: string | null): number | undefined {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** The bytes of one piece as its reader sees them: a partial piece has no line end, its next one no time. */
export function pieceBytes(piece: LogPiece, request: LogRequest, isContinued: boolean): Buffer {
  const time = request.timestamps && !isContinued ? `${piece.timeIso} ` : "";
  return Buffer.concat([Buffer.from(time), piece.content, Buffer.from(piece.isPartial ? "" : "\n")]);
}

/** The pieces that a reader gets of those that are kept: not older than asked, and the last lines only. */
export function chosenPieces(pieces: readonly LogPiece[], request: LogRequest): readonly LogPiece[] {
  const since = request.sinceIso;
  const young = since === undefined ? pieces : pieces.filter((piece) => piece.timeIso >= since);
  if (request.tailLines === undefined) return young;
  let lines = 0;
  let start = young.length;
  while (start > 0) {
    const isLineEnd = start === young.length || young[start - 1]?.isPartial === false;
    if (isLineEnd) {
      if (lines === request.tailLines) break;
      lines += 1;
    }
    start -= 1;
  }
  return young.slice(start);
}
