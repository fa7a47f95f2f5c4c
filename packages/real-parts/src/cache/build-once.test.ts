import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { partsEnvironment } from "../environment.ts";
import { type PartContext, partContext } from "../part-options.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { buildOnce, cacheFolder } from "./build-once.ts";

const ENTRY = { part: "thing", version: "1.2/3 x" };

async function setup(signal?: AbortSignal): Promise<PartContext> {
  const folder = await temporaryFolder("cache-test");
  onTestFinished(() => folder.remove());
  return partContext({ signal, environment: partsEnvironment({ KUBESTACK_CACHE: folder.path }) });
}

test("an entry's folder is named after part and version, whatever is in the version", () => {
  expect(cacheFolder("/cache", ENTRY)).toBe("/cache/thing/1.2_3_x");
});

test("two who want the same entry at once build it once", async () => {
  const context = await setup();
  let builds = 0;
  const build = async (folder: string) => {
    builds += 1;
    await writeFile(join(folder, "made"), String(builds));
  };
  const folders = await Promise.all([buildOnce(ENTRY, context, build), buildOnce(ENTRY, context, build)]);
  expect(builds).toBe(1);
  expect(folders[0]).toBe(folders[1]);
  expect(await readFile(join(folders[0], "made"), "utf8")).toBe("1");
  expect(await readdir(join(context.environment.cacheDir, "thing"))).toEqual(["1.2_3_x"]);
});

test("a build that fails leaves nothing, and the next one starts afresh", async () => {
  const context = await setup();
  const failing = buildOnce(ENTRY, context, async (folder) => {
    await writeFile(join(folder, "half"), "");
    throw new Error("no disk");
  });
  await expect(failing).rejects.toThrow("no disk");
  expect(await readdir(join(context.environment.cacheDir, "thing"))).toEqual([]);
  await buildOnce(ENTRY, context, async () => undefined);
});

test("a build that was cut is not taken as whole", async () => {
  const cut = new AbortController();
  const context = await setup(cut.signal);
  const building = buildOnce(ENTRY, context, async (folder) => {
    await writeFile(join(folder, "half"), "");
    cut.abort();
  });
  await expect(building).rejects.toThrow(/abort/i);
  expect(existsSync(cacheFolder(context.environment.cacheDir, ENTRY))).toBe(false);
});

test("what a killed builder left is swept by the next build", async () => {
  const context = await setup();
  const parts = join(context.environment.cacheDir, "thing");
  await mkdir(join(parts, "1.2_3_x.building-999-abcd"), { recursive: true });
  await mkdir(join(parts, "2.0.building-999-abcd"));
  await writeFile(join(parts, "1.2_3_x.lock.4194999.abcd"), ""); // beyond the largest number a process can have
  await writeFile(join(parts, `1.2_3_x.lock.${process.pid}.abcd`), "");
  await buildOnce(ENTRY, context, async () => undefined);
  expect((await readdir(parts)).sort()).toEqual([
    "1.2_3_x",
    `1.2_3_x.lock.${process.pid}.abcd`,
    "2.0.building-999-abcd",
  ]);
});
