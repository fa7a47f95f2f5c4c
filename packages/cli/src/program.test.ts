import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bus } from "@kubestack/bus";
import { KubestackError } from "@kubestack/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "./program.ts";

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-cli-"));
});

afterAll(() => rm(dir, { recursive: true, force: true }));

/** Runs the command line in this process, with a connection that fails as told. */
async function call(args: string[], failure: Error = new KubestackError("bus-unavailable", "nobody\nthere")) {
  let [out, err] = ["", ""];
  const code = await run(args, {
    terminal: {
      width: 80,
      colour: false,
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
    },
    environment: { KUBESTACK_CACHE: dir, KUBESTACK_NATS: "nats://127.0.0.1:1" },
    version: "1.2.3",
    now: () => 0,
    connect: (): Promise<Bus> => Promise.reject(failure),
    interrupted: () => new Promise(() => undefined),
  });
  return { code, out, err };
}

describe("wrong use exits 2 with a sentence on the error output", () => {
  test.each<[string[], string]>([
    [[], "Usage: kubestackcmd"],
    [["lsit"], "unknown command 'lsit'"],
    [["list", "--al"], "unknown option '--al'"],
    [["list", "too", "many"], "too many arguments"],
    [["explain"], "missing required argument 'what'"],
    [["masters", "pause"], "missing required argument 'master'"],
    [["masters", "forget"], "missing required argument 'master'"],
    [["masters", "halt", "backend"], "too many arguments"],
    [["masters", "pause", "backend", "--reason", "x".repeat(513)], "write at most 512 characters"],
    [["drain"], "missing required argument 'what'"],
    [["hold"], "missing required argument 'slave'"],
    [["hold", "ks-a", "--for", "long"], "write it as 30m, 2h or 1h30m"],
    [["lift"], "missing required argument 'name'"],
    [["release"], "missing required argument 'slave'"],
    [["templates", "render"], "missing required argument 'template'"],
    [["templates", "rendr"], "too many arguments"],
    [["templates", "render", "a", "--diff", "--origin"], "cannot be used with option '--origin'"],
    [["list", "--state", "idle"], "'idle' is no state; they are requested, scheduled"],
    [["list", "-o", "xml"], "Allowed choices are table, wide, json, yaml"],
    [["status", "--nats", "http://a"], "write it as nats://host:port"],
    [["status", "--nats", "nats://u:p@a"], "put no user or password into it"],
    [["events", "--since", "yesterday"], "write it as 30s, 10m or 2h"],
    [["events", "-n", "-3"], "it is a whole number up to"],
    [["events", "-n", "99999999"], "it is a whole number up to"],
  ])("%j", async (args, sentence) => {
    const { code, out, err } = await call(args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(out).toBe("");
  });
});

test.each([
  ["--help"],
  ["help", "list"],
  ["list", "--help"],
  ["slaves", "--help"],
  ["status", "-h"],
  ["events", "-h"],
  ["help", "explain"],
  ["help", "doctor"],
  ["help", "masters"],
  ["masters", "pause", "--help"],
  ["masters", "resume", "--help"],
  ["masters", "forget", "--help"],
  ["help", "drain"],
  ["help", "templates"],
  ["list_templates", "--help"],
  ["templates", "list", "--help"],
  ["templates", "render", "--help"],
  ["templates", "lint", "--help"],
  ["templates", "apply", "--help"],
  ["templates", "delete", "--help"],
])("%s %s is help with an example", async (...args) => {
  const { code, out, err } = await call(args);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/Example:\n {2}kubestackcmd /);
  expect(out).toContain("--nats <url>");
  expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("the version", async () => {
  expect(await call(["--version"])).toEqual({ code: 0, out: "1.2.3\n", err: "" });
});

test.each([["list"], ["status"], ["events"], ["explain", "412"]])(
  "%s: what fails is one line and exits 1",
  async (...verb) => {
    expect(await call(verb)).toEqual({ code: 1, out: "", err: "kubestackcmd: nobody there\n" });
  },
);

test("options for all verbs may stand before and after the verb", async () => {
  for (const args of [
    ["-o", "json", "list"],
    ["list", "-o", "json"],
  ])
    expect((await call(args)).err).toBe("kubestackcmd: nobody there\n");
});
