import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ownNode = fileURLToPath(new URL("../bin/own-node.js", import.meta.url));

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-own-node-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A clone of the project that holds nothing but the starter and one program; with or without its own Node. */
async function clone(program: string, { hasNode = true, how = {} } = {}): Promise<string> {
  const root = await mkdtemp(join(dir, "clone-"));
  const bin = join(root, "packages", "runtime", "bin");
  await mkdir(bin, { recursive: true });
  await copyFile(ownNode, join(bin, "own-node.js"));
  await writeFile(join(root, "package.json"), '{"type": "module"}');
  await writeFile(join(root, "program.ts"), program);
  await writeFile(
    join(root, "start.js"),
    `import { runWithOwnNode } from "./packages/runtime/bin/own-node.js"; runWithOwnNode(new URL("./program.ts", import.meta.url), ${JSON.stringify(how)});`,
  );
  if (hasNode) {
    await mkdir(join(root, "node_modules", "node", "bin"), { recursive: true });
    await symlink(process.execPath, join(root, "node_modules", "node", "bin", "node"));
  }
  return root;
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

function start(
  root: string,
  ...args: string[]
): { child: ChildProcess; ended: Promise<Ended>; says: (text: string) => Promise<void> } {
  const child = spawn(process.execPath, [join(root, "start.js"), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, XDG_CACHE_HOME: join(root, "caches") },
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once("close", (code, signal) => resolve({ code, signal, out, err })),
  );
  const says = (text: string) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (!out.includes(text)) return;
        child.stdout.off("data", look);
        resolve();
      };
      child.stdout.on("data", look);
    });
  return { child, ended, says };
}

describe("a program that is run with the project's own Node", () => {
  test("gets its arguments, runs TypeScript, and gives its exit code on", async () => {
    const root = await clone(
      "const code: number = 7; console.log(process.argv.slice(2).join(' ')); process.exit(code);",
    );
    expect(await start(root, "a", "--b").ended).toEqual({ code: 7, signal: null, out: "a --b\n", err: "" });
  });

  test("gets the flags that it asks of Node", async () => {
    const root = await clone("console.log(process.execArgv.join(' '), process.argv.slice(2).join(' '));", {
      how: { nodeFlags: ["--max-semi-space-size=8"] },
    });
    expect((await start(root, "a").ended).out).toBe("--max-semi-space-size=8 a\n");
  });

  test("is compiled once, into the folder of caches", async () => {
    const root = await clone("const one: number = 1; console.log(one);");
    const out = join(root, "caches", "kubestack", "compiled");
    await start(root).ended;
    const compiled = await readdir(out, { recursive: true });
    expect(compiled).not.toEqual([]);
    expect(await start(root).ended).toMatchObject({ code: 0, out: "1\n", err: "" });
    expect(await readdir(out, { recursive: true })).toEqual(compiled);
  });

  test("runs where nothing can be kept, too", async () => {
    const root = await clone("console.log('runs');");
    await writeFile(join(root, "caches"), "no folder");
    expect(await start(root).ended).toEqual({ code: 0, signal: null, out: "runs\n", err: "" });
  });

  test("is told of SIGTERM, and may end as it likes", async () => {
    const root = await clone(
      "process.on('SIGTERM', () => { console.log('told'); process.exit(3); }); console.log('ready'); setInterval(() => undefined, 1000);",
    );
    const { child, ended, says } = start(root);
    await says("ready");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 3, out: "ready\ntold\n" });
  });

  test("that a signal ends gives the code that a shell would", async () => {
    const root = await clone("console.log('ready'); setInterval(() => undefined, 1000);");
    const { child, ended, says } = start(root);
    await says("ready");
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 143 });
  });

  test("without that Node is a sentence", async () => {
    const root = await clone("", { hasNode: false });
    const { code, err } = await start(root).ended;
    expect([code, err]).toEqual([
      1,
      "The project's own Node is not installed; run `npm install` in the project's folder, then try again.\n",
    ]);
  });
});
