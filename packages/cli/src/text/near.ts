/** So many names are told at most. */
const toldNames = 10;

/** Names that may have been meant: those a slip or two away or that hold it, the nearest first. */
export function nearNames(name: string, names: readonly string[]): string[] {
  const most = Math.max(1, Math.floor(name.length / 3));
  const wanted = name.toLowerCase();
  return names
    .map((one) => ({ one, slips: one.toLowerCase().includes(wanted) ? 0.5 : slipsBetween(wanted, one.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips)
    .slice(0, 3)
    .map(({ one }) => one);
}

/** Ends a sentence that says a name is nobody's: what may have been meant, else what there is. */
export function meantInstead(name: string, names: readonly string[]): string {
  const near = nearNames(name, names);
  if (near.length > 0) return `did you mean ${near.join(" or ")}?`;
  if (names.length === 0) return "there is none.";
  const more = names.length > toldNames ? `, … (${names.length})` : "";
  return `there ${names.length === 1 ? "is" : "are"} ${names.slice(0, toldNames).join(", ")}${more}.`;
}

/** How many letters have to be written, left out or changed to make one of the other (Levenshtein). */
function slipsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let at = 1; at <= b.length; at += 1) {
      const changed = (above[at - 1] ?? 0) + (a[row - 1] === b[at - 1] ? 0 : 1);
      line.push(Math.min(changed, (above[at] ?? 0) + 1, (line[at - 1] ?? 0) + 1));
    }
    above = line;
  }
  return above.at(-1) ?? 0;
}
