import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfiguration } from "@kubestack/configuration";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../program.ts";

let dir: string;
let file: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-check-"));
  file = join(dir, "original.yaml");
  await writeFile(file, original, { mode: 0o600 });
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const original = `
demand-listeners:
    - name: queue
      type: jenkins_queue
destroy-listeners:
    - name: zmq
      type: zmq
      host: 10.0.0.5
      port: 8888
jenkins:
    external_url: 'https://ci.example.org/'
    internal_url: 'http://10.0.0.5:8080/'
    user: jenkins
    pass: hunter2
kubernetes:
    url: 'https://10.0.0.1:6443'
    api_key: cluster-hunter2
labels:
    - name: python
      image: registry.example.org/python:1
      cpu: 0.5
      memory: 512Mi
`;

async function check(...args: string[]) {
  let [out, err] = ["", ""];
  const code = await run(["config", "check", ...args], {
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
    environment: {},
    version: "1.2.3",
    now: () => 0,
    connect: () => Promise.reject(new Error("no NATS is needed")),
    interrupted: () => new Promise(() => undefined),
  });
  expect(`${out}${err}`).not.toContain("hunter2");
  return { code, out, err };
}

test("the original's file is told as any other, and printed in today's form below", async () => {
  const { code, out, err } = await check(file);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const yaml = (await check(file, "-o", "yaml")).out;
  expect(out.endsWith(`\n\n${yaml}`)).toBe(true);
  const lines = out.split("\n");
  expect(lines[0]).toBe(`${file}: no fault`);
  expect(lines).toContain("  masters    default (https://ci.example.org/)");
  expect(out).toMatch(/^ {2}note {7}it has the form of the original KubeStack/m);
  expect(yaml).toContain(`#   password: file:${dir}/jenkins.pass\n`);
});

test("what -o yaml prints of the original's file is a file of its own that says the same", async () => {
  const { code, out } = await check(file, "-o", "yaml");
  const modern = join(dir, "modern.yaml");
  await writeFile(modern, out);
  const [before, after] = await Promise.all(
    [file, modern].map((path) => readConfiguration({ file: path, environment: {} })),
  );
  expect(code).toBe(0);
  expect(after?.configuration).toEqual(before?.configuration);
  expect(after?.entries).toEqual(before?.entries);
  expect(JSON.parse((await check(file, "-o", "json")).out)).toEqual(after?.form);
  // Of a file in today's form it is the same file again, without its comments.
  expect(out.endsWith((await check(modern, "-o", "yaml")).out)).toBe(true);
  expect((await check(modern)).out).not.toContain("kubernetes:");
});

test("that others may read it is told", async () => {
  const open = join(dir, "open.yaml");
  await writeFile(open, original);
  await chmod(open, 0o644);
  expect((await check(open)).out).toMatch(/^ {2}warning {4}.*open\.yaml holds passwords and everybody/m);
});

test("keys of both forms are an error with all of it in today's", async () => {
  const mixed = join(dir, "mixed.yaml");
  await writeFile(mixed, `${original}log: {level: debug}\n`);
  const { code, out, err } = await check(mixed, "-o", "yaml");
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(/^kubestackcmd: .*mixed\.yaml: 1 fault\n/);
  expect(err).toContain(`\n          - name: default\n            url: https://ci.example.org/\n`);
  expect(err).toContain("\n        log:\n          level: debug\n");
});
