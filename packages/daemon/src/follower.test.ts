import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfiguration } from "@kubestack/configuration";
import { createLogger } from "@kubestack/runtime";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Follower } from "./follower.ts";

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-follower-"));
  file = join(dir, "config.yaml");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const master = (name: string) => ({ name, url: `http://${name}.example.org/`, token: "file:/t" });
const template = { name: "python", labels: ["python"], image: "python:3" };

// Every JSON is YAML.
function text(masters: string[], more: object = {}): string {
  return JSON.stringify({
    kubernetes: { namespace: "ci" },
    masters: masters.map(master),
    templates: [template],
    ...more,
  });
}

async function following(): Promise<Follower> {
  const source = { file, environment: {} };
  const log = createLogger({ level: "silent" });
  return new Follower({ read: await readConfiguration(source), source, log });
}

const namesIn = ({ read }: Follower) => read.configuration.masters.map(({ name }) => name);

/** What two looks say, which is how often a change has to be seen. */
async function lookTwice(follower: Follower): Promise<boolean[]> {
  return [await follower.look(), await follower.look()];
}

describe("the configuration file", () => {
  test("that stays is no news, and one that changes is, with its entries as they stand", async () => {
    await writeFile(file, text(["a"]));
    const follower = await following();
    expect(await lookTwice(follower)).toEqual([false, false]);
    await writeFile(file, text(["a", "b"], { defaults: { master: { user: "robot" } } }));
    expect(await lookTwice(follower)).toEqual([false, true]);
    expect(namesIn(follower)).toEqual(["a", "b"]);
    expect(follower.read.entries.get("b")).toEqual({ ...master("b"), user: "robot" });
    expect(await lookTwice(follower)).toEqual([false, false]);
  });

  test("of a ConfigMap is followed, though it is a link whose folder is swapped", async () => {
    const mount = async (name: string, masters: string[]): Promise<void> => {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, "config.yaml"), text(masters));
      await symlink(name, join(dir, "next"));
      await rename(join(dir, "next"), join(dir, "..data"));
    };
    await mount("..1", ["a"]);
    await symlink(join("..data", "config.yaml"), file);
    const follower = await following();
    expect(await lookTwice(follower)).toEqual([false, false]);
    await mount("..2", ["b"]);
    expect(await lookTwice(follower)).toEqual([false, true]);
    expect(namesIn(follower)).toEqual(["b"]);
  });

  test.each<[string, () => Promise<void>, RegExp]>([
    ["is no YAML", () => writeFile(file, "masters: ["), /is wrong \(line 1, column \d+: /],
    ["is gone", () => rm(file), /is wrong \(\(file\): can't be read/],
    [
      "has two faults",
      () => writeFile(file, text([], { templates: [] })),
      /is wrong \(masters = \[\]: must name at least one master, and 1 more\): what ran before goes on; kubestackcmd config check .*config\.yaml tells every fault$/,
    ],
  ])(
    "that %s leaves what runs, is told in one sentence, and is forgotten when it is sound again",
    async (_, spoil, says) => {
      await writeFile(file, text(["a"]));
      const follower = await following();
      await lookTwice(follower);
      await spoil();
      expect(await lookTwice(follower)).toEqual([false, false]);
      expect(namesIn(follower)).toEqual(["a"]);
      expect(follower.notes).toEqual([expect.stringMatching(says)]);
      await writeFile(file, text(["a", "b"]));
      expect(await lookTwice(follower)).toEqual([false, true]);
      expect(follower.notes).toEqual([]);
    },
  );

  test("with another namespace says that only a new start takes it up, and the rest is taken up", async () => {
    await writeFile(file, text(["a"]));
    const follower = await following();
    await writeFile(file, text(["b"], { kubernetes: { namespace: "other" } }));
    expect(await lookTwice(follower)).toEqual([false, true]);
    const { masters, kubernetes } = follower.read.configuration;
    expect([masters.map(({ name }) => name), kubernetes.namespace]).toEqual([["b"], "ci"]);
    expect(follower.notes).toEqual([expect.stringMatching(/has another kubernetes, which only a new start takes up/)]);
    await writeFile(file, text(["b"]));
    await lookTwice(follower);
    expect(follower.notes).toEqual([]);
  });

  test("of the original is followed, too; what is to be known of it is told once", async () => {
    const original = (...labels: string[]) =>
      JSON.stringify({
        jenkins: { external_url: "http://ci.example.org/", user: "u", pass: "hunter2" },
        kubernetes: { url: "https://10.0.0.1:6443", api_key: "hunter2" },
        labels: labels.map((name) => ({ name, image: "i" })),
      });
    await writeFile(file, original("a"), { mode: 0o644 });
    const source = { file, environment: {} };
    const log = createLogger({ level: "info", file: join(dir, "log") });
    const told = async (from = 0): Promise<{ level: string; msg: string }[]> =>
      (await readFile(join(dir, "log"), "utf8"))
        .trim()
        .split("\n")
        .slice(from)
        .map((line) => JSON.parse(line));
    const follower = new Follower({ read: await readConfiguration(source), source, log });
    await lookTwice(follower);
    expect((await told()).map(({ level, msg }) => [level, msg])).toEqual([
      ["info", expect.stringContaining("has the form of the original KubeStack")],
      ["warn", expect.stringContaining("holds passwords and everybody on this machine may read it")],
    ]);
    await writeFile(file, original("a", "b"));
    expect(await lookTwice(follower)).toEqual([false, true]);
    expect((await told(2)).map(({ msg }) => msg)).toEqual([
      "the changed configuration is taken up: templates added: b",
    ]);
    await writeFile(file, original("a", "b").replace("hunter2", "hunter3"));
    expect(await lookTwice(follower)).toEqual([false, false]);
    await writeFile(file, JSON.stringify({ ...JSON.parse(original("a")), limits: {} }));
    await lookTwice(follower);
    expect(follower.notes).toEqual([
      expect.stringMatching(/is wrong \(\(file\): mixes keys of .* with ours \(limits\); .*, best in ours\): what ran/),
    ]);
    expect(JSON.stringify(await told())).not.toContain("hunter");
  });
});
