import { retentionNames } from "@kubestack/templates";

/**
 * Until when a pod is kept, in milliseconds since 1970; undefined where it is not. People may write another instant on it; a text
 * that is none is one that is over.
 */
export function retainedUntil(annotations: Readonly<Record<string, string>> | undefined): number | undefined {
  const told = annotations?.[retentionNames.until];
  return told === undefined ? undefined : Date.parse(told) || 0;
}

/** What is written on a pod that is kept. */
export function retentionMarks(until: number, because: string): Record<string, string> {
  return { [retentionNames.until]: new Date(until).toISOString(), [retentionNames.because]: because };
}
