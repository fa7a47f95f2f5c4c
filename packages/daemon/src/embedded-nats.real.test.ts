import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasCode } from "@kubestack/contracts";
import { natsServerBinary } from "@kubestack/real-parts";
import { createLogger, type Environment } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startEmbeddedNats } from "./embedded-nats.ts";

let dir: string;
let binary: string;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-embedded-"));
  binary = await natsServerBinary();
});
afterAll(() => rm(dir, { recursive: true, force: true }));
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const log = createLogger({ level: "silent" });
let places = 0;

/** A user's environment without anything in it, and folders of its own. The programs it needs are where they always are. */
async function nowhere(): Promise<Record<string, string>> {
  places += 1;
  const home = join(dir, `home-${places}`);
  await mkdir(home, { recursive: true });
  return { HOME: home, PATH: "" };
}

async function start(environment: Environment, config: { binary?: string; store?: string } = {}) {
  const server = await startEmbeddedNats(config, { environment, log });
  stops.push(server.stop);
  return server;
}

/** What a server on this port says first. */
function greeting(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port: Number(new URL(url).port), host: "127.0.0.1" });
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once("error", reject);
  });
}

async function script(path: string, text: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, text);
  await chmod(path, 0o755);
}

describe("the nats-server that is brought along", () => {
  test("is found on PATH, listens on loopback, and tells its address in a file until it is stopped", async () => {
    const environment = await nowhere();
    const bin = join(environment.HOME ?? "", "bin");
    await mkdir(bin);
    await symlink(binary, join(bin, "nats-server"));
    const server = await start({ ...environment, PATH: `/nonexistent:${bin}` });
    const file = join(environment.HOME ?? "", ".local", "state", "kubestack", "nats", "address");
    expect(await readFile(file, "utf8")).toBe(`${server.url}\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await greeting(server.url)).toMatch(/^INFO .*"jetstream":true/);
    await server.stop();
    await expect(readFile(file)).rejects.toThrow("ENOENT");
    await expect(greeting(server.url)).rejects.toThrow("ECONNREFUSED");
  });

  test("is the newest of the built ones, where PATH has none", async () => {
    const environment = await nowhere();
    const cache = join(environment.HOME ?? "", "cache");
    for (const version of ["2.9.0", "2.15.1"])
      await script(join(cache, "nats-server", version, "nats-server"), "#!/bin/sh\nexit 1\n");
    await mkdir(join(cache, "nats-server", "2.15.10"));
    await symlink(binary, join(cache, "nats-server", "2.15.10", "nats-server"));
    const server = await start({ ...environment, KUBESTACK_CACHE: cache });
    expect(await greeting(server.url)).toContain("INFO");
  });

  test("is nowhere: the sentence says what to do", async () => {
    const environment = await nowhere();
    await expect(start(environment)).rejects.toSatisfy(
      (error) =>
        hasCode(error, "missing-part") &&
        /install nats-server 2\.12 or newer, name it in nats\.binary, or .*nats\.servers/.test(error.message),
    );
  });

  test.each<[string, string, RegExp]>([
    ["is no program", "/nonexistent/nats-server", /nats-server ended with code 127/],
    ["fails", "", /nats-server ended with code 3; it said: out of luck/],
  ])("that %s is told in its own words", async (_, named, sentence) => {
    const environment = await nowhere();
    const failing = join(environment.HOME ?? "", "nats-server");
    await script(failing, "#!/bin/sh\necho out of luck >&2\nexit 3\n");
    await expect(start(environment, { binary: named || failing })).rejects.toThrow(sentence);
  });

  test("never opens a store that another one has open: two servers would spoil it", async () => {
    const environment = await nowhere();
    const store = join(environment.HOME ?? "", "store");
    const first = await start(environment, { binary, store });
    await expect(start(environment, { binary, store })).rejects.toSatisfy(
      (error) =>
        hasCode(error, "already-exists") && error.message.includes(first.url) && error.message.includes("nats.servers"),
    );
    expect(await readFile(join(store, "address"), "utf8")).toBe(`${first.url}\n`);
    expect(await greeting(first.url)).toContain("INFO");
  });

  test("starts over an address that a killed one left behind, and keeps what that one stored", async () => {
    const environment = await nowhere();
    const store = join(environment.HOME ?? "", "store");
    const first = await start(environment, { binary, store });
    process.kill(first.pid, "SIGKILL");
    await first.died;
    expect(await readFile(join(store, "address"), "utf8")).toBe(`${first.url}\n`);
    const second = await start(environment, { binary, store });
    expect(await readFile(join(store, "address"), "utf8")).toBe(`${second.url}\n`);
  });
});
