import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { addressFileIn, publishAddress } from "./address-file.ts";

async function setup() {
  const folder = await mkdtemp(join(tmpdir(), "address-file-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return { file: addressFileIn(folder), names: () => readdir(join(folder, "sandbox")) };
}

test("the address is there while the sandbox runs", async () => {
  const { file, names } = await setup();
  const remove = await publishAddress(file, "nats://127.0.0.1:1");
  expect(await readFile(file, "utf8")).toBe("nats://127.0.0.1:1\n");
  await remove();
  await remove();
  expect(await names()).toEqual([]);
});

test("of two the last one is found, and the first one's end leaves it", async () => {
  const { file, names } = await setup();
  const removeFirst = await publishAddress(file, "nats://127.0.0.1:1");
  const removeSecond = await publishAddress(file, "nats://127.0.0.1:2");
  await removeFirst();
  expect(await readFile(file, "utf8")).toBe("nats://127.0.0.1:2\n");
  await removeSecond();
  expect(await names()).toEqual([]);
});
