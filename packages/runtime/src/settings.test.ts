import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@kubestack/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { loadSettings, type SettingsOptions } from "./settings.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-settings-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const schema = z.strictObject({
  name: z.string().default("nobody"),
  port: z.number().int().min(1).max(65_535).default(8080),
  mode: z.enum(["act", "observe"]).default("act"),
  on: z.boolean().default(true),
  list: z.array(z.strictObject({ url: z.string(), labels: z.array(z.string()).max(2).default([]) })).default([]),
  env: z.record(z.string().regex(/^[A-Z]+$/, "must be in capitals; correct it"), z.string()).default({}),
  log: z.strictObject({ level: z.string().default("info") }).prefault({}),
  token: z.string().startsWith("file:", "must be file:PATH").optional(),
});

let files = 0;
async function load(text: string, more: Partial<SettingsOptions<z.output<typeof schema>>> = {}) {
  files += 1;
  const file = join(dir, `config-${files}.yaml`);
  await writeFile(file, text);
  return loadSettings({ file, schema, environment: {}, variables: [], ...more });
}

/** The faults of a text, without the file's name. */
async function faultsOf(text: string): Promise<string[]> {
  try {
    await load(text);
  } catch (error) {
    if (!hasCode(error, "invalid-config")) throw error;
    return error.message.split("\n").slice(1);
  }
  throw new Error("nothing is wrong with it");
}

describe("what is loaded", () => {
  test("is the file over the defaults", async () => {
    expect(await load("port: 1\nlist:\n  - url: x\n")).toEqual({
      name: "nobody",
      port: 1,
      mode: "act",
      on: true,
      list: [{ url: "x", labels: [] }],
      env: {},
      log: { level: "info" },
    });
  });

  test("is the environment over the file, and the command line over both", async () => {
    const variables = [
      { path: "name", variable: "T_NAME" },
      { path: "log.level", variable: "T_LEVEL" },
      { path: "token", variable: "T_TOKEN" },
    ];
    const environment = { T_NAME: "env", T_LEVEL: "debug", T_TOKEN: "" };
    const text = "name: file\nlog: {level: warn}\ntoken: file:/t\n";
    expect(await load(text, { variables, environment })).toMatchObject({
      name: "env",
      log: { level: "debug" },
      token: "file:/t",
    });
    expect(
      await load(text, { variables, environment, overrides: { name: "arg", "log.level": undefined } }),
    ).toMatchObject({ name: "arg", log: { level: "debug" } });
    expect(await load("", { variables, environment })).toMatchObject({ name: "env", log: { level: "debug" } });
  });

  test("needs no file", async () => {
    expect(await loadSettings({ file: undefined, schema, environment: {}, variables: [] })).toMatchObject({
      port: 8080,
    });
  });

  test.each(["", "# only a comment\n", "---\n"])("is the defaults where the file holds %j", async (text) => {
    expect(await load(text)).toMatchObject({ name: "nobody" });
  });

  test("is frozen through and through", async () => {
    const settings = await load("list: [{url: x, labels: [a]}]\n");
    for (const part of [settings, settings.list, settings.list[0], settings.list[0]?.labels, settings.log])
      expect(Object.isFrozen(part)).toBe(true);
  });

  test("is prepared before it is checked", async () => {
    expect(await load("nom: x\n", { prepare: ({ nom }) => ({ name: nom }) })).toMatchObject({ name: "x" });
  });
});

describe("what is wrong", () => {
  test("is told all at once, with path, value, rule and remedy", async () => {
    const text = [
      "port: 70000",
      "mode: acting",
      'on: "yes"',
      "list:",
      "  - labels: [a, b, c]",
      "  - url: 5",
      "    urll: http://x",
      "env: {lower: x}",
      "log: quiet",
      "token: hunter2",
      "name: [a]",
      "extra: 1",
    ].join("\n");
    expect(await faultsOf(text)).toEqual([
      '  name = ["a"]',
      "      must be a text; correct it",
      "  port = 70000",
      "      must be at most 65535; correct it",
      "  mode = acting",
      "      must be one of act, observe; correct it",
      "  on = yes",
      "      must be true or false; correct it",
      "  list[0].url",
      "      is missing; give it",
      '  list[0].labels = ["a","b","c"]',
      "      must have at most 2 entries; correct it",
      "  list[1].url = 5",
      "      must be a text; correct it",
      "  list[1].urll",
      "      is not a known key; correct its spelling or remove it (docs/configuration.md lists the keys)",
      "  env.lower = x",
      "      must be in capitals; correct it",
      "  log = quiet",
      "      must be keys and values; correct it",
      "  token",
      "      must be file:PATH",
      "  extra",
      "      is not a known key; correct its spelling or remove it (docs/configuration.md lists the keys)",
    ]);
  });

  test.each([
    ["a: 1\nb: [1, 2\nc: 3\n", /^ {2}line [234], column \d+$/],
    ["name: a\nname: b\n", /^ {2}line 2, column 1$/],
    ["name: *nobody\n", /^ {2}\(file\)$/],
    ["--- \na: 1\n---\nb: 2\n", /^ {2}line 3, column 1$/],
    ["- a\n- b\n", /^ {2}\(file\)$/],
    ["just words\n", /^ {2}\(file\)$/],
  ])("in the YAML %j is told with its line", async (text, place) => {
    const [where, what] = await faultsOf(text);
    expect(where).toMatch(place);
    expect(what).toMatch(/^ {6}[^\n]+; [^\n]+$/);
    expect(what).not.toMatch(/at line|:;/);
  });

  test("is no bomb of aliases", async () => {
    const levels = Array.from(
      { length: 8 },
      (_, at) => `l${at}: &l${at} [${`*l${at - 1},`.repeat(at === 0 ? 0 : 9)} 1]`,
    );
    const [where, what] = await faultsOf(levels.join("\n"));
    expect([where, what]).toEqual(["  (file)", expect.stringContaining("aliases")]);
  });

  test("is a file that is not there, or too long", async () => {
    const missing = loadSettings({ file: join(dir, "none.yaml"), schema, environment: {}, variables: [] });
    await expect(missing).rejects.toThrow(
      /none\.yaml: 1 fault\n {2}\(file\)\n {6}can't be read \(ENOENT.*--config FILE/s,
    );
    await expect(load(`name: ${"x".repeat(4 * 1024 * 1024)}`)).rejects.toThrow("longer than 4 MiB");
  });

  test("is never a secret on the screen", async () => {
    const text = "token: hunter2\nlist: {token: hunter2}\nlog: {pas: hunter2}\n";
    expect((await faultsOf(text)).join("\n")).not.toContain("hunter2");
  });
});
