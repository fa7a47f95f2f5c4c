import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findNats } from "./find-nats.ts";

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "kubestack-cli-"));
});

afterEach(() => rm(dir, { recursive: true, force: true }));

async function configFile(nats: string): Promise<string> {
  const file = join(dir, "config.yaml");
  const lines = [
    `nats: ${nats}`,
    "kubernetes: {namespace: ci}",
    "masters: [{name: a, url: 'http://a.example/', user: u, token: 'env:T'}]",
    "templates: [{name: t, labels: [t], image: i}]",
  ];
  await writeFile(file, lines.join("\n"));
  return file;
}

test("a sandbox's address is found in its file, with a word on where it stood", async () => {
  await mkdir(join(dir, "sandbox"));
  await writeFile(join(dir, "sandbox", "nats"), "nats://127.0.0.1:4333\n");
  const found = await findNats({}, { KUBESTACK_CACHE: dir });
  expect(found.servers).toEqual(["nats://127.0.0.1:4333"]);
  expect(found.hint).toContain("npm start");
});

test("a configuration gives servers, credentials and CA, and --nats replaces only the servers", async () => {
  const config = await configFile("{servers: ['nats://n:4222'], credentials: 'file:/c', tls: {ca: 'file:/ca'}}");
  const files = { credentialsFile: "/c", caFile: "/ca" };
  expect(await findNats({ config }, {})).toEqual({ servers: ["nats://n:4222"], ...files });
  expect(await findNats({ config, nats: ["tls://m"] }, {})).toEqual({ servers: ["tls://m"], ...files });
});

test("an embedded server's address is read from its store", async () => {
  const config = await configFile(`{store: ${JSON.stringify(dir)}}`);
  await expect(findNats({ config }, {})).rejects.toThrow(/address is not there; start kubestackd/);
  await writeFile(join(dir, "address"), "nats://127.0.0.1:4444\n");
  expect((await findNats({ config }, {})).servers).toEqual(["nats://127.0.0.1:4444"]);
  await writeFile(join(dir, "address"), "garbage");
  await expect(findNats({ config }, {})).rejects.toThrow(/holds no address of NATS/);
});

test("without a store the embedded server's usual folder is looked into", async () => {
  const config = await configFile("{}");
  await mkdir(join(dir, "kubestack", "nats"), { recursive: true });
  await writeFile(join(dir, "kubestack", "nats", "address"), "nats://127.0.0.1:4555\n");
  expect((await findNats({ config }, { XDG_STATE_HOME: dir })).servers).toEqual(["nats://127.0.0.1:4555"]);
});

test("a file that is not there is told with its name", async () => {
  await expect(findNats({ config: join(dir, "none.yaml") }, {})).rejects.toThrow(/none\.yaml/);
});
