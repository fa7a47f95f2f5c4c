import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLogger, type Logger } from "./logger.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-log-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

let files = 0;
async function logged(say: (log: Logger) => void, level: "info" | "debug" | "silent" = "info"): Promise<string> {
  files += 1;
  const file = join(dir, `log-${files}`);
  say(createLogger({ level, file }));
  return readFile(file, "utf8");
}

test("each decision is one JSON line with level and time", async () => {
  const text = await logged((log) => {
    log.info({ master: "a", slave: "ks-a-00001" }, "launched");
    log.debug("not at this level");
    log.warn("a\nb");
  });
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines).toEqual([
    { level: "info", time: expect.stringMatching(/^\d{4}-.*Z$/), master: "a", slave: "ks-a-00001", msg: "launched" },
    { level: "warn", time: expect.any(String), msg: "a\nb" },
  ]);
});

test("what is silent says nothing", async () => {
  expect(await logged((log) => log.fatal("x"), "silent")).toBe("");
});

test.each<[string, object | string]>([
  ["at the top", { token: "hunter2", password: "hunter2", secret: "hunter2" }],
  ["one level down", { master: { token: "hunter2" } }],
  ["deep down", { a: { b: { c: { password: "hunter2" } } } }],
  ["in a list", { masters: [{ name: "a", token: "hunter2" }] }],
  ["in a header", { headers: { authorization: "Basic hunter2" } }],
  ["in an address", { url: "https://me:hunter2@ci.example.org/" }],
  ["in the sentence", "NATS at nats://me:hunter2@bus:4222 can't be reached"],
])("a credential %s is never written", async (_, what) => {
  const text = await logged((log) => log.info(what as object, "said"));
  expect(text).not.toContain("hunter2");
  expect(text).toContain("(hidden)");
});

test("what holds itself does not stop the log", async () => {
  const circle: Record<string, unknown> = { name: "x" };
  circle.self = circle;
  expect(await logged((log) => log.info(circle, "round"))).toContain("round");
});
