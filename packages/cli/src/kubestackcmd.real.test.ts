import { type ChildProcess, spawn } from "node:child_process";
import { copyFile, link, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Bus, type NatsServer, startNatsServer } from "@kubestack/bus";
import {
  type ApplyRequest,
  channels,
  commands,
  type DeleteTemplateRequest,
  type ForgetRequest,
  KubestackError,
  type LiftRequest,
  type OrderRequest,
  subjects,
} from "@kubestack/contracts";
import { plan, slaveEvent } from "@kubestack/explain/testing";
import { natsServerBinary } from "@kubestack/real-parts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { connectWorld, fillEvents, fillWorld, serveWorld, tell } from "./world.fixture.ts";

const bin = fileURLToPath(new URL("../bin/kubestackcmd.js", import.meta.url));

let dir: string;
let server: NatsServer;
let bus: Bus;
/** Another Node than the project's own, as far as the program can tell: it has to start the project's. */
let otherNode: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-cli-"));
  otherNode = join(dir, "node");
  await link(process.execPath, otherNode).catch(() => copyFile(process.execPath, otherNode));
  server = await startNatsServer({ binary: await natsServerBinary(), storeDir: join(dir, "nats") });
  bus = await connectWorld(server.url);
  const now = Date.now();
  await fillWorld(bus, now);
  await fillEvents(bus, now);
});

afterAll(async () => {
  await bus?.close();
  await server?.stop();
  await rm(dir, { recursive: true, force: true });
});

interface Running {
  readonly child: ChildProcess;
  out(): string;
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
}

function start(
  args: string[],
  options: { node?: string; env?: Record<string, string>; program?: string } = {},
): Running {
  const { node = process.execPath, program = bin } = options;
  const env = { KUBESTACK_CACHE: dir, KUBESTACK_NATS: server.url, HOME: dir, PATH: "/usr/bin:/bin", ...options.env };
  const child = spawn(node, [program, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let [out, err] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<Awaited<Running["ended"]>>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, out: () => out, ended };
}

const call = (args: string[], options?: Parameters<typeof start>[1]) => start(args, options).ended;

describe("list", () => {
  test("is a table, through the project's own Node whatever Node starts it", async () => {
    const [direct, started] = await Promise.all([call(["list"]), call(["slaves"], { node: otherNode })]);
    for (const { code, out, err } of [direct, started]) {
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out.split("\n").map((line) => line.split(" ")[0])).toEqual([
        "SLAVE",
        "ks-backend-9d0xqa",
        "ks-backend-7f3k2p",
        "ks-backend-1m8zrt",
        "ks-backend-5c2nnd",
        "ks-mobile-0kk4ve",
        "",
      ]);
      expect(out).toContain("node: 0/41 nodes are available: 38 Insufficient cpu, 3 untolerated taint");
      expect(out).toContain("shop/payments-it #811");
      expect(out).not.toContain("\u001b");
    }
  });

  test("filters, and gives data to programs", async () => {
    const { out } = await call(["list", "--all", "--master", "mobile", "--state", "!draining", "-o", "json"]);
    expect(JSON.parse(out)).toMatchObject([{ name: "ks-mobile-01aaaa", state: "deleted", outcome: "failed" }]);
    expect((await call(["list", "--state", "deleted", "-o", "yaml"])).out).toContain("- name: ks-mobile-01aaaa\n");
    expect((await call(["list", "--template", "docker"])).out.split("\n")).toHaveLength(3);
    const none = await call(["list", "--master", "none"]);
    expect(none).toMatchObject({ code: 0, out: "", err: expect.stringContaining("No slaves of that kind") });
  });
});

