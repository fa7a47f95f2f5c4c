import { fold } from "./fold.ts";
import { paint, type Style } from "./paint.ts";
import type { Canvas } from "./table.ts";

/** What is to be done must be readable to its end: a sentence below its head, folded at blanks, never cut. */
export function hanging(
  head: string,
  text: string,
  { canvas, style }: { readonly canvas: Canvas; readonly style: Style },
): string[] {
  const indent = head.length + 2;
  const lines = canvas.width === undefined ? [text] : fold(text, Math.max(20, canvas.width - indent));
  return lines.map((line, at) =>
    at === 0 ? `${paint(head, style, canvas.colour)}  ${line}` : " ".repeat(indent) + line,
  );
}
