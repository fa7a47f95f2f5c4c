import type { PodLogOptions } from "@kubestack/kubernetes";
import { createLogger } from "@kubestack/runtime";
import { expect, test } from "vitest";
import type { Slave } from "../roster.ts";
import { recordIn } from "../slave-record.fixture.ts";
import { AgentLogs } from "./agent-logs.ts";

const slave = (number: number): Slave => ({ record: recordIn("scheduled", { number }) }) as unknown as Slave;
const log = createLogger({ level: "silent" });

test("one log is read once, its end only, and told when it is there", async () => {
  const asked: (PodLogOptions | undefined)[] = [];
  const read: Slave[] = [];
  const podLog = async (_namespace: string, _name: string, options?: PodLogOptions) => {
    asked.push(options);
    return "java: not found";
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const onRead = (one: Slave) => {
    read.push(one);
    resolve();
  };
  const logs = new AgentLogs({ cluster: { podLog }, log, containerOf: () => "jnlp", onRead });
  const one = slave(1);
  expect([logs.of(one), logs.of(one)]).toEqual(["reading", "reading"]);
  await promise;
  expect([logs.of(one), logs.of(one)]).toMatchObject([{ cause: "no-java" }, { cause: "no-java" }]);
  expect(asked).toEqual([{ container: "jnlp", tailLines: 100, limitBytes: 32_768, timeoutMs: 3000 }]);
  expect(read).toEqual([one]);
});

test("one that cannot be read, or that would be the ninth at once, says nothing", async () => {
  const answers: (() => void)[] = [];
  const podLog = () => new Promise<string>((_, reject) => answers.push(() => reject(new Error("no route"))));
  let left = 8;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onRead = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  const logs = new AgentLogs({ cluster: { podLog }, log, containerOf: () => "jnlp", onRead });
  const slaves = Array.from({ length: 9 }, (_, number) => slave(number + 1));
  expect(slaves.map((one) => logs.of(one))).toEqual([...Array(8).fill("reading"), "nothing"]);
  for (const answer of answers) answer();
  await promise;
  expect(slaves.slice(0, 8).map((one) => logs.of(one))).toEqual(Array(8).fill("nothing"));
  expect(logs.of(slave(10))).toBe("reading");
});
