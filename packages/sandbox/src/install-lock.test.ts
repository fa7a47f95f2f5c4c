import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const module = new URL("../bin/install-lock.js", import.meta.url).href;

/** A process that takes the lock of a folder, writes down when it has it and when it is through, and waits in between. */
function taker(place: string, rest: string) {
  const script = `
    import { appendFileSync } from "node:fs";
    const { withInstallLock } = await import(${JSON.stringify(module)});
    const note = (word) => appendFileSync(${JSON.stringify(join(place, "notes"))}, word + "\\n");
    await withInstallLock("/some/folder/", () => {}, async () => { note("in"); ${rest} note("out"); });
  `;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: "inherit",
    env: { TMPDIR: place, PATH: "/usr/bin:/bin" },
  });
}

async function setup() {
  const place = await mkdtemp(join(tmpdir(), "install-lock-"));
  onTestFinished(() => rm(place, { recursive: true }));
  return { place, notes: async () => (await readFile(join(place, "notes"), "utf8")).trim() };
}

test("of several processes one is in at a time", async () => {
  const { place, notes } = await setup();
  const takers = [1, 2, 3].map(() => taker(place, "await new Promise((resolve) => setTimeout(resolve, 100));"));
  await Promise.all(takers.map((child) => once(child, "exit")));
  expect(await notes()).toBe("in\nout\nin\nout\nin\nout");
});

test("the lock of one that was killed is taken over", async () => {
  const { place, notes } = await setup();
  const killed = taker(place, 'process.kill(process.pid, "SIGKILL");');
  await once(killed, "exit");
  await once(taker(place, ""), "exit");
  expect(await notes()).toBe("in\nin\nout");
});
