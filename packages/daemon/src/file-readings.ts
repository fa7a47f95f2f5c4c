/** What was seen of a file, reading after reading. A file that can't be read is `null`. */
export interface FileReadings {
  /** What was taken up, or found wrong: it need not be looked into again. Undefined: nothing was yet. */
  readonly settled: string | null | undefined;
  /** What the last reading showed. */
  readonly last: string | null | undefined;
}

export const noReadings: FileReadings = { settled: undefined, last: undefined };

/**
 * Takes a reading in, and says whether the file is to be looked into: once it is another one, and two readings in a row show
 * the same. One that is just being written would else be taken for a file without its last masters.
 */
export function afterReading(
  { settled, last }: FileReadings,
  text: string | null,
): { readings: FileReadings; isNews: boolean } {
  const isNews = text !== settled && text === last;
  return { readings: { settled: isNews ? text : settled, last: text }, isNews };
}