describe("status", () => {
  test("with nobody answering it says so, what to start, and exits 1", async () => {
    const { code, out } = await call(["status"]);
    expect(code).toBe(1);
    for (const service of ["demand-collector", "completion-collector", "slave-supervisor"])
      expect(out).toContain(`FIX  ${service}: nobody answers; start it: kubestackd ${service}\n`);
  });

  test("shows masters, why builds wait, what is not ours, and what to mend", async () => {
    const end = await serveWorld(bus, Date.now());
    onTestFinished(end);
    const { code, out, err } = await call(["status"], { node: otherNode });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = out.split("\n");
    expect(lines[0]).toBe("prod-eu 0.1.0   1 master refused      5 slaves · cluster ok · NATS ok");
    expect(lines[2]).toMatch(/^backend +ok +5 .* 2 +1 +1 +0 {2}kubestackd-1a2b3c4d$/);
    expect(lines[4]).toMatch(/^payments +refused +\? +–/);
    expect(out).toMatch(/^slave on its way \(1 image, 1 node\) · backend +2 /m);
    expect(out).toMatch(/^template gpu is held: .*ErrImagePull.* 1 /m);
    expect(out).toContain("NOT OURS  1 build that no template serves: 1 wants 'win2012'");
    expect(out).toMatch(/^FIX {2}payments refused since .*401/m);
    const data = JSON.parse((await call(["status", "-o", "json"])).out);
    expect(data).toMatchObject({ install: "prod-eu", slaves: 5, troubles: ["1 master refused"] });
    expect(data.waiting).toHaveLength(4);
  });
});

describe("templates", () => {
  test("are applied from a file, tried, and deleted, by whoever asks; the original's verbs do the same", async () => {
    const supervisor = await bus.serve("slave-supervisor", "0.1.0");
    onTestFinished(supervisor.stop);
    const asked: (ApplyRequest | DeleteTemplateRequest)[] = [];
    supervisor.answer(commands.applyTemplates, (request) => {
      asked.push(request);
      const templates = request.templates.map(({ name }) => ({ name: String(name), change: "created" as const }));
      if (templates.some(({ name }) => name === "wrong"))
        throw new KubestackError("invalid-config", "Nothing is applied: 1 fault\n  template wrong is wrong");
      return { templates };
    });
    supervisor.answer(commands.deleteTemplate, (request) => {
      asked.push(request);
      return { name: request.name };
    });
    await supervisor.known();
    const env = { USER: "ann" };
    const file = join(dir, "maven.yaml");
    await writeFile(file, "templates:\n  - { name: maven, image: maven:3 }\n");
    const wrong = join(dir, "wrong.yaml");
    await writeFile(wrong, "- { name: wrong }\n");
    expect(await call(["templates", "apply", file], { env })).toMatchObject({
      code: 0,
      out: "maven created\n",
      err: "",
    });
    expect((await call(["create_template", file, "--dry-run"], { env })).out).toBe("maven would be created\n");
    expect(await call(["templates", "apply", wrong], { env })).toMatchObject({
      code: 1,
      err: "kubestackcmd: Nothing is applied: 1 fault\n  template wrong is wrong\n",
    });
    expect((await call(["templates", "delete", "maven"], { env })).out).toBe("maven deleted; its slaves finish.\n");
    expect(JSON.parse((await call(["delete_template", "maven", "-o", "json"], { env })).out)).toEqual({
      name: "maven",
    });
    expect(await call(["templates", "apply", join(dir, "none.yaml")])).toMatchObject({
      code: 1,
      err: expect.stringMatching(/none.yaml can't be read: ENOENT/),
    });
    const maven = { name: "maven", image: "maven:3" };
    expect(asked).toEqual([
      { templates: [maven], by: "ann", dryRun: false },
      { templates: [maven], by: "ann", dryRun: true },
      { templates: [{ name: "wrong" }], by: "ann", dryRun: false },
      { name: "maven", by: "ann" },
      { name: "maven", by: "ann" },
    ]);
  });
});

describe("masters", () => {
  test("are shown, and one is paused by whoever asks; an unknown one is told with those that there are", async () => {
    onTestFinished(await serveWorld(bus, Date.now()));
    const supervisor = await bus.serve("slave-supervisor", "0.1.0");
    onTestFinished(supervisor.stop);
    const asked: OrderRequest[] = [];
    supervisor.answer(
      commands.orderMaster,
      (request) => {
        asked.push(request);
        if (request.wants === "resume") throw new KubestackError("not-found", "Master backend is not paused.");
        const { by, reason } = request;
        return { master: "backend", order: { kind: "paused" as const, by, at: Date.now(), reason } };
      },
      "backend",
    );
    await supervisor.known();
    const env = { USER: "ann" };
    const shown = await call(["masters"]);
    expect(shown.out.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "MASTER",
      "backend",
      "mobile",
      "payments",
      "",
    ]);
    const paused = await call(["masters", "pause", "backend", "--reason", "upgrade"], { env });
    expect([paused.code, paused.out]).toEqual([0, expect.stringMatching(/^backend is paused: nothing is launched/)]);
    expect(asked).toEqual([{ master: "backend", wants: "pause", by: "ann", reason: "upgrade" }]);
    const resumed = await call(["masters", "resume", "backend"], { env });
    expect([resumed.code, resumed.err]).toEqual([1, "kubestackcmd: Master backend is not paused.\n"]);
    const unknown = await call(["masters", "drain", "backnd"]);
    expect([unknown.code, unknown.err]).toEqual([
      1,
      "kubestackcmd: No master is called 'backnd'; there are backend, mobile, payments.\n",
    ]);
  });
});

