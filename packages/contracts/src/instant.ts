/** The furthest instant that a calendar has, in milliseconds since the epoch. */
const furthest = 8.64e15;

/** `2026-03-04T12:00:07.120Z`; null for what is no instant of any calendar. */
export function utcInstant(at: number | null): string | null {
  return at === null || !(Math.abs(at) <= furthest) ? null : new Date(at).toISOString();
}

/**
 * An instant in a sentence that goes anywhere, to the minute: `2026-03-04T12:00Z`. Whoever shows it to a person does so in that
 * one's own time: see `showInstants`.
 */
export function utcMinute(at: number): string {
  return instant(at, "2026-03-04T12:00".length);
}

/** The same to the second: `2026-03-04T12:00:07Z`. */
export function utcSecond(at: number): string {
  return instant(at, "2026-03-04T12:00:07".length);
}

function instant(at: number, length: number): string {
  const text = utcInstant(at);
  // Years before 0 and after 9999 are longer, and nobody's.
  return text === null || text.length !== 24 ? "a time that is no time" : `${text.slice(0, length)}Z`;
}

/** The sentence with each instant in it as `show` writes it. */
export function showInstants(sentence: string, show: (at: number, to: "minute" | "second") => string): string {
  return sentence.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z/g, (text, seconds: string | undefined) => {
    const at = Date.parse(text);
    return Number.isNaN(at) ? text : show(at, seconds === undefined ? "minute" : "second");
  });
}
