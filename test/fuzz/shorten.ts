/**
 * The input with as much left out as may be while it still `shows` the fault; what is left out is halved again and again.
 * It is tried at most `mostTries` times; default 400.
 */
export async function shortened(
  input: string,
  shows: (part: string) => Promise<boolean>,
  mostTries = 400,
): Promise<string> {
  let text = input;
  let tries = 0;
  for (let length = Math.ceil(text.length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
    for (let at = 0; at < text.length && tries < mostTries; ) {
      const part = text.slice(0, at) + text.slice(at + length);
      tries += 1;
      if (part.length < text.length && (await shows(part))) text = part;
      else at += length;
    }
  }
  return text;
}
