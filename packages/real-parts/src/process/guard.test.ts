import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { processStart } from "./process-start.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const MODULES = {
  start: new URL("./start-process.ts", import.meta.url).href,
  folder: new URL("./temporary-folder.ts", import.meta.url).href,
};

/** A parent that starts a group of two, one of which ignores SIGTERM, in a temporary folder, tells their numbers, and then does `rest`. */
function parentScript(rest: string): string {
  return `
    import { readFileSync, existsSync } from "node:fs";
    const { startProcess } = await import(${JSON.stringify(MODULES.start)});
    const { temporaryFolder } = await import(${JSON.stringify(MODULES.folder)});
    const { path } = await temporaryFolder("guard test");
    const running = await startProcess({
      name: "child", command: "/bin/sh", cwd: path, env: { PATH: "/usr/bin:/bin" }, logFile: path + "/log",
      args: ["-c", "(trap '' TERM; echo up > second; while :; do sleep 1; done) & echo $! > number; wait"],
      isReady: () => existsSync(path + "/second") && /^\\d+\\n$/.test(existsSync(path + "/number") ? readFileSync(path + "/number", "utf8") : ""),
    });
    const second = Number(readFileSync(path + "/number", "utf8"));
    console.log(JSON.stringify({ path, pids: [running.pid, second] }));
    ${rest}
  `;
}

interface World {
  readonly path: string;
  readonly pids: number[];
}

async function startParent(rest: string): Promise<{ parent: ReturnType<typeof spawn>; world: World }> {
  const scratch = await temporaryFolder("guard");
  onTestFinished(() => scratch.remove());
  const parent = spawn(process.execPath, ["--input-type=module", "-e", parentScript(rest)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void parent.kill("SIGKILL"));
  const [line] = (await once(parent.stdout, "data")) as [Buffer];
  return { parent, world: JSON.parse(line.toString()) as World };
}

function isAlive(pid: number): boolean {
  return processStart(pid) !== "gone";
}

async function expectNothingLeft(world: World): Promise<void> {
  await vi.waitFor(
    () => {
      expect(world.pids.filter(isAlive)).toEqual([]);
      expect(existsSync(world.path)).toBe(false);
    },
    { timeout: 15_000, interval: 50 },
  );
}

test("children and temporary folders do not outlive a parent that is killed", async () => {
  const { parent, world } = await startParent("setInterval(() => {}, 1000);");
  expect(world.pids.filter(isAlive)).toHaveLength(2);
  expect(existsSync(join(world.path, "log"))).toBe(true);
  parent.kill("SIGKILL");
  await expectNothingLeft(world);
}, 20_000);

test("nor one that ends without stopping them", async () => {
  const { parent, world } = await startParent("process.exit(0);");
  if (parent.exitCode === null) await once(parent, "exit");
  await expectNothingLeft(world);
}, 20_000);

test("nor one whose guard was killed first", async () => {
  const { parent, world } = await startParent(`
    const { execFileSync } = await import("node:child_process");
    const guards = execFileSync("ps", ["-o", "pid=,args=", "--ppid", String(process.pid)], { encoding: "utf8" })
      .split("\\n").filter((line) => line.includes("no-group")).map((line) => parseInt(line, 10));
    if (guards.length !== 1) throw new Error("expected one guard");
    process.kill(guards[0], "SIGKILL");
    setInterval(() => {}, 1000);
    setTimeout(() => process.kill(process.pid, "SIGKILL"), 300);
  `);
  if (parent.exitCode === null && parent.signalCode === null) await once(parent, "exit");
  await expectNothingLeft(world);
}, 20_000);
