import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { loadConfiguration, variables } from "./load.ts";
import { isJenkins } from "./master.ts";
import { configurationSchema } from "./schema.ts";

const page = readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8");

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
}

/** Every key that may be written, as a path; of an object with keys of its own only those. */
function keysOf(shape: Shape, path: string): string[] {
  const keys = Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => {
    const at = path === "" ? name : `${path}.${name}`;
    const below = keysOf(inner, at);
    return inner.properties !== undefined ? below : [at, ...below];
  });
  const listed = shape.items === undefined ? [] : keysOf(shape.items, `${path}[]`);
  return [...keys, ...listed, ...(shape.oneOf ?? []).flatMap((one) => keysOf(one, path))];
}

test("the page lists exactly the keys that exist", () => {
  const shape = z.toJSONSchema(configurationSchema, { io: "input", unrepresentable: "any" }) as Shape;
  const told = [...page.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, path]) => path ?? "");
  expect(told.toSorted()).toEqual([...new Set(keysOf(shape, ""))].toSorted());
});

test("the page names every variable", () => {
  for (const { path, variable } of variables) expect(page).toContain(`\`${variable}\` (\`${path}\`)`);
});

test("the page's example is a configuration", async () => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const dir = await mkdtemp(join(tmpdir(), "kubestack-example-"));
  try {
    const file = join(dir, "config.yaml");
    await writeFile(file, example);
    const { install, masters, templates } = await loadConfiguration({ file, environment: {} });
    expect(install).toBe("prod-eu");
    expect(masters.filter(isJenkins).map(({ name, user }) => [name, user])).toEqual([
      ["backend", "kubestack"],
      ["legacy", "robot"],
    ]);
    expect(templates.map(({ name, idleTimeout }) => [name, idleTimeout])).toEqual([
      ["maven", 120_000],
      ["any", 120_000],
    ]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
