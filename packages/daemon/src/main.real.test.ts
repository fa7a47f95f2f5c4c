import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, natsServerBinary } from "@kubestack/real-parts";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { version } from "./version.ts";

const bin = fileURLToPath(new URL("../bin/kubestackd.js", import.meta.url));

let dir: string;
let binary: string;
let files = 0;
const children: ChildProcess[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-daemon-"));
  binary = await natsServerBinary();
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
  }
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [bin, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // biome-ignore lint/style/noProcessEnv: the program needs this machine's PATH, and nothing else of it.
    env: { PATH: process.env.PATH ?? "", HOME: dir, ...environment },
  });
  children.push(child);
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, out, err })));
  /** The log so far. */
  const lines = (): { level: string; msg: string; master?: string }[] =>
    err
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  const says = (words: RegExp): Promise<void> =>
    vi.waitFor(() => expect(lines().map(({ msg }) => msg)).toContainEqual(expect.stringMatching(words)), {
      timeout: 20_000,
      interval: 50,
    });
  return { child, ended, lines, says };
}

/** A configuration whose master and cluster are not there. */
async function unreachable(changed: Record<string, unknown> = {}) {
  files += 1;
  const home = join(dir, `home-${files}`);
  const [masterPort, clusterPort] = [await freePort(), await freePort()];
  const file = join(dir, `config-${files}.yaml`);
  const configuration = {
    nats: { binary, store: join(home, "store") },
    kubernetes: { namespace: "ci", url: `http://127.0.0.1:${clusterPort}`, token: "env:CLUSTER_TOKEN" },
    masters: [
      {
        name: "m",
        url: `http://127.0.0.1:${masterPort}/`,
        agentUrl: "http://master.example.org/",
        token: "env:MASTER_TOKEN",
        demand: [{ type: "jenkins-queue", interval: "500ms" }],
      },
    ],
    templates: [{ name: "python", labels: ["python"], image: "python:3" }],
    ...changed,
  };
  // Every JSON is YAML.
  await writeFile(file, JSON.stringify(configuration));
  const environment = { HOME: home, CLUSTER_TOKEN: "cluster-hunter2", MASTER_TOKEN: "master-hunter2" };
  return { file, environment, store: join(home, "store"), home };
}

/** Ids of processes whose command line holds a text. */
async function processesWith(text: string): Promise<number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(
    ids.map(async (id) => {
      const line = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      return line.replaceAll("\0", " ").includes(text) ? [id] : [];
    }),
  );
  return found.flat();
}

describe("wrong use", () => {
  test.each<[string, string[], number, RegExp]>([
    [
      "a configuration that is not there",
      ["--config", "/nonexistent/config.yaml"],
      2,
      /^kubestackd: \/nonexistent\/config\.yaml: 1 fault\n.*\n.*--config FILE/,
    ],
    [
      "an unknown service",
      ["demand-collecter"],
      2,
      /Known services: demand-collector, completion-collector, slave-supervisor, capacity-autoscaler, api\./,
    ],
    ["an unknown option", ["--confg", "x"], 2, /unknown option '--confg'/],
  ])("of %s is a sentence and exit code 2", async (_, args, code, sentence) => {
    const ended = await run(args).ended;
    expect(ended.code).toBe(code);
    expect(ended.err).toMatch(sentence);
    expect(ended.err).not.toMatch(/\n\s+at /);
  });

  test("of a master that the file does not name is a sentence and exit code 2", async () => {
    const { file, environment } = await unreachable();
    const ended = await run(["--config", file, "--masters", "m,n"], environment).ended;
    expect([ended.code, ended.err]).toEqual([2, `kubestackd: --masters: n is no master of ${file} (m); correct it\n`]);
  });

  test("of a wrong file tells all its faults, and starts nothing", async () => {
    const { file, environment, store } = await unreachable({ nodePool: [], limits: { maxSlaves: "many" } });
    const ended = await run(["--config", file], environment).ended;
    expect(ended.code).toBe(2);
    expect(ended.err).toContain("2 faults");
    await expect(readdir(store)).rejects.toThrow("ENOENT");
  });

  test("without any nats-server is a sentence and exit code 1", async () => {
    const { file, environment } = await unreachable({ nats: { binary: "/nonexistent/nats-server" } });
    const ended = await run(["--config", file], environment).ended;
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/^kubestackd: nats-server ended with code 127/m);
  });
});

