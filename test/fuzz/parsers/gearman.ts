import assert from "node:assert/strict";
import { jobsWithoutLabel, RegisteredLabels, wantedBuilds, withWorkersLabels } from "@kubestack/gearman";
import {
  argumentsOf,
  LineSplitter,
  PacketReader,
  readFunctionLine,
  readVersionLine,
  readWorkerLine,
} from "@kubestack/gearman/testing";
import { type FuzzedParser, times } from "../parser.ts";

/** The bytes in pieces of no one size, as they come over a wire. */
function pieces(bytes: Buffer): Buffer[] {
  const cut: Buffer[] = [];
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 4099)
    cut.push(bytes.subarray(at, at + size));
  return cut;
}

/** What a Gearman server answers to `status`, `workers` and `version`, line by line, and what is made of it. */
export const gearmanLinesParser: FuzzedParser = {
  name: "gearman-lines",
  samples: [
    "build:lib:linux\t2\t1\t1\nbuild:lib\t1\t0\t0\nstop:host\t0\t0\t1\n.\n",
    "36 127.0.0.1 worker-1 : build:lib:linux build:two words:gpu stop:host\n37 ::1 - :\n.\n",
    "OK 1.1.20\n",
    "ERR UNKNOWN_COMMAND Unknown+server+command\r\n",
  ],
  words: [
    "build:",
    ":",
    "\t",
    "\n",
    "\r\n",
    ".",
    " : ",
    " ",
    "stop:",
    "set_description:",
    "0",
    "9999999999",
    "OK ",
    "ERR ",
  ],
  read: (input) => {
    const splitter = new LineSplitter();
    const lines: string[] = [];
    for (const piece of pieces(Buffer.from(input, "latin1"))) splitter.push(piece, (line) => lines.push(line) > 0);
    assert.ok(lines.join("").length <= input.length);
    const builds = lines.flatMap((line) => {
      readVersionLine(line);
      const count = readFunctionLine(line);
      return (count && wantedBuilds(count)) ?? [];
    });
    const labels = new RegisteredLabels(new Set([...jobsWithoutLabel(builds), "lib"]));
    for (const line of lines) {
      const row = readWorkerLine(line);
      if (row !== undefined) labels.saw(row);
    }
    for (const { total } of withWorkersLabels(builds, labels)) assert.ok(Number.isSafeInteger(total) && total > 0);
  },
  growing: {
    functions: (size) => times("build:lib:linux\t2\t1\t1\n", size),
    "one line": (size) => times("a", size),
    "empty lines": (size) => times("\n", size),
    "names of one worker": (size) => `1 a b : ${times("build:lib:a ", size)}\n`,
    "words of one name": (size) => `1 a b : build:${times("a ", size)}\n`,
    labels: (size) => Array.from({ length: size / 20 }, (_, at) => `1 a b : build:lib:${at}\n`).join(""),
    tabs: (size) => `${times("\t", size)}\n`,
    marks: (size) => `1 ${times(" :", size)}\n`,
  },
  longest: 2 * 1024 * 1024,
};

const packet = (type: number, ...args: string[]): string => {
  const body = Buffer.from(args.join("\0"), "latin1");
  const header = Buffer.from("\0RES\0\0\0\0\0\0\0\0", "latin1");
  header.writeUInt32BE(type, 4);
  header.writeUInt32BE(body.length, 8);
  return Buffer.concat([header, body]).toString("latin1");
};

/** Packets of a Gearman server, whole and in pieces. */
export const gearmanPacketsParser: FuzzedParser = {
  name: "gearman-packets",
  samples: [
    packet(6) + packet(10),
    packet(11, "H:host:1", "build:lib:linux", '{"a":1}'),
    packet(8, "H:host:1") + packet(13, "H:host:1", "done"),
    packet(19, "ERR", "text"),
  ],
  words: ["\0RES", "\0REQ", "\0", "\0\0\0\u000b", "\0\0\0\0", "\0\0\0\u0001", "\u00ff\u00ff\u00ff\u00ff", "H:host:1"],
  read: (input) => {
    const bytes = Buffer.from(input, "latin1");
    const reader = new PacketReader();
    let length = 0;
    for (const piece of pieces(bytes)) {
      for (const { body } of reader.push(piece)) {
        length += 12 + body.length;
        argumentsOf(body, 1);
        argumentsOf(body, 2);
      }
    }
    assert.ok(length <= bytes.length);
  },
  growing: {
    "empty packets": (size) => times(packet(6), size),
    packets: (size) => times(packet(11, "H:host:1", "build:lib:linux", "{}"), size),
    "one packet": (size) => packet(13, "H:host:1", times("a", size)),
    "one packet that does not end": (size) => packet(13, times("a", size + 1)).slice(0, -1),
    arguments: (size) => packet(11, times("\0", size)),
  },
  longest: 4 * 1024 * 1024,
};
