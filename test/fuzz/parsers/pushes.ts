import assert from "node:assert/strict";
import { readFrame, readNotice } from "@kubestack/completion-collector/testing";
import { type FuzzedParser, refusal, times } from "../parser.ts";

const content = {
  name: "lib",
  url: "job/team/job/lib/",
  build: {
    full_url: "https://ci.example.org/job/team/job/lib/7/",
    number: 7,
    phase: "FINALIZED",
    status: "SUCCESS",
    url: "job/team/job/lib/7/",
    parameters: { BRANCH: "main", "a b": "" },
    node_name: "ks-m-abcd1",
    node_description: "",
    host_name: "ci",
  },
};
const json = JSON.stringify(content);
const growing: FuzzedParser["growing"] = {
  brackets: (size) => `onFinalized {"build":${times("[", size / 2)}${times("]", size / 2)}}`,
  "open brackets": (size) => `onFinalized ${times("[", size)}`,
  parameters: (size) => `onFinalized {"build":{${times('"a":1,', size)}"b":1}}`,
  "one node": (size) => `onFinalized ${json.replace("ks-m-abcd1", times("a", size))}`,
  blanks: (size) => `onFinalized ${times(" ", size)}{}`,
  escapes: (size) => `onFinalized {"build":{"node_name":"${times("\\u0000", size)}"}}`,
};

/** Messages of the ZMQ event publisher: parts are apart by U+001F. */
export const zmqParser: FuzzedParser = {
  name: "zmq",
  isJson: true,
  samples: [`onStarted ${json}`, `onCompleted ${json}`, `onFinalized ${json}`, `onFinalized \u001f${json}`],
  words: ["onStarted ", "onFinalized", " ", "\u001f", '"build":', '"node_name":', '"full_url":', "null", "{}"],
  read: (input) => {
    const reading = readFrame(input.split("\u001f").map((part) => Buffer.from(part, "latin1")));
    if ("unreadable" in reading) {
      assert.ok(reading.unreadable.length < 100);
      return refusal;
    }
    const { node, url } = reading.notice;
    assert.ok((node ?? "").length <= 512 && (url ?? "").length <= 4096);
    return undefined;
  },
  growing,
};

/** Bodies of Jenkins' Notification plugin. */
export const notificationParser: FuzzedParser = {
  name: "notification",
  isJson: true,
  samples: [json, json.replace("FINALIZED", "STARTED"), json.replace("FINALIZED", "QUEUED")],
  words: ['"build":', '"phase":', '"full_url":', "COMPLETED", "toString", "null", "{}"],
  read: (input) => {
    const reading = readNotice(parsed(input));
    if ("unreadable" in reading) {
      assert.ok(reading.unreadable.length < 100);
      return refusal;
    }
    assert.ok((reading.notice.url ?? "").length <= 4096);
    return undefined;
  },
  growing: Object.fromEntries(
    Object.entries(growing).map(([family, make]) => [family, (size) => make(size).slice("onFinalized ".length)]),
  ),
};

/** As the server of webhooks reads a body. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
