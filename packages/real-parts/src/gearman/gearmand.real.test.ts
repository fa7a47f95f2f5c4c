import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { partsEnvironment } from "../environment.ts";
import { processStart } from "../process/process-start.ts";
import { temporaryFolder } from "../process/temporary-folder.ts";
import { startGearmand } from "./gearmand.ts";
import { gearmandBinary } from "./gearmand-binary.ts";

/** What a server answers to a line of text, up to its first line's end. */
function ask(port: number, question: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(question));
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}

test("a server answers, keeps its address over a crash, and leaves nothing when stopped", async () => {
  const server = await startGearmand();
  onTestFinished(() => server.stop());
  expect(await ask(server.port, "version\n")).toMatch(/^OK \d+\.\d+/);

  server.process().send("SIGKILL");
  await server.process().ended;
  await expect(ask(server.port, "version\n")).rejects.toThrow(/ECONNREFUSED/);
  await server.startServer();
  expect(await ask(server.port, "status\n")).toBe(".\n");

  const { pid } = server.process();
  await server.stop();
  await server.stop();
  expect(processStart(pid)).toBe("gone");
  expect(existsSync(server.dir)).toBe(false);
});

test("where none is installed and none can be fetched one sentence says what to do, and the cache stays clean", async () => {
  const cache = await temporaryFolder("cache");
  onTestFinished(() => cache.remove());
  const environment = partsEnvironment({ KUBESTACK_CACHE: cache.path, PATH: "/nonexistent" });
  await expect(gearmandBinary({ environment })).rejects.toMatchObject({
    code: "missing-part",
    message: expect.stringMatching(/gearmand is missing .* install the package gearman-job-server/),
  });
  expect(await readdir(join(cache.path, "gearmand"))).toEqual([]);
});
