import { createLogger, type Logger } from "./logger.ts";

/** One line of a log, before anything is left out of it. */
export interface Line {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
}

/** A log that writes nothing down and keeps all that it is told. */
export function listeningLog(lines: Line[]): Logger {
  const log = createLogger({ level: "silent" });
  for (const level of ["debug", "info", "warn", "error"] as const)
    log[level] = (...said: unknown[]) =>
      void lines.push({
        level,
        text: said.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(" "),
      });
  return log;
}