describe("masters forget", () => {
  test("says what is given up; what its owner refuses is told, and exits 1", async () => {
    onTestFinished(await serveWorld(bus, Date.now()));
    const supervisor = await bus.serve("slave-supervisor", "0.1.0");
    onTestFinished(supervisor.stop);
    const asked: ForgetRequest[] = [];
    supervisor.answer(
      commands.forgetMaster,
      (request) => {
        asked.push(request);
        if (!request.isConfirmed) throw new KubestackError("already-exists", "Master backend has 2 slaves left.");
        return { master: "backend", slaves: 2 };
      },
      "backend",
    );
    await supervisor.known();
    const env = { USER: "ann" };
    const refused = await call(["masters", "forget", "backend"], { env });
    expect([refused.code, refused.err]).toEqual([1, "kubestackcmd: Master backend has 2 slaves left.\n"]);
    const given = await call(["masters", "forget", "backend", "--yes", "--reason", "burnt down"], { env });
    expect([given.code, given.out]).toEqual([
      0,
      "backend is forgotten: the pods of its 2 slaves are deleted, and then nothing is kept of it.\n",
    ]);
    expect(asked).toEqual([
      { master: "backend", by: "ann", reason: "", isConfirmed: false },
      { master: "backend", by: "ann", reason: "burnt down", isConfirmed: true },
    ]);
    const unknown = await call(["masters", "forget", "backnd"]);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringMatching(/No master is called 'backnd'; there are /)]);
  });
});

describe("explain", () => {
  test("says why a build waits, with its evidence, for people and for programs", async () => {
    const end = await serveWorld(bus, Date.now());
    onTestFinished(end);
    const { code, out, err } = await call(["explain", "item:3"], { node: otherNode });
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(
      /^shop\/api \(queue item 3 of backend\) waits \d+m(?:\d+s)? for an agent: template gpu is held: .*401\)\.\n/,
    );
    expect(out).toContain("queued at backend; wants 'gpu'");
    expect(out).toMatch(/^ {2}next +mend what failed/m);
    const data = JSON.parse((await call(["explain", "ks-backend-9", "-o", "json"])).out);
    expect(data).toMatchObject({ kind: "slave", name: "ks-backend-9d0xqa", master: "backend" });
    expect(data.evidence[0].at).toMatch(/^\d{4}-/);
  });

  test("what is not known is one sentence, with the master that does not answer", async () => {
    const end = await serveWorld(bus, Date.now());
    onTestFinished(end);
    const { code, out, err } = await call(["explain", "4711"]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^kubestackcmd: Nothing is called '4711'.* What waits at payments is unknown since .*401.*\n$/);
  });
});

describe("events", () => {
  const words = (out: string): string[] =>
    out
      .trimEnd()
      .split("\n")
      .map((line) => line.split(/ +/)[1] ?? "");

  test("are merged by time", async () => {
    const { code, out } = await call(["events", "--master", "backend,payments", "--since", "10m"], {
      env: { TZ: "UTC" },
    });
    expect(code).toBe(0);
    expect(words(out)).toEqual("requested scheduled refused online started busy completed draining deleted".split(" "));
    expect(out).toContain("shop/api #412 · online for 0.6s");
  });

  test("-n takes the newest, -o json is one object a line", async () => {
    const { out } = await call(["events", "-n", "2", "-o", "json", "--slave", "ks-backend-7"]);
    const objects = out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(objects).toMatchObject([
      { kind: "slave", state: "draining" },
      { kind: "slave", state: "deleted" },
    ]);
    expect((await call(["events", "-n", "0"])).out).toBe("");
  });

  test.each(["own", "other"])("-f hears what happens, and Ctrl-C ends it quietly (%s Node)", async (which) => {
    const name = `ks-follow-${which}`;
    const running = start(["events", "-f", "-n", "1"], which === "own" ? {} : { node: otherNode });
    // The past is shown only once it listens.
    await vi.waitFor(() => expect(running.out()).not.toBe(""), { timeout: 20_000, interval: 20 });
    await tell(bus, slaveEvent(name, "requested", { at: Date.now(), master: "follow" }));
    await vi.waitFor(() => expect(running.out()).toContain(`requested  ${name}`), { timeout: 20_000, interval: 20 });
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ code: 0, signal: null, err: "" });
    expect(running.out().split(name)).toHaveLength(2);
  });

  test("a reader that goes away is no error", async () => {
    const running = start(["events"]);
    running.child.stdout?.destroy();
    expect(await running.ended).toMatchObject({ code: 0, err: "" });
  });
});

