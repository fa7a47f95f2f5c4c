import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@kubestack/contracts";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { forgetProcess, goToBackground } from "./background.ts";

let dir: string;
let script: string;
const pids: number[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-background-"));
  script = join(dir, "program.mjs");
  await writeFile(
    script,
    `console.log(["runs", ...process.argv.slice(2)].join(" ")); setInterval(() => undefined, 1000);`,
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(async () => {
  for (const pid of pids.splice(0)) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
  }
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

let files = 0;
function place() {
  files += 1;
  return { pidFile: join(dir, `state-${files}`, "pid"), logFile: join(dir, `state-${files}`, "log") };
}

async function go(of: { pidFile: string; logFile: string }, ...args: string[]): Promise<number> {
  const pid = await goToBackground({ args: [script, ...args], ...of });
  pids.push(pid);
  return pid;
}

describe("a program that goes to the background", () => {
  test("runs on with its arguments, writes its id, and logs to the file", async () => {
    const of = place();
    const pid = await go(of, "--config", "x.yaml");
    expect(await readFile(of.pidFile, "utf8")).toBe(`${pid}\n`);
    expect(isAlive(pid)).toBe(true);
    await vi.waitFor(async () => expect(await readFile(of.logFile, "utf8")).toBe("runs --config x.yaml\n"));
  });

  test("is not started a second time while the first one runs", async () => {
    const of = place();
    const pid = await go(of);
    await expect(go(of)).rejects.toSatisfy(
      (error) =>
        hasCode(error, "already-exists") &&
        error.message === `kubestackd runs already as process ${pid} (${of.pidFile}); stop it first: kill ${pid}`,
    );
  });

  test("is started again once the first one has ended", async () => {
    const of = place();
    const first = await go(of);
    process.kill(first, "SIGKILL");
    await vi.waitFor(() => expect(isAlive(first)).toBe(false));
    expect(await go(of)).not.toBe(first);
  });

  test.each([
    ["of another program, which has the number now", String(process.pid)],
    ["that says nothing", ""],
    ["that says nonsense", "-1"],
  ])("is started beside a file %s", async (_, text) => {
    const of = place();
    await go(of).then((pid) => process.kill(pid, "SIGKILL"));
    await writeFile(of.pidFile, text);
    expect(await go(of)).toBeGreaterThan(0);
  });

  test("that ends at once is told, with the file that says why", async () => {
    const of = place();
    const failing = join(dir, "failing.mjs");
    await writeFile(failing, "console.error('no nats-server'); process.exit(3);");
    await expect(goToBackground({ args: [failing], ...of })).rejects.toThrow(
      `kubestackd ended at once with code 3; ${of.logFile} says why`,
    );
    expect(await readFile(of.logFile, "utf8")).toBe("no nats-server\n");
    await expect(readFile(of.pidFile)).rejects.toThrow("ENOENT");
  });
});

describe("the file with the id", () => {
  test("goes with its process, and stays where another process wrote it", async () => {
    const { pidFile } = place();
    const file = join(dir, "own-pid");
    await writeFile(file, `${process.pid}\n`);
    await forgetProcess(file);
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    await writeFile(file, "1\n");
    await forgetProcess(file);
    expect(await readFile(file, "utf8")).toBe("1\n");
    await forgetProcess(pidFile);
  });
});
