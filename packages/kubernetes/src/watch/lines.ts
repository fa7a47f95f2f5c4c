/** A line that is longer than allowed; what follows it cannot be trusted to start at a line's beginning. */
export class LineTooLong extends Error {
  constructor(limitBytes: number) {
    super(`a watch event is longer than ${limitBytes} bytes`);
    this.name = "LineTooLong";
  }
}

/**
 * Cuts a byte stream into lines. A rest without line end, as a cut connection leaves it, is dropped: its event comes again.
 * Raises LineTooLong past `limitBytes`.
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, limitBytes: number): AsyncGenerator<string> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      if (pendingBytes + end > limitBytes) throw new LineTooLong(limitBytes);
      pending.push(rest.subarray(0, end));
      const line = Buffer.concat(pending).toString("utf8");
      pending = [];
      pendingBytes = 0;
      rest = rest.subarray(end + 1);
      if (line.trim() !== "") yield line;
    }
    pendingBytes += rest.length;
    if (pendingBytes > limitBytes) throw new LineTooLong(limitBytes);
    if (rest.length > 0) pending.push(rest);
  }
}
