import type { TemplateBookTold } from "@kubestack/contracts";
import { expect, test } from "vitest";
import { mergedBook } from "./book.ts";

const template = (name: string, from = "file") => ({ name, from, labels: [name], unlabelled: false, masters: ["*"] });
const fault = (sentence: string) => ({ from: "applied", template: null, sentence });
const book = (rest: Partial<TemplateBookTold>): TemplateBookTold => ({
  templates: [],
  faults: [],
  moreFaults: 0,
  ...rest,
});

test("what several processes tell is one list: of each template the first one's word, and each fault once", () => {
  const first = book({ templates: [template("a"), template("b", "applied")], faults: [fault("x")] });
  const second = book({ templates: [template("b"), template("c")], faults: [fault("x"), fault("y")], moreFaults: 2 });
  expect(mergedBook([first, second])).toEqual({
    templates: [template("a"), template("b", "applied"), template("c")],
    faults: [fault("x"), fault("y")],
    moreFaults: 2,
  });
  expect(mergedBook([])).toBeUndefined();
});
