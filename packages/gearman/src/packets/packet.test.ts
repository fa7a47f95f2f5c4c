import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argumentsOf, encodePacket, type PacketName, PacketReader, packetTypes } from "./packet.ts";

/** As the server would send it. */
function answer(name: PacketName, ...args: readonly (string | Buffer)[]): Buffer {
  const bytes = encodePacket(name, ...args);
  bytes.write("\0RES", 0, "latin1");
  return bytes;
}

test("a request is its magic, type, length and arguments, apart by NUL", () => {
  expect(encodePacket("SUBMIT_JOB_BG", "f", "u", Buffer.from("a\0b")).toString("latin1")).toBe(
    "\0REQ\0\0\0\x12\0\0\0\x07f\0u\0a\0b",
  );
  expect(encodePacket("GRAB_JOB").toString("latin1")).toBe("\0REQ\0\0\0\x09\0\0\0\0");
});

test("a name with a NUL is refused: it would be two", () => {
  expect(() => encodePacket("SUBMIT_JOB", "a\0b", "", "")).toThrow(/NUL/);
});

test("arguments: texts, and the rest as bytes", () => {
  expect(argumentsOf(Buffer.from("H:1\0f\0a\0b"), 2)).toEqual({ texts: ["H:1", "f"], rest: Buffer.from("a\0b") });
  expect(argumentsOf(Buffer.from("H:1"), 1)).toBeUndefined();
});

describe("packets of a stream", () => {
  const names = Object.keys(packetTypes) as PacketName[];
  const packet = fc.record({ name: fc.constantFrom(...names), body: fc.uint8Array({ maxLength: 300 }) });

  test("are the same whatever pieces they come in", () => {
    fc.assert(
      fc.property(fc.array(packet), fc.integer({ min: 1, max: 50 }), (sent, size) => {
        const bytes = Buffer.concat(sent.map(({ name, body }) => answer(name, Buffer.from(body))));
        const reader = new PacketReader();
        const got = [];
        for (let at = 0; at < bytes.length; at += size) got.push(...reader.push(bytes.subarray(at, at + size)));
        expect(got).toEqual(sent.map(({ name, body }) => ({ name, body: Buffer.from(body) })));
      }),
    );
  });

  test("of a type that is not needed here have no name", () => {
    const bytes = answer("NOOP");
    bytes.writeUInt32BE(999, 4);
    expect(new PacketReader().push(bytes)).toEqual([{ name: undefined, body: Buffer.alloc(0) }]);
  });

  test.each([
    ["another protocol", Buffer.from("HTTP/1.1 400 Bad Request")],
    ["a request instead of an answer", encodePacket("NOOP")],
    ["text where a packet should begin", Buffer.concat([answer("NOOP"), Buffer.from("x")])],
  ])("%s is refused", (_, bytes) => {
    expect(() => new PacketReader().push(bytes)).toThrow(expect.objectContaining({ code: "invalid-message" }));
  });

  test("one that says it is huge is refused before it is there", () => {
    const bytes = answer("JOB_ASSIGN");
    bytes.writeUInt32BE(0xffffffff, 8);
    expect(() => new PacketReader().push(bytes)).toThrow(/4294967295 bytes/);
  });

  test("random bytes never do worse than be refused", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          new PacketReader().push(Buffer.concat([answer("NOOP"), bytes]));
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid-message" });
        }
      }),
    );
  });

  test("cost linear time, byte by byte too", () => {
    const bytes = answer("JOB_ASSIGN", Buffer.alloc(500_000));
    const reader = new PacketReader();
    const before = performance.now();
    let count = 0;
    for (let at = 0; at < bytes.length; at += 1) count += reader.push(bytes.subarray(at, at + 1)).length;
    expect(count).toBe(1);
    expect(performance.now() - before).toBeLessThan(5_000);
  });
});
