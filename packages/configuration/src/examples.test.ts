import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exampleFiles, templatesOfExample } from "./examples.fixture.ts";

const page = readFileSync(new URL("../../../docs/examples/README.md", import.meta.url), "utf8");

test("the page lists exactly the files that are there", () => {
  const told = [...page.matchAll(/^\| \[([^\]]+\.yaml)\]\(([^)]+)\) \|/gm)].map(([, name, link]) => [name, link]);
  expect(told.toSorted()).toEqual(exampleFiles.map((name) => [name, name]).toSorted());
});

test.each(exampleFiles)("%s is a part of a configuration, and builds may ask for its templates", async (file) => {
  const templates = await templatesOfExample(file);
  expect(templates.filter(({ labels }) => labels.length > 0)).not.toEqual([]);
});
