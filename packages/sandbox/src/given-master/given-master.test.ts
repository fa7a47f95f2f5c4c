import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type JenkinsSimulator, startJenkinsSimulator } from "@kubestack/jenkins-simulator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkMaster } from "./check.ts";
import { type GivenMaster, secretOf } from "./given-master.ts";
import { sweepMaster } from "./sweep.ts";

interface Taken {
  readonly rest: string[];
  readonly master?: GivenMaster;
  readonly fault?: string;
}
const program = new URL("../../bin/master-options.js", import.meta.url).href;
const { takeMasterOptions } = (await import(program)) as {
  takeMasterOptions(args: readonly string[], around: { folder: string; hasSecret: boolean }): Taken;
};

const url = "https://ci.example.org/jenkins/";
const around = { folder: "/home", hasSecret: false };

test("without a master all arguments are Vitest's", () => {
  const args = ["--project", "unit", "packages/demand", "-t", "master", "--reporter=dot"];
  expect(takeMasterOptions(args, around)).toEqual({ rest: args });
});

test.each([
  [["--master", "https://ci.example.org/jenkins", "--master-secret-file", "token", "-t", "mark"]],
  [["-t", "mark", "--master=https://ci.example.org/jenkins/?a#b", "--master-secret-file=/home/token"]],
])("the options of a master are taken out: %s", (args) => {
  const { rest, master, fault } = takeMasterOptions(args, around);
  expect([rest, fault]).toEqual([["-t", "mark"], undefined]);
  const prefix = expect.stringMatching(/^conformance-[0-9a-f]{8}-$/);
  expect(master).toEqual({ url, user: "kubestack", secretFile: "/home/token", prefix, mayPause: false });
});

test("a secret in the environment will do, and two runs have not the same names", () => {
  const args = ["--master", url, "--master-user", "ann", "--master-may-pause"];
  const [one, other] = [1, 2].map(() => takeMasterOptions(args, { ...around, hasSecret: true }).master);
  expect(one).toMatchObject({ user: "ann", mayPause: true });
  expect(one).not.toHaveProperty("secretFile");
  expect(one?.prefix).not.toBe(other?.prefix);
});

test.each([
  [["--master", url], "--master-secret-file FILE"],
  [["--master"], "--master wants a value"],
  [["--master", "--master-user", "ann"], "--master wants a value"],
  [["--master-user", "ann"], "--master URL, which is missing"],
  [["--master", "ci.example.org", "--master-secret-file", "f"], "no address of a master"],
  [["--master", "https://ann:secret@ci.example.org/", "--master-secret-file", "f"], "holds a user or a secret"],
  [["--master", url, "--master-secret=abc"], "no option --master-secret;"],
])("what is wrong is told in a sentence: %s", (args, sentence) => {
  const { master, fault } = takeMasterOptions(args, around);
  expect(master).toBeUndefined();
  expect(fault).toContain(sentence);
  expect(fault).not.toMatch(/abc|:secret@/);
});

test("`npm test` with a master that is not there ends with a sentence and the count", async () => {
  const program = fileURLToPath(new URL("../../bin/project.js", import.meta.url));
  const args = [program, "test", "--master", "http://127.0.0.1:1/"];
  const env = { PATH: "/usr/bin:/bin", KUBESTACK_MASTER_SECRET: "never-shown" };
  const said = await new Promise<{ code: unknown; text: string }>((resolve) => {
    execFile(process.execPath, args, { env, timeout: 60_000 }, (error, out, errors) =>
      resolve({ code: error?.code, text: out + errors }),
    );
  });
  expect(said.code).toBe(1);
  expect(said.text).toMatch(/^Master 127\.0\.0\.1:1 refuses connections.*\n0 passed, 1 failed\n$/);
  expect(said.text).not.toContain("never-shown");
}, 60_000);

let simulator: JenkinsSimulator;
beforeEach(async () => {
  simulator = await startJenkinsSimulator({ context: "/ci" });
});
afterEach(() => simulator.stop());

const given = (more: Partial<GivenMaster> = {}): GivenMaster => ({
  url: simulator.url,
  user: simulator.user,
  prefix: "own-",
  mayPause: false,
  ...more,
});

test("a run can begin by password and by token; not with a wrong secret, at no master, or while nothing starts", async () => {
  const { password, token, core } = simulator;
  await checkMaster(given(), password);
  await checkMaster(given(), token);
  await expect(checkMaster(given(), "wrong")).rejects.toMatchObject({
    code: "credential-refused",
    message: expect.stringContaining("--master-secret-file"),
  });
  const elsewhere = given({ url: new URL("/", simulator.url).href });
  await expect(checkMaster(elsewhere, token)).rejects.toMatchObject({ code: "not-a-master" });
  core.quietDown();
  await expect(checkMaster(given(), token)).rejects.toThrow("about to shut down");
});

test("the secret is read from its file, without the line's end", async () => {
  const folder = await mkdtemp(join(tmpdir(), "given-master-"));
  const secretFile = join(folder, "secret");
  try {
    await writeFile(secretFile, "abc\n");
    expect(await secretOf(given({ secretFile }), "other")).toBe("abc");
    expect(await secretOf(given(), "other")).toBe("other");
    await writeFile(secretFile, "\n");
    await expect(secretOf(given({ secretFile }), "other")).rejects.toThrow("is empty");
    await expect(secretOf(given({ secretFile: join(folder, "none") }), "other")).rejects.toThrow("can't be read");
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("what a run made is removed, with its builds; what others have stays", async () => {
  const { core, password } = simulator;
  for (const name of ["own-a", "others"]) {
    core.createNode({ name: `${name}-node`, labels: name });
    core.connect(`${name}-node`);
    core.createJob({ name, label: name, durationMs: null });
    core.build(name);
  }
  core.createJob({ name: "own-waits", label: "nobody" });
  core.build("own-waits");
  await sweepMaster(given(), password);
  expect([...core.state.jobs.keys()]).toEqual(["others"]);
  expect([...core.state.nodes.keys()]).toEqual(["others-node"]);
  expect(core.items()).toEqual([]);
  expect(core.job("others").runs).toMatchObject([{ endedAtMs: null }]);
  await sweepMaster(given(), password);
});

test("a master is told to go on only by a run that may have paused it", async () => {
  const { core, password } = simulator;
  core.quietDown();
  await sweepMaster(given(), password);
  expect(core.state.quietingDown).toBe(true);
  await sweepMaster(given({ mayPause: true }), password);
  expect(core.state.quietingDown).toBe(false);
});

test("what can't be removed is named", async () => {
  const { core, users } = simulator;
  users.set("ann", { name: "ann", password: "p", tokens: ["t"], permissions: ["Overall/Read", "Job/Read"] });
  core.createJob({ name: "own-a" });
  const pauses: number[] = [];
  const swept = sweepMaster(given({ user: "ann" }), "t", async (ms) => void pauses.push(ms));
  await expect(swept).rejects.toThrow(/to be removed by hand: own-a \(.*Job\/Delete/);
  expect(pauses).toHaveLength(9);
});