describe("asked for", () => {
  test("help, it tells its use, with exit code 0", async () => {
    const ended = await run(["--help"]).ended;
    expect(ended.code).toBe(0);
    for (const words of ["Usage: kubestackd", "--config", "--masters", "--detach", "Example:"])
      expect(ended.out).toContain(words);
  });

  test("its version, it tells that", async () => {
    expect(await run(["--version"]).ended).toMatchObject({ code: 0, out: `${version}\n` });
  });
});

describe("while neither master nor cluster can be reached", () => {
  test("it stays up and says so, and ends on SIGTERM with 0 and no process left", async () => {
    const { file, environment, store } = await unreachable();
    const { child, ended, lines, says } = run(["--config", file], environment);
    await says(/kubestackd is ready/);
    await says(/^Master m /);
    await says(/^slaves can't be launched yet: /);
    expect(await processesWith(store)).not.toEqual([]);
    expect(child.exitCode).toBeNull();
    const asked = Date.now();
    child.kill("SIGTERM");
    const { code, err } = await ended;
    expect(code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(8000);
    expect(await processesWith(store)).toEqual([]);
    expect(err).not.toMatch(/hunter2|\n\s+at /);
    const about = lines().filter(({ level, master }) => master === "m" && level === "warn");
    expect(about).toHaveLength(1);
    expect(lines().at(-1)?.msg).toBe("SIGTERM: ending");
  });

  test("with an installation named, the supervisor runs and says that the cluster is away", async () => {
    const { file, environment } = await unreachable({ install: "test" });
    const { child, ended, says } = run(["--config", file, "slave-supervisor"], environment);
    await says(/slave-supervisor runs/);
    await says(/127\.0\.0\.1/);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(0);
  });

  test("a second one with the same store is refused, and the first one goes on", async () => {
    const { file, environment } = await unreachable();
    const first = run(["--config", file, "demand-collector"], environment);
    await first.says(/kubestackd is ready/);
    const second = await run(["--config", file, "demand-collector"], environment).ended;
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/kubestackd: .*is in use by the nats-server at nats:\/\/127\.0\.0\.1:\d+/);
    expect(first.child.exitCode).toBeNull();
    first.child.kill("SIGTERM");
    expect((await first.ended).code).toBe(0);
  });

  test("killed by force, it takes its nats-server along", async () => {
    const { file, environment, store } = await unreachable();
    const { ended, says } = run(["--config", file, "demand-collector"], environment);
    await says(/kubestackd is ready/);
    const [main] = (await processesWith(file)).filter((pid) => pid !== children.at(-1)?.pid);
    process.kill(main ?? 0, "SIGKILL");
    expect((await ended).code).toBe(137);
    await vi.waitFor(async () => expect(await processesWith(store)).toEqual([]), { timeout: 10_000 });
  });

  test("its nats-server ended by somebody, it ends too, and says why", async () => {
    const { file, environment, store } = await unreachable();
    const { ended, says } = run(["--config", file, "demand-collector"], environment);
    await says(/kubestackd is ready/);
    for (const pid of await processesWith(store)) process.kill(pid, "SIGKILL");
    const { code, err } = await ended;
    expect(code).toBe(1);
    expect(err).toContain("nats-server ended with");
  });
});

describe("in the background", () => {
  test("it writes its id, is not started twice, and takes the file along when it ends", async () => {
    const { file, environment, home, store } = await unreachable();
    const pidFile = join(home, ".local", "state", "kubestack", "kubestackd.pid");
    const first = await run(["-d", "--config", file], environment).ended;
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^kubestackd runs as process \d+; its log is .*kubestackd\.log\n$/),
    });
    const pid = Number(await readFile(pidFile, "utf8"));
    expect(first.out).toContain(`process ${pid};`);
    const second = await run(["-d", "--config", file], environment).ended;
    expect([second.code, second.err]).toEqual([
      1,
      `kubestackd: kubestackd runs already as process ${pid} (${pidFile}); stop it first: kill ${pid}\n`,
    ]);
    process.kill(pid, "SIGTERM");
    await vi.waitFor(async () => expect(await processesWith(store)).toEqual([]), { timeout: 15_000 });
    await vi.waitFor(async () => expect(await processesWith(file)).toEqual([]), { timeout: 15_000 });
    await expect(readFile(pidFile)).rejects.toThrow("ENOENT");
  });
});
