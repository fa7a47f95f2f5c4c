import { readFile } from "node:fs/promises";
import { failureClasses, subjectsPage } from "@kubestack/contracts";
import { metricsPage } from "@kubestack/metrics";
import { lifecyclePage } from "@kubestack/slave";
import { describe, expect, test } from "vitest";

/** Each generated page, and what writes it anew. */
const pages = [
  ["metrics.md", metricsPage(), "node packages/metrics/bin/write-metrics-page.ts"],
  ["slave-lifecycle.md", lifecyclePage(), "node packages/slave/bin/write-lifecycle-page.ts"],
  ["subjects.md", subjectsPage(), "node packages/contracts/bin/write-subjects-page.ts"],
] as const;

test.each(pages)("docs/%s tells what the code does now", async (name, generated, command) => {
  const written = await readFile(new URL(`../docs/${name}`, import.meta.url), "utf8").catch(() => "");
  expect(written === generated, `docs/${name} is stale: run \`${command}\``).toBe(true);
});

test("docs/failures.md has a row for each class of failure, and no other", async () => {
  const text = await readFile(new URL("../docs/failures.md", import.meta.url), "utf8");
  const [, table = ""] = text.split("\n## What failed\n");
  const rows = [
    ...(table.split("\n## ")[0] ?? "").matchAll(/^\| ([a-z][a-z-]*) \| .* \| (?:template|namespace|master) \|$/gm),
  ];
  expect(rows.map(([, name]) => name)).toEqual([...failureClasses]);
});

describe("docs/pipelines.md", () => {
  const docs = new URL("../docs/", import.meta.url);
  const page = () => readFile(new URL("pipelines.md", docs), "utf8");
  /** The rows of its tables that end with a test. */
  const rowsOf = (text: string) =>
    text.split("\n").filter((line) => line.startsWith("| ") && /\]\(\.\.\/.*\|$/.test(line));
  const linksOf = (text: string) =>
    [...text.matchAll(/\[([^\]]+)\]\((\.\.\/[^)]+\.ts)\)/g)].map(([, title = "", path = ""]) => ({ title, path }));

  test("each test that it names is there, under that title", async () => {
    const links = linksOf(await page());
    expect(links.length).toBeGreaterThan(40);
    const missing: string[] = [];
    for (const { title, path } of links) {
      const source = await readFile(new URL(path, docs), "utf8").catch(() => "");
      // A title may begin with a figure that the test fills in.
      const isThere = source.includes(JSON.stringify(title)) || source.includes(`} ${title}\``);
      if (!isThere) missing.push(`${path} has no test "${title}"`);
    }
    expect(missing).toEqual([]);
  });

  test("each row of what happens names one, and each case that was written for it has its row", async () => {
    const text = await page();
    const [, ...sections] = text.split("\n## ");
    const told = sections.filter((section) => /\| test \|$/m.test(section)).join("\n");
    const rows = told.split("\n").filter((line) => /^\| (?!what happens|---)/.test(line));
    expect(rows.filter((row) => !rowsOf(text).includes(row))).toEqual([]);
    const cases = await readFile(new URL("simulation/interrupted-builds.test.ts", import.meta.url), "utf8");
    const titles = [...cases.matchAll(/(?:^ {4}\[\s*|^ {2}test\()"([^"]+)",/gm)].map(([, title]) => title);
    expect(titles.length).toBeGreaterThan(20);
    expect(titles.filter((title) => !linksOf(text).some((link) => link.title === title))).toEqual([]);
  });
});
