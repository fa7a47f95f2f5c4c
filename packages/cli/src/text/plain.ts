/**
 * A text as one line that can't steer a terminal: job names and the sentences of masters and clusters are other people's
 * words. Line ends and tabs become blanks; control and invisible formatting characters go.
 */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[\p{Cc}\p{Cf}]/gu, "")
    .trim();
}
