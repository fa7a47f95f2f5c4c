import { spawn } from "node:child_process";
import { mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { environment } from "@kubestack/runtime";
import { expect, onTestFinished, test, vi } from "vitest";
import { processesOf } from "./process-search.ts";
import { sampleJobs } from "./sample-jobs.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const limitMs = 240_000;
/** From Ctrl-C to the last process gone. */
const endLimitMs = 15_000;

/** `npm start` as a group of its own, with a folder of its own for everything temporary. */
async function npmStart(args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "npm-start-")));
  const child = spawn("npm", ["start", "--", ...args], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...environment, TMPDIR: folder, ...more },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const group = child.pid ?? 0;
  onTestFinished(async () => {
    for (const { pid } of processesOf(folder)) process.kill(pid, "SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  return {
    said: () => said,
    ended,
    folder,
    says: (pattern: RegExp) => vi.waitFor(() => expect(said).toMatch(pattern), { timeout: limitMs, interval: 20 }),
    /** As a terminal does it: to the whole group. */
    pressCtrlC: () => process.kill(-group, "SIGINT"),
    /** What exists because of it (each of its processes has its folder in the environment); npm keeps a cache of its own. */
    present: async () => ({
      processes: processesOf(folder),
      folders: (await readdir(folder)).filter((name) => /^kubestack-(?!install-)/.test(name)),
    }),
  };
}

const nothing = { processes: [], folders: [] };

test(
  "npm start -- --once runs every sample build, says what came of them, and leaves nothing",
  async () => {
    const run = await npmStart(["--once"]);
    const code = await run.ended;
    expect(await run.present(), run.said()).toEqual(nothing);
    expect(code, run.said()).toBe(0);
    for (const { name, label, expected } of sampleJobs) {
      const shown = expected === "SUCCESS" ? "SUCCESS" : `${expected} \\(expected\\)`;
      expect(run.said()).toMatch(new RegExp(`^${name} +${label} +${shown} +ks-sandbox-\\w+( +\\d+\\.\\d){3}$`, "m"));
    }
    expect(run.said()).toMatch(/^queue read to pod created: median \d+ ms, most \d+ ms$/m);
    expect(run.said()).toMatch(/^rounds: interval 2 s, longest \d+\.\d s$/m);
    const count = sampleJobs.length;
    expect(run.said()).toContain(`pods created ${count} = Secrets created ${count} = builds ${count}`);
    expect(run.said()).toMatch(/^nothing was left behind$/m);
  },
  limitMs,
);

test.each([
  { moment: "before anything is there", args: [], when: /Starting a sandbox/ },
  { moment: "while parts start", args: [], when: /nats-server: ready/ },
  {
    moment: "while the services start",
    args: [],
    when: /node: ready[\s\S]*master: ready|master: ready[\s\S]*node: ready/,
  },
  { moment: "while builds run", args: [], when: /#1 runs on ks-/ },
  { moment: "while all is taken down", args: ["--once"], when: /Taking everything down/ },
])(
  "Ctrl-C $moment leaves no process and no folder",
  async ({ args, when }) => {
    const run = await npmStart(args);
    await run.says(when);
    const pressedAt = performance.now();
    run.pressCtrlC();
    await run.ended;
    await vi.waitFor(async () => expect(await run.present()).toEqual(nothing), { timeout: endLimitMs, interval: 50 });
    expect(performance.now() - pressedAt, run.said()).toBeLessThan(endLimitMs);
    expect(run.said()).not.toMatch(/^ {4}at /m);
  },
  limitMs,
);

test(
  "a part that dies is told in a sentence, and all the rest is taken down",
  async () => {
    const run = await npmStart();
    await run.says(/#1 runs on ks-/);
    const server = processesOf(run.folder).find(({ command }) => command.includes("kube-apiserver"));
    expect(server).toBeDefined();
    if (server !== undefined) process.kill(server.pid, "SIGKILL");
    expect(await run.ended).toBe(1);
    expect(run.said()).toMatch(/^The kube-apiserver ended by itself \(SIGKILL\)\.$/m);
    expect(await run.present()).toEqual(nothing);
  },
  limitMs,
);

test("what is missing and can't be installed is told in one sentence", async () => {
  const empty = await realpath(await mkdtemp(join(tmpdir(), "no-parts-")));
  onTestFinished(() => rm(empty, { recursive: true, force: true }));
  const program = fileURLToPath(new URL("./main.ts", import.meta.url));
  const child = spawn(process.execPath, [program], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: empty, HOME: empty, TMPDIR: empty, KUBESTACK_CACHE: join(empty, "cache") },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(1);
  expect(said).toContain("npm start -- --config FILE");
  expect(said).not.toMatch(/^ {4}at /m);
});
