import { expect, test } from "vitest";
import { durationText, runCommand } from "./run-command.ts";

const SHELL = { title: "trying it", command: "/bin/sh", env: { PATH: "/usr/bin:/bin" }, timeoutMs: 10_000 };

test("it gives what the command printed on both streams", async () => {
  const printed = await runCommand({ ...SHELL, args: ["-c", "echo one; echo two >&2"] });
  expect(printed.split("\n").sort()).toEqual(["", "one", "two"]);
});

test("a failure is told with the end of what it printed", async () => {
  const running = runCommand({ ...SHELL, args: ["-c", "echo no such module; exit 4"] });
  await expect(running).rejects.toThrow(/trying it failed \(exit code 4\).*no such module/s);
});

test("one that takes too long is cut", async () => {
  const running = runCommand({ ...SHELL, args: ["-c", "exec sleep 1000"], timeoutMs: 100 });
  await expect(running).rejects.toThrow(/trying it was cut/);
});

test("a signal cuts it, and its reason is what is raised", async () => {
  const cut = new AbortController();
  const lines: string[] = [];
  const progress = (line: string) => {
    lines.push(line);
    queueMicrotask(() => cut.abort(new Error("enough")));
  };
  const running = runCommand({ ...SHELL, args: ["-c", "exec sleep 1000"], signal: cut.signal, progress, hint: "soon" });
  await expect(running).rejects.toThrow("enough");
  expect(lines).toEqual(["trying it… (soon)"]);
});

test.each([
  [900, "1s"],
  [59_000, "59s"],
  [60_000, "1m00s"],
  [130_400, "2m10s"],
])("%d ms is %s", (ms, text) => {
  expect(durationText(ms)).toBe(text);
});
