import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { processesOf } from "./process-search.ts";
import { TakingDown } from "./taking-down.ts";

async function setup() {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "taking-down-")));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const said: string[] = [];
  const down = new TakingDown((line) => said.push(line));
  down.watchFolder(folder);
  return { folder, said, down, remove: () => rm(folder, { recursive: true }) };
}

/** A process that nobody ends. */
async function straggler(folder: string): Promise<number> {
  const child = spawn("/bin/sleep", ["1000"], { cwd: folder, stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  await vi.waitFor(() => expect(processesOf(folder)).toMatchObject([{ pid: child.pid }]));
  return child.pid ?? 0;
}

test("everything ends in the opposite order, with a word where that is worth one", async () => {
  const { down, said, remove } = await setup();
  const order: string[] = [];
  down.add("the servers", async () => void order.push("servers"));
  down.add("", remove);
  down.add("the services", async () => void order.push("services"));
  expect(await down.run()).toBe(true);
  expect(order).toEqual(["services", "servers"]);
  expect(said).toEqual(["  the services ended", "  the servers ended", "nothing was left behind"]);
});

test("what fails is said and keeps nothing else from ending", async () => {
  const { down, said, remove } = await setup();
  down.add("", remove);
  down.add("the services", async () => Promise.reject(new Error("no answer")));
  expect(await down.run()).toBe(false);
  expect(said).toEqual(["  the services: no answer", "nothing was left behind"]);
});

test("a process and a folder that are left are told, and gone afterwards", async () => {
  const { down, said, folder } = await setup();
  const pid = await straggler(folder);
  expect(await down.run()).toBe(false);
  expect(said).toEqual([
    `Process ${pid} was left and had to be killed: /bin/sleep 1000`,
    `The folder ${folder} was left and is removed now.`,
  ]);
  await vi.waitFor(() => expect(processesOf(folder)).toEqual([]));
});

test("by force nothing is asked", async () => {
  const { down, folder } = await setup();
  await straggler(folder);
  down.add("", () => new Promise(() => undefined));
  down.force();
  expect(existsSync(folder)).toBe(false);
  await vi.waitFor(() => expect(processesOf(folder)).toEqual([]));
});

test("the log of what went wrong outlives its folder", async () => {
  const { down, folder, remove } = await setup();
  const kept = join(await mkdtemp(join(tmpdir(), "kept-")), "sandbox", "failed.log");
  onTestFinished(() => rm(join(kept, "../.."), { recursive: true }));
  expect(await down.saveLog(kept)).toBe(false);
  await writeFile(join(folder, "services.log"), "a line\n");
  down.keepLog(join(folder, "services.log"));
  expect(await down.saveLog(kept)).toBe(true);
  await remove();
  expect(await readFile(kept, "utf8")).toBe("a line\n");
});
