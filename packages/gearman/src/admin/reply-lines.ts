/** How one function of the server stands. */
export interface FunctionCount {
  readonly name: string;
  /** Jobs that wait **and** jobs that run. */
  readonly total: number;
  readonly running: number;
  /** Workers that have registered for it. */
  readonly workers: number;
}

/** One connection to the server. Those that registered nothing are clients. */
export interface WorkerRow {
  readonly clientId: string;
  /** What it registered, in the server's order, as one text: names are apart by blanks, and may hold blanks. */
  readonly functions: string;
}

/** Names longer than this are nobody's, in characters. */
const longestName = 1024;

/** One line of the answer to `status`: four columns, apart by tabs. Undefined where it is none. */
export function readFunctionLine(line: string): FunctionCount | undefined {
  const columns = line.split("\t", 5);
  const [name = "", ...counts] = columns;
  if (columns.length !== 4 || name === "" || name.length > longestName) return undefined;
  const [total, running, workers] = counts.map(readCount);
  if (total === undefined || running === undefined || workers === undefined) return undefined;
  return { name, total, running, workers };
}

function readCount(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** One line of the answer to `workers`: `FD IP CLIENT-ID : FUNCTION …`. Undefined where it is none. */
export function readWorkerLine(line: string): WorkerRow | undefined {
  const first = line.indexOf(" ");
  const second = line.indexOf(" ", first + 1);
  if (first < 1 || second < 0 || !/^-?\d{1,10}$/.test(line.slice(0, first))) return undefined;
  const mark = line.indexOf(" :", second);
  if (mark < 0 || (line.length > mark + 2 && line[mark + 2] !== " ")) return undefined;
  return { clientId: line.slice(second + 1, mark), functions: line.slice(mark + 3) };
}

/** The answer to `version`: `OK 1.1.20`. Undefined where it is none. */
export function readVersionLine(line: string): string | undefined {
  return /^OK ([!-~]{1,100})$/.exec(line)?.[1];
}
