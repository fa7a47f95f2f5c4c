import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { sendRequest } from "../http/request.ts";
import { processStart } from "../process/process-start.ts";
import { basicAuthorization } from "./admin.ts";
import { startHudsonAgent } from "./agent.ts";
import { type Hudson, startHudson } from "./hudson.ts";

let hudson: Hudson;

beforeAll(async () => {
  hudson = await startHudson();
}, 240_000);

afterAll(() => hudson?.stop());

function ask(path: string, options: { method?: string; password?: string } = {}) {
  const headers =
    options.password === undefined ? {} : { authorization: basicAuthorization(hudson.user, options.password) };
  return sendRequest({ url: new URL(path, hudson.url).href, method: options.method, headers });
}

test("its user reads it, and it says that security is on", async () => {
  const answer = await ask("api/json", { password: hudson.password });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ useSecurity: true, numExecutors: 1, mode: "EXCLUSIVE" });
});

test.each([
  ["GET", "api/json"],
  ["GET", "queue/api/json"],
  ["POST", "createItem?name=x"],
  ["POST", "quietDown"],
  ["POST", "computer/doCreateItem?name=x"],
])("%s %s is refused to nobody and to a wrong password alike", async (method, path) => {
  expect((await ask(path, { method })).status).toBe(403);
  expect((await ask(path, { method, password: "wrong" })).status).toBe(403);
});

test("a person is shown a form to log in, and can't make an account", async () => {
  const refusal = await ask("");
  expect(refusal.body).toMatch(/login/);
  expect((await ask("login")).status).toBe(200);
  const signUp = await hudson.admin.call("securityRealm/createAccount", { method: "POST", body: "username=eve" });
  expect(existsSync(join(hudson.dir, "home", "users", "eve")), `answered ${signUp.status}`).toBe(false);
});

test("the password is in one file of its own, and on no command line", async () => {
  expect(await readFile(hudson.passwordFile, "utf8")).toBe(hudson.password);
  expect((await stat(hudson.passwordFile)).mode & 0o777).toBe(0o600);
  expect(await readFile(`/proc/${hudson.process().pid}/cmdline`, "utf8")).not.toContain(hudson.password);
});

test("a job with a label waits, runs on a real agent that has it, and is remembered over a restart", async () => {
  const { admin } = hudson;
  await admin.createJob({
    name: "needs python",
    label: "python",
    script: 'echo "it is $WORD"',
    parameters: { WORD: "-" },
  });
  await expect(admin.createJob({ name: "needs python", script: "" })).rejects.toThrow(/already/);
  await admin.createNode({ name: "other", labels: "go", remoteFolder: join(hudson.dir, "other") });
  const other = await startHudsonAgent({ hudson, node: "other" });
  const id = await admin.build("needs python", { WORD: "good" });
  expect(id).toEqual(expect.any(Number));
  await vi.waitFor(
    async () => expect(await admin.queue()).toMatchObject([{ id, job: "needs python", buildable: true }]),
    {
      timeout: 15_000,
    },
  );

  await admin.createNode({ name: "snake", labels: "linux python", remoteFolder: join(hudson.dir, "snake") });
  const agent = await startHudsonAgent({ hudson, node: "snake" });
  const secret = await admin.agentSecret("snake");
  expect(await readFile(`/proc/${agent.pid}/cmdline`, "utf8")).not.toContain(secret);
  await vi.waitFor(
    async () => expect(await admin.buildInfo("needs python", 1)).toMatchObject({ result: "SUCCESS", builtOn: "snake" }),
    { timeout: 30_000, interval: 100 },
  );
  expect(await admin.consoleText("needs python", 1)).toContain("it is good");
  expect(await admin.queue()).toEqual([]);

  await agent.stop();
  await other.stop();
  await hudson.stopServer();
  await hudson.startServer();
  expect(await admin.builds("needs python")).toMatchObject([{ number: 1, result: "SUCCESS", building: false }]);
  expect((await admin.nodes()).map((node) => [node.displayName, node.offline])).toEqual([
    ["master", false],
    ["other", true],
    ["snake", true],
  ]);
});

test("a second build of the same parameters joins the first in the queue", async () => {
  const { admin } = hudson;
  await admin.createJob({ name: "folded", label: "nowhere", script: "true", parameters: { N: "0" } });
  const ids = [];
  for (const value of ["1", "1", "2"]) ids.push(await admin.build("folded", { N: value }));
  expect(ids[0]).toBe(ids[1]);
  expect(ids[2]).not.toBe(ids[0]);
  for (const item of await admin.queue()) await admin.cancelItem(item.id);
  expect(await admin.queue()).toEqual([]);
});

test("stop leaves no process and no file", async () => {
  const { pid } = hudson.process();
  await hudson.stop();
  await hudson.stop();
  expect(processStart(pid)).toBe("gone");
  expect(existsSync(hudson.dir)).toBe(false);
});
