/**
 * `text` with each `$(NAME)` replaced, by the rule of a container's command, args and env: a name that `lookup` does not
 * know stays as it is written, and `$$` stands for one `$` that begins nothing.
 */
export function expandReferences(text: string, lookup: (name: string) => string | undefined): string {
  let expanded = "";
  for (let at = 0; at < text.length; at += 1) {
    const next = text[at + 1];
    if (text[at] !== "$" || next === undefined) {
      expanded += text[at];
    } else if (next === "$") {
      expanded += "$";
      at += 1;
    } else if (next === "(" && text.indexOf(")", at) > 0) {
      const end = text.indexOf(")", at);
      expanded += lookup(text.slice(at + 2, end)) ?? text.slice(at, end + 1);
      at = end;
    } else {
      expanded += "$";
    }
  }
  return expanded;
}
