import assert from "node:assert/strict";
import { isSatisfiedBy, isSatisfiedByAbsence, parseLabelExpression, printLabelExpression } from "@kubestack/demand";
import { type FuzzedParser, times } from "../parser.ts";

const labels = new Set(["linux", "jdk21", "a", "b"]);

/** Label expressions: read, held against a node's labels, and printed in a form that means the same. */
export const labelExpressionParser: FuzzedParser = {
  name: "label-expression",
  samples: [
    "linux",
    "linux && jdk21",
    "linux&&(docker||podman)&&!windows",
    '"a label" -> !(b <-> c)',
    '!!a || !(!b && "c\\"d")',
    "a-b->c",
    "master",
  ],
  words: ["&&", "||", "->", "<->", "!", "(", ")", '"', "\\", " ", "a", "-", "linux", "'", "&", "|", "<", ">"],
  read: (input) => {
    const expression = parseLabelExpression(input);
    const isSatisfied = isSatisfiedBy(expression, labels);
    const again = parseLabelExpression(printLabelExpression(expression));
    // What is no expression is one label, and may be one that can't be written at all, or not at that length.
    if (input.length <= 1000 && expression.kind !== "label") {
      assert.equal(isSatisfiedBy(again, labels), isSatisfied);
      assert.equal(isSatisfiedByAbsence(again), isSatisfiedByAbsence(expression));
    }
  },
  growing: {
    brackets: (size) => `${times("(", size / 2)}a${times(")", size / 2)}`,
    "open brackets": (size) => times("(", size),
    negations: (size) => `${times("!", size)}a`,
    operators: (size) => `a${times("&&a", size)}`,
    "operators alone": (size) => times("&&", size),
    "one label": (size) => times("a", size),
    dashes: (size) => times("-", size),
    quotes: (size) => times('"', size),
    "an open quote": (size) => `"${times("\\\\", size)}`,
    blanks: (size) => `a${times(" ", size)}`,
  },
  longest: 4096,
};
