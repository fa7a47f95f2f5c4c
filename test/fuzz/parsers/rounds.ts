import type { Bus } from "@kubestack/bus";
import { demandSourceSchema } from "@kubestack/contracts";
import { connectDemandListener } from "@kubestack/demand-collector/testing";
import { createLogger } from "@kubestack/runtime";
import { type FuzzedParser, times } from "../parser.ts";
import { answeringMaster } from "./answering-master.ts";

const item = {
  _class: "hudson.model.Queue$BuildableItem",
  id: 7,
  blocked: false,
  buildable: true,
  stuck: false,
  pending: false,
  why: "Waiting for next available executor on ‘linux&&jdk21’",
  inQueueSince: 1_767_225_600_000,
  buildableStartMilliseconds: 1_767_225_600_100,
  task: {
    _class: "hudson.model.FreeStyleProject",
    name: "api",
    url: "http://ci.example.org/job/team/job/api/",
    labelExpression: "linux && jdk21",
  },
};
const { labelExpression: _label, ...oldTask } = item.task;
const blockTask = {
  _class: "org.jenkinsci.plugins.workflow.support.steps.ExecutorStepExecution$PlaceholderTask",
  name: "part of team » lib #3",
  url: "job/team/job/lib/3/",
};
const queue = JSON.stringify({
  items: [item, { ...item, id: 8, task: oldTask }, { ...item, id: 9, task: blockTask }, { ...item, id: 10, task: {} }],
  discoverableItems: [{ task: { name: "secret" } }],
});
const node = {
  displayName: "ks-m-abcd1",
  idle: false,
  offline: false,
  temporarilyOffline: false,
  numExecutors: 1,
  assignedLabels: [{ name: "linux" }, { name: "ks-m-abcd1" }],
  executors: [
    { idle: false, currentExecutable: { url: "http://ci.example.org/job/team/job/api/3/", number: 3, queueId: 5 } },
  ],
};
const computers = JSON.stringify({ computer: [node, { ...node, displayName: "Built-In Node", executors: [{}] }] });
const configuration = "<project><assignedNode>linux</assignedNode><canRoam>false</canRoam></project>";

/** A whole round of a Jenkins, of which `of` is hostile: what comes out must be fit to be published. */
function roundOf(of: "queue" | "computer"): FuzzedParser["read"] {
  const { master, ...answering } = withAnswers();
  const log = createLogger({ level: "silent" });
  const around = { name: "m", master, bus: {} as Bus, hooks: undefined, log, now: () => 0 };
  return async (input) => {
    answering.hostile(of, input);
    // Each round is its own: a listener remembers labels.
    const listener = connectDemandListener({ type: "jenkins-queue", interval: 2000 }, around);
    const reading = await listener.observe();
    demandSourceSchema.parse({ name: "jenkins-queue", term: 0, round: 0, state: "ok", intervalMs: 2000, ...reading });
  };
}

function withAnswers() {
  const answering = answeringMaster();
  return {
    master: answering.master,
    hostile: (of: "queue" | "computer", input: string): void => {
      answering.answer = (path) => {
        if (path.startsWith(of)) return { text: input };
        return { text: path.startsWith("queue/") ? queue : path.startsWith("computer/") ? computers : configuration };
      };
    },
  };
}

const many = (one: object, size: number): string => {
  const text = JSON.stringify(one);
  return Array.from({ length: Math.max(1, Math.floor(size / text.length)) }, () => text).join();
};

/** The answer for a master's queue, through the listener that reads it. */
export const queueParser: FuzzedParser = {
  name: "queue",
  isJson: true,
  samples: [queue, JSON.stringify({ items: [item] })],
  words: ['"items":', '"task":', '"why":', '"labelExpression":', '"url":', "job/", "‘", "&&", "PlaceholderTask", "{}"],
  read: roundOf("queue"),
  growing: {
    items: (size) => `{"items":[${many(item, size)}]}`,
    "unreadable items": (size) => `{"items":[${times("{},", size)}7]}`,
    "faults of one item": (size) => `{"items":[{${times('"stuck":7,', size)}"id":[]}]}`,
    brackets: (size) => `{"items":[${times("[", size / 2)}${times("]", size / 2)}]}`,
    "open brackets": (size) => times('{"items":[', size),
    "one why": (size) => JSON.stringify({ items: [{ ...item, task: {}, why: times("a is offline; ", size) }] }),
    "one address": (size) => JSON.stringify({ items: [{ ...item, task: { url: times("job/a/", size) } }] }),
    escapes: (size) => `{"items":[{"id":1,"why":"${times("\\u2018", size)}"}]}`,
  },
};

/** The answer for a master's computers, through the same. */
export const computersParser: FuzzedParser = {
  name: "computers",
  isJson: true,
  samples: [computers, JSON.stringify({ computer: [node] })],
  words: ['"computer":', '"displayName":', '"executors":', '"currentExecutable":', '"assignedLabels":', "{}", "null"],
  read: roundOf("computer"),
  growing: {
    computers: (size) => `{"computer":[${many(node, size)}]}`,
    "unreadable computers": (size) => `{"computer":[${times("{},", size)}7]}`,
    "labels of one": (size) =>
      `{"computer":[{"displayName":"a","assignedLabels":[${times('{"name":"a"},', size)}{}]}]}`,
    "faults of one": (size) => `{"computer":[{"displayName":"a","executors":[${times("7,", size)}7]}]}`,
    "executors of one": (size) => JSON.stringify({ computer: [{ ...node, executors: executorsOf(size) }] }),
    brackets: (size) => `{"computer":[{"displayName":${times("[", size / 2)}${times("]", size / 2)}}]}`,
  },
};

function executorsOf(size: number): unknown[] {
  const [one] = node.executors;
  return Array.from({ length: Math.max(1, Math.floor(size / JSON.stringify(one).length)) }, () => one);
}