describe("holds", () => {
  test("are shown as the newest plans tell them, and lifted where they are", async () => {
    expect(await call(["holds"])).toEqual({ code: 0, signal: null, out: "", err: "Nothing is held.\n" });
    const because = "2 launches in a row failed; the last: ErrImagePull";
    const hold = { what: "template" as const, name: "gpu", until: Date.now() + 600_000, because, failures: 2 };
    await bus.publish(channels.plan, subjects.plan("gpus"), { ...plan("gpus", []), holds: [hold] });
    const supervisor = await bus.serve("slave-supervisor", "0.1.0");
    onTestFinished(supervisor.stop);
    const asked: LiftRequest[] = [];
    const answer = (request: LiftRequest) => {
      asked.push(request);
      const { master, what, name } = request;
      return { master, what, name };
    };
    supervisor.answer(commands.liftHold, answer, "gpus");
    await supervisor.known();
    const { out } = await call(["holds"]);
    expect(out).toMatch(
      /^HELD +MASTER +TRIED IN +FAILURES +BECAUSE\ntemplate gpu +gpus +\d+m\d*s? +2 +2 launches in a row .*\n$/,
    );
    const lifted = await call(["lift", "gpu", "--reason", "mended"], { env: { USER: "ann" } });
    expect([lifted.code, lifted.out]).toEqual([
      0,
      "The hold of template gpu at gpus is lifted: one slave is tried next.\n",
    ]);
    expect(asked).toEqual([{ master: "gpus", what: "template", name: "gpu", by: "ann", reason: "mended" }]);
    const none = await call(["lift", "maven"]);
    expect([none.code, none.err]).toEqual([1, "kubestackcmd: 'maven' is not held; held are gpu.\n"]);
  });
});

describe("what fails", () => {
  test("NATS that is not there is one sentence", async () => {
    const { code, out, err } = await call(["list", "--nats", "nats://127.0.0.1:1"], { node: otherNode });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toMatch(/^kubestackcmd: NATS at nats:\/\/127\.0\.0\.1:1 can't be reached: .*\n$/);
  });

  test("the address of a sandbox that ended is told with its file", async () => {
    const cache = join(dir, "cache");
    await mkdir(join(cache, "sandbox"), { recursive: true });
    await writeFile(join(cache, "sandbox", "nats"), "nats://127.0.0.1:1\n");
    const { code, err } = await call(["list"], { env: { KUBESTACK_CACHE: cache, KUBESTACK_NATS: "" } });
    expect(code).toBe(1);
    expect(err).toContain(join(cache, "sandbox", "nats"));
  });

  test("wrong use exits 2, through another Node too", async () => {
    expect(await call(["list", "--nonsense"], { node: otherNode })).toMatchObject({ code: 2, out: "" });
  });

  test("a signal that it does not handle ends it as that signal", async () => {
    const running = start(["events", "-f", "-n", "1"], { node: otherNode });
    await vi.waitFor(() => expect(running.out()).not.toBe(""), { timeout: 20_000, interval: 20 });
    running.child.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  test("a checkout without its Node says what to run", async () => {
    const bare = join(dir, "checkout", "packages", "cli", "bin");
    await mkdir(bare, { recursive: true });
    await copyFile(bin, join(bare, "kubestackcmd.mjs"));
    const { code, err } = await call(["list"], { program: join(bare, "kubestackcmd.mjs") });
    expect(code).toBe(1);
    expect(err).toMatch(/^kubestackcmd: .*`npm install`.*\n$/);
  });
});
