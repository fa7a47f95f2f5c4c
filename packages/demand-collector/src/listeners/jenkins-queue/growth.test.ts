import type { Bus } from "@kubestack/bus";
import { connectMaster } from "@kubestack/jenkins";
import { createLogger } from "@kubestack/runtime";
import { expect, test } from "vitest";
import { jenkinsQueue } from "./index.ts";

/** What a master with so many computers and items answers; `tells` says how its generation lets a label be known. */
function answers(count: number, tells: "labelExpression" | "why") {
  const many = <T>(make: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
  const label = (at: number) => `tool-${at % 20} && linux`;
  const computer = many((at) => ({
    displayName: `node-${at}`,
    idle: false,
    offline: false,
    temporarilyOffline: false,
    numExecutors: 1,
    ...(tells === "why"
      ? {}
      : { assignedLabels: [{ name: "linux" }, { name: `tool-${at % 20}` }, { name: `node-${at}` }] }),
    executors: [
      { idle: false, currentExecutable: { url: `http://ci.example.org/job/a/${at}/`, number: at, queueId: at } },
    ],
  }));
  const items = many((at) => ({
    id: at,
    blocked: false,
    buildable: true,
    stuck: false,
    pending: false,
    why: `Waiting for next available executor on ${tells === "why" ? label(at) : `‘${label(at)}’`}`,
    inQueueSince: at,
    buildableStartMilliseconds: at,
    task: {
      name: `job-${at}`,
      url: `http://ci.example.org/job/team/job/job-${at % 300}/`,
      ...(tells === "why" ? {} : { _class: "hudson.model.FreeStyleProject", labelExpression: label(at) }),
    },
  }));
  return { computer: JSON.stringify({ computer }), queue: JSON.stringify({ items }) };
}

/** Reads such a master once, from its answers as texts to the finished round. */
function reader(count: number, tells: "labelExpression" | "why"): () => Promise<void> {
  const { computer, queue } = answers(count, tells);
  const master = connectMaster({
    name: "m",
    url: "http://ci.example.org/",
    user: "u",
    auth: { kind: "token", read: async () => "t" },
    send: async ({ url }) => ({
      status: 200,
      headers: { "x-jenkins": "2.579" },
      setCookies: [],
      text: url.includes("/computer/") ? computer : queue,
    }),
  });
  const log = createLogger({ level: "silent" });
  const around = { name: "m", master, bus: {} as Bus, hooks: undefined, log, now: () => 0 };
  const listener = jenkinsQueue.connect({ type: "jenkins-queue", interval: 2000 }, around);
  return async () => {
    const { items, computers } = await listener.observe();
    expect([items.length, computers?.length]).toEqual([count, count]);
    expect(items.every(({ wants }) => wants.kind === "expression")).toBe(true);
  };
}

const tries = 12;
/** Of the time for half of it. */
const most = 2.3;

/** How many times the processor time of `once` the other one takes, by the least of several tries each: those that were disturbed least. */
async function ratioOf(once: () => Promise<void>, twice: () => Promise<void>): Promise<number> {
  const cost = async (work: () => Promise<void>): Promise<number> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const [single, double]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < tries; turn += 1) {
    single.push(await cost(once));
    double.push(await cost(twice));
  }
  return Math.min(...double) / Math.min(...single);
}

test.each(["labelExpression", "why"] as const)(
  "twice the items and computers cost about twice the processor time, where labels are told by %s",
  async (tells) => {
    const [once, twice] = [reader(1_000, tells), reader(2_000, tells)];
    // What is over the limit each time is no accident of a busy machine.
    let ratio = await ratioOf(once, twice);
    for (let again = 0; again < 2 && ratio > most; again += 1) ratio = Math.min(ratio, await ratioOf(once, twice));
    expect(ratio).toBeLessThan(most);
  },
);
