import { existsSync, statSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { partsEnvironment } from "../environment.ts";
import { natsServerBinary } from "../go/nats-server-binary.ts";
import { processStart } from "../process/process-start.ts";
import { runCommand } from "../process/run-command.ts";
import { isAtLeast, parseVersion } from "../version.ts";
import { startNatsServer } from "./nats-server.ts";

/** The first line that a nats-server says to whoever connects: INFO with its properties. */
function greeting(url: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.once("error", reject);
    socket.once("data", (data) => {
      socket.destroy();
      resolve(JSON.parse(data.toString().replace(/^INFO /, "")));
    });
  });
}

test("the binary is a nats-server that knows expiry per key", async () => {
  const said = await runCommand({
    title: "version",
    command: await natsServerBinary(),
    args: ["--version"],
    env: partsEnvironment().bare,
    timeoutMs: 10_000,
  });
  expect(isAtLeast(parseVersion(said) ?? [], [2, 12])).toBe(true);
});

test("a server has JetStream, keeps its address over a crash, and leaves nothing when stopped", async () => {
  const server = await startNatsServer({ config: "max_payload: 2097152" });
  onTestFinished(() => server.stop());
  const before = await greeting(server.url);
  expect(before).toMatchObject({ jetstream: true, max_payload: 2_097_152 });
  expect(statSync(join(server.dir, "nats-server.conf")).mode & 0o777).toBe(0o600);

  server.process().send("SIGKILL");
  await server.process().ended;
  await expect(greeting(server.url)).rejects.toThrow(/ECONNREFUSED/);
  await server.startServer();
  const after = await greeting(server.url);
  expect(after.server_id).not.toBe(before.server_id);

  const { pid } = server.process();
  await server.stop();
  await server.stop();
  expect(processStart(pid)).toBe("gone");
  expect(existsSync(server.dir)).toBe(false);
});

test("a configuration that the server refuses is told with its own words, and leaves nothing", async () => {
  await expect(startNatsServer({ config: "no_such_setting_at_all {" })).rejects.toThrow(
    /nats-server ended before it was ready/,
  );
});
