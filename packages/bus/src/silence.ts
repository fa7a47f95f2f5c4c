/**
 * What a source gives, one after the other. Raises where it gives nothing for so long, in milliseconds, and has not ended:
 * a stream that was deleted while it was read never says so.
 */
export async function* unlessSilent<T>(source: AsyncIterable<T>, silentMs: number): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const silence = Promise.withResolvers<never>();
    const timer = setTimeout(() => silence.reject(new Error(`nothing came for ${silentMs} ms`)), silentMs);
    const next = await Promise.race([iterator.next(), silence.promise]).finally(() => clearTimeout(timer));
    if (next.done === true) return;
    yield next.value;
  }
}
