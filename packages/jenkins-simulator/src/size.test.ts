import { afterEach, beforeEach, expect, test } from "vitest";
import { type JenkinsSimulator, startJenkinsSimulator } from "./simulator.ts";

const items = 5000;
const nodes = 2000;
const queueTree =
  "items[id,blocked,buildable,stuck,pending,why,inQueueSince,buildableStartMilliseconds,task[_class,name,url,labelExpression]],discoverableItems[task[name]]";
const computerTree =
  "computer[displayName,idle,offline,temporarilyOffline,numExecutors,assignedLabels[name],executors[idle,currentExecutable[url,number]]]";

let master: JenkinsSimulator;

beforeEach(async () => {
  master = await startJenkinsSimulator({ time: "manual" });
  master.core.batch(() => {
    for (let at = 0; at < nodes; at += 1) master.core.createNode({ name: `n${at}`, labels: `l${at % 20} linux` });
    for (let at = 0; at < nodes; at += 2) master.core.connect(`n${at}`);
    for (let at = 0; at < 20; at += 1)
      master.core.createJob({ name: `j${at}`, label: `l${at} && linux`, parameters: { n: "" }, durationMs: null });
    for (let at = 0; at < items + nodes / 2; at += 1)
      master.core.build(`j${at % 20}`, { parameters: { n: String(at) } });
  });
});
afterEach(() => master.stop());

/** CPU of this process, in ms; the client's half of the exchange is in it. */
async function cpuOf(path: string): Promise<{ ms: number; text: string }> {
  const before = process.cpuUsage();
  const answer = await fetch(`${master.url}${path}`, {
    headers: { authorization: `Basic ${Buffer.from(`${master.user}:${master.token}`).toString("base64")}` },
  });
  const text = await answer.text();
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, text };
}

/** The least of several: what the machine does beside is not the master's. */
async function leastCpu(path: string, between: () => void): Promise<{ ms: number; text: string }> {
  const seen = [];
  for (let round = 0; round < 9; round += 1) {
    between();
    seen.push(await cpuOf(path));
  }
  return seen.sort((a, b) => a.ms - b.ms)[0] ?? { ms: Number.NaN, text: "" };
}

test("5,000 items and 2,000 computers are told in a few milliseconds, whether anything changed or not", async () => {
  const { core } = master;
  const busy = () => core.works().filter((work) => work.place !== null).length;
  const before = busy();
  expect(core.items().length + before).toBe(items + nodes / 2);
  const same = {
    queue: await leastCpu(`queue/api/json?tree=${queueTree}`, () => {}),
    computers: await leastCpu(`computer/api/json?tree=${computerTree}`, () => {}),
  };
  let round = 0;
  const change = () => {
    const number = core.job("j0").runs[round++]?.number ?? 1;
    core.finishBuild("j0", { number });
    core.markOffline(`n${round}`);
  };
  const changed = {
    queue: await leastCpu(`queue/api/json?tree=${queueTree}`, change),
    computers: await leastCpu(`computer/api/json?tree=${computerTree}`, change),
  };
  const parse = (text: string) => JSON.parse(text) as { items?: unknown[]; computer?: unknown[] };
  expect(parse(same.queue.text).items?.length).toBe(core.items().length + round);
  expect(parse(changed.computers.text).computer).toHaveLength(nodes + 1);
  // Measured: 3 and 2 ms unchanged, 9 and 5 ms changed, half of it the client's; the bounds leave room for a busy machine.
  expect(Math.max(same.queue.ms, same.computers.ms)).toBeLessThan(40);
  expect(Math.max(changed.queue.ms, changed.computers.ms)).toBeLessThan(80);
});
