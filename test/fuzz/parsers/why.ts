import assert from "node:assert/strict";
import { readWhy } from "@kubestack/jenkins";
import { type FuzzedParser, times } from "../parser.ts";

const whole = "Waiting for next available executor";

/** Why an item waits, in the words of every generation of masters. */
export const whyParser: FuzzedParser = {
  name: "why",
  samples: [
    whole,
    `${whole} on linux&&jdk21`,
    `${whole} on ‘linux&&jdk21’`,
    `${whole} on 'ks-m-abcd1'`,
    `${whole} on "a b"||c`,
    "All nodes of label ‘linux’ are offline",
    "All nodes of label linux are offline",
    "There are no nodes with the label ‘gpu’",
    "There are no nodes with label gpu",
    "‘node-1’ is offline; ‘node-2’ doesn’t have label ‘gpu’; ‘node-3’ is reserved for jobs with matching label expression",
    "node-1 doesn't have label gpu; node-2 is offline; ... and 17 more",
    "‘node-1’ is not accepting tasks",
    "‘robot’ lacks permission to run on ‘node-1’",
    "Jenkins is about to shut down",
    "Hudson is about to shut down",
    "In the quiet period. Expires in 4.9 sec",
    "Finished waiting",
    "???",
    "Build #3 is already in progress (ETA: 5 min 2 sec)",
    "A build is already in progress",
    "Upstream project team » lib is already building.",
    "Blocked by team » lib",
    "Must run on node-1 not node-2",
  ],
  words: [
    whole,
    " on ",
    "‘",
    "’",
    "'",
    '"',
    "; ",
    "... and 1 more",
    " is offline",
    " doesn’t have label ",
    "All nodes of label ",
  ],
  read: (input) => {
    for (const isNode of [() => false, () => true]) {
      const { label, node } = readWhy(input, isNode);
      assert.ok((label ?? "").length <= 4096 && (node ?? "").length <= 4096);
    }
  },
  growing: {
    parts: (size) => times("‘a’ is offline; ", size),
    "empty parts": (size) => times("; ", size),
    quotes: (size) => `${whole} on ${times("‘", size / 2)}${times("’", size / 2)}`,
    blanks: (size) => `${whole} on ${times(" ", size)}x`,
    "one word again": (size) => times(" doesn’t have label", size),
    "numbers without end": (size) => `Build #${times("7", size)} is already in progress`,
  },
  longest: 1024 * 1024,
};
