import { readFile } from "node:fs/promises";
import { subjectsPage } from "@kubestack/contracts";
import { metricsPage } from "@kubestack/metrics";
import { lifecyclePage } from "@kubestack/slave";
import { expect, test } from "vitest";

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
