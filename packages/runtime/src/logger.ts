import { type Logger, pino } from "pino";
import { censored, censoredText } from "./censor.ts";

export type { Logger } from "pino";

export const logLevels = ["trace", "debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** One JSON line for each decision. What looks like a credential is never written, whatever hands it over. */
export function createLogger(options: { level: LogLevel; file?: string | undefined }): Logger {
  const destination = pino.destination({ dest: options.file ?? 2, sync: true });
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (object) => censored(object) as Record<string, unknown>,
      },
      hooks: {
        logMethod(said, method) {
          const words = said.map((one: unknown) => (typeof one === "string" ? censoredText(one) : one));
          method.apply(this, words as typeof said);
        },
      },
    },
    destination,
  );
}
