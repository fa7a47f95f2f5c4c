import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestFrame, type Reading, readFrame } from "./frame.ts";

const encoder = new TextEncoder();
const read = (...parts: (string | Uint8Array)[]): Reading =>
  readFrame(parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part)));

const url = "https://ci.example.org/job/team/job/lib/7/";
/** As the publisher writes it. */
const whole = {
  name: "lib",
  url: "job/team/job/lib/",
  build: {
    full_url: url,
    number: 7,
    phase: "FINISHED",
    status: "SUCCESS",
    url: "job/team/job/lib/7/",
    parameters: { BRANCH: "main", "a b": "" },
    node_name: "ks-m-abcd1",
    node_description: "",
    host_name: "ci",
  },
};
const withBuild = (changed: object): string => JSON.stringify({ ...whole, build: { ...whole.build, ...changed } });

describe("a frame is read", () => {
  test.each<[string, string, object]>([
    ["that a build began", `onStarted ${JSON.stringify(whole)}`, { moment: "started", node: "ks-m-abcd1", url }],
    [
      "that its result is known",
      `onCompleted ${JSON.stringify(whole)}`,
      { moment: "completed", node: "ks-m-abcd1", url },
    ],
    ["that it is over", `onFinalized ${JSON.stringify(whole)}`, { moment: "finalized", node: "ks-m-abcd1", url }],
    [
      "of a pipeline, which has no node",
      `onFinalized ${withBuild({ node_name: "" })}`,
      { moment: "finalized", node: null, url },
    ],
    ["with values left out", 'onFinalized {"name":"lib","build":{}}', { moment: "finalized", node: null, url: null }],
    [
      "with null in place of values",
      `onFinalized ${withBuild({ node_name: null, full_url: null, status: null })}`,
      { moment: "finalized", node: null, url: null },
    ],
    [
      "with blanks before the JSON",
      `onStarted   ${JSON.stringify(whole)}`,
      { moment: "started", node: "ks-m-abcd1", url },
    ],
    [
      "in another encoding than UTF-8: what matters is ASCII",
      `onStarted ${withBuild({ node_description: "\u00ff" })}`,
      { moment: "started", node: "ks-m-abcd1", url },
    ],
  ])("%s", (_, frame, notice) => {
    const bytes = Uint8Array.from(frame, (character) => character.charCodeAt(0));
    expect(read(bytes)).toEqual({ notice });
  });
});

describe("a frame is not read", () => {
  const noTopic = "it begins with no known topic";
  const notTheirs = "what follows its topic is not what the publisher sends";
  test.each<[string, (string | Uint8Array)[], string]>([
    ["of no parts", [], "it has 0 parts instead of one"],
    ["of two parts", ["onFinalized", "{}"], "it has 2 parts instead of one"],
    ["that is empty", [""], noTopic],
    ["of an unknown topic", [`onDeleted ${JSON.stringify(whole)}`], noTopic],
    ["of a topic that an object inherits", ["toString {}"], noTopic],
    ["without a blank", [`onFinalized${JSON.stringify(whole)}`], noTopic],
    ["without JSON", ["onFinalized "], notTheirs],
    ["with half of its JSON", [`onFinalized ${JSON.stringify(whole).slice(0, -1)}`], notTheirs],
    ["with another JSON", ["onFinalized [1]"], notTheirs],
    ["without a build", ['onFinalized {"name":"lib"}'], notTheirs],
    ["with a node that is no text", [`onFinalized ${withBuild({ node_name: { a: 1 } })}`], notTheirs],
    [
      "with a node's name that no node can have",
      [`onFinalized ${withBuild({ node_name: "n".repeat(513) })}`],
      notTheirs,
    ],
    ["with an address that no build can have", [`onFinalized ${withBuild({ full_url: "u".repeat(4097) })}`], notTheirs],
    ["of nested arrays that go on and on", [`onFinalized ${"[".repeat(longestFrame - 12)}`], notTheirs],
    [
      "that is too long",
      [`onFinalized ${withBuild({ parameters: { A: "a".repeat(longestFrame) } })}`],
      `bytes, more than ${longestFrame}`,
    ],
  ])("%s", (_, parts, unreadable) => {
    expect(read(...parts)).toEqual({ unreadable: expect.stringContaining(unreadable) });
  });
});

describe("whatever is sent", () => {
  const isBounded = (reading: Reading): boolean =>
    "unreadable" in reading
      ? reading.unreadable.length < 100
      : (reading.notice.node ?? "").length <= 512 && (reading.notice.url ?? "").length <= 4096;

  test("as bytes or texts: it is read, or said to be unreadable, in few words", () => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: "binary" }).map((text) => encoder.encode(text)),
    );
    fc.assert(fc.property(fc.array(part, { maxLength: 3 }), (parts) => isBounded(readFrame(parts))));
  });

  test("as any JSON behind a topic, in any place of a build", () => {
    const topic = fc.constantFrom("onStarted", "onCompleted", "onFinalized", "onDeleted", "");
    const content = fc.oneof(
      fc.jsonValue(),
      fc.record({ name: fc.jsonValue(), build: fc.jsonValue() }),
      fc.record({ build: fc.record({ node_name: fc.jsonValue(), full_url: fc.jsonValue() }, { requiredKeys: [] }) }),
    );
    fc.assert(
      fc.property(topic, content, (of, value) => isBounded(read(`${of} ${JSON.stringify(value)}`))),
      { numRuns: 500 },
    );
  });

  test("of what the publisher writes, cut or changed in any one place", () => {
    const frame = encoder.encode(`onFinalized ${JSON.stringify(whole)}`);
    const place = fc.nat(frame.length - 1);
    fc.assert(
      fc.property(place, fc.nat(255), (at, byte) => {
        const changed = Uint8Array.from(frame);
        changed[at] = byte;
        return isBounded(readFrame([changed])) && isBounded(readFrame([frame.subarray(0, at)]));
      }),
      { numRuns: 500 },
    );
  });
});
