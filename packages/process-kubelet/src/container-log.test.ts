import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openContainerLog } from "./container-log.ts";
import { chosenPieces, logRequest, pieceBytes } from "./log-request.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "log-"));
});
afterEach(() => rm(folder, { recursive: true }));

const start = Date.parse("2026-01-01T00:00:00Z");

function log(maxBytes = 1_000_000) {
  let now = start;
  const opened = openContainerLog(join(folder, "deep", "0.log"), { maxBytes, nowMs: () => now });
  const text = (query = "") => {
    const request = logRequest(new URLSearchParams(query), now);
    return chosenPieces(opened.read(), request)
      .map((piece, at, all) => pieceBytes(piece, request, all[at - 1]?.isPartial === true).toString())
      .join("");
  };
  return { opened, text, pass: (ms: number) => (now += ms) };
}

test("lines are kept in order, a piece of a line is kept when the log closes", () => {
  const { opened, text } = log();
  opened.write("stdout", Buffer.from("one\ntw"));
  opened.write("stderr", Buffer.from("bad\n"));
  opened.write("stdout", Buffer.from("o\nthree"));
  expect(text()).toBe("one\nbad\ntwo\n");
  opened.close();
  expect(text()).toBe("one\nbad\ntwo\nthree");
});

test("times, last lines and young lines", () => {
  const { opened, text, pass } = log();
  opened.write("stdout", Buffer.from("one\n"));
  pass(10_000);
  opened.write("stdout", Buffer.from("two\nthree\n"));
  expect(text("timestamps=true&tailLines=1")).toBe("2026-01-01T00:00:10.000Z three\n");
  expect(text("tailLines=2")).toBe("two\nthree\n");
  expect(text("tailLines=0")).toBe("");
  expect(text("tailLines=99")).toBe("one\ntwo\nthree\n");
  expect(text("tailLines=-1")).toBe("one\ntwo\nthree\n");
  expect(text("sinceSeconds=5")).toBe("two\nthree\n");
  expect(text("sinceTime=2026-01-01T00:00:01Z")).toBe("two\nthree\n");
});

test("a very long line is kept in pieces and read as one line", () => {
  const { opened, text } = log();
  const long = "x".repeat(40_000);
  opened.write("stdout", Buffer.from(`first\n${long}\nlast\n`));
  expect(text()).toBe(`first\n${long}\nlast\n`);
  expect(text("tailLines=2&timestamps=true")).toBe(`2026-01-01T00:00:00.000Z ${long}\n2026-01-01T00:00:00.000Z last\n`);
});

test("a log is turned over before it grows too long", () => {
  const { opened, text } = log(200);
  for (let line = 0; line < 20; line += 1) opened.write("stdout", Buffer.from(`line ${line}\n`));
  expect(text().length).toBeLessThan(200);
  expect(text()).toContain("line 19\n");
  expect(text()).not.toContain("line 1\n");
});

test("who follows is told of each line and of the end", () => {
  const { opened } = log();
  const seen: string[] = [];
  opened.follow(
    (piece) => seen.push(piece.content.toString()),
    () => seen.push("(end)"),
  );
  const leave = opened.follow(
    () => seen.push("never"),
    () => undefined,
  );
  leave();
  opened.write("stdout", Buffer.from("a\n"));
  opened.close();
  opened.follow(
    () => undefined,
    () => seen.push("(over)"),
  );
  expect(seen).toEqual(["a", "(end)", "(over)"]);
});
