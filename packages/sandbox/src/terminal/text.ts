/** How a piece of text is shown where colours are. */
export type Tone = "plain" | "dim" | "strong" | "good" | "bad" | "lively";

const codes: Readonly<Record<Tone, string>> = {
  plain: "",
  dim: "2",
  strong: "1",
  good: "32",
  bad: "31",
  lively: "36",
};

export function paint(text: string, tone: Tone): string {
  return tone === "plain" || text.trim() === "" ? text : `\u001b[${codes[tone]}m${text}\u001b[0m`;
}

/** At most `width` characters in one line; what is cut ends with an ellipsis. Nothing in it can move the cursor. */
export function clip(text: string, width: number): string {
  const characters = [...text.replaceAll(/\p{C}+/gu, " ")];
  if (characters.length <= width) return characters.join("");
  return width < 1 ? "" : `${characters.slice(0, width - 1).join("")}…`;
}

/** For people who watch: `7s`, `2m05s`, `1h02m`. */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, "0")}m`;
}

/** With tenths, for columns of seconds: `3.4`; a dash where it is not known. */
export function seconds(ms: number | null): string {
  return ms === null ? "–" : (Math.max(0, ms) / 1000).toFixed(1);
}

/** The local time of day to the millisecond. */
export function timeOfDay(at: number): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, "0");
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(":");
  return `${clock}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
