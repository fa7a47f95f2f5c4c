import { gzipSync } from "node:zlib";
import { pack, unpack } from "@kubestack/bus/testing";
import { type Channel, channels, demandSourceSchema, externalDemandSchema } from "@kubestack/contracts";
import { readItems } from "@kubestack/demand-collector/testing";
import { type FuzzedParser, times } from "../parser.ts";

const stamp = { id: "1", source: "kubestack/a", subject: "s", at: 1_800_000_000_000 };
const computer = { name: "n", online: true, markedOffline: false, idle: true, executors: 1, labels: ["a"], builds: [] };
const item = { id: "1", job: "a", url: "", wants: { kind: "any" }, labelOrigin: "told", waitingSince: null, why: "" };
const source = {
  ...{ name: "jenkins-queue", term: 1, round: 1, readAt: 1, queueReadAt: 2, state: "ok", session: null },
  ...{ quietingDown: false, items: [item], computers: [computer] },
};
const written = <T>(channel: Channel<T>, data: unknown): string =>
  Buffer.from(pack(channel, data as T, stamp)).toString("latin1");
const demand = written(channels.demand, { master: "m", sources: [source] });
const packed = (text: string): string =>
  JSON.stringify({
    ...{ specversion: "1.0", id: "1", source: "a", type: "t", time: "2026-01-31T12:00:00Z" },
    data_base64: gzipSync(text).toString("base64"),
  });
const words = [
  '"data":',
  '"data_base64":',
  '"specversion":"1.0"',
  '"time":',
  '"sources":',
  '"items":',
  "H4sI",
  "{}",
  "null",
];

/** Messages of some channels, as whoever listens reads them. */
function messagesOf(name: string, of: readonly Channel<unknown>[], samples: readonly string[]): FuzzedParser {
  return {
    name,
    isJson: true,
    samples,
    words,
    read: (input) => {
      // A subject has one channel: each input is read as one of them, most as what it says that it is.
      const channel = of.find(({ type }) => input.includes(type)) ?? of[input.length % of.length];
      if (channel === undefined) return;
      const { data } = unpack(channel, Buffer.from(input, "latin1"));
      if (channel === channels.externalDemand) publishable(readItems(externalDemandSchema.parse(data).items));
    },
    growing: {
      brackets: (size) => `{"items":${times("[", size / 2)}${times("]", size / 2)}}`,
      "open brackets": (size) => times("[", size),
      "unreadable items": (size) => `{"items":[${times("7,", size)}7]}`,
      "unreadable items, packed": (size) => packed(`{"master":"m","items":[${times("7,", size)}7],"sources":[]}`),
      "faulty items": (size) => packed(`{"items":[${times('{"id":7,"label":[]},', size)}{}]}`),
      "faulty computers": (size) => packed(`{"master":"m","readAt":1,"computers":[${times("{},", size)}{}]}`),
      "one text, packed": (size) => packed(JSON.stringify({ items: [{ id: times("a", size) }] })),
      keys: (size) => `{${Array.from({ length: size / 12 }, (_, at) => `"k${at}":1`).join()}}`,
      "what is not packed": (size) => packed("{}").replace(/H4sI[^"]*/, times("H4sI", size)),
    },
  };
}

/** What was read of a system of one's own goes into a message of ours: what nobody can read there would be no round at all. */
function publishable({ items, faults = "-", unread }: ReturnType<typeof readItems>): void {
  const told = { ...source, items, unread: { items: unread, faults: faults.slice(0, 4096) } };
  const { error } = demandSourceSchema.safeParse(told);
  if (error !== undefined) throw new Error(`what was read can't be published: ${error.message}`);
}

/** Our own messages, which anybody on NATS may forge. */
export const envelopeParser = messagesOf(
  "message",
  [channels.demand, channels.look, channels.slave, channels.plan, channels.member],
  [
    demand,
    packed(JSON.stringify({ master: "m", sources: [source] })),
    written(channels.look, { master: "m", readAt: 1, session: null, computers: [computer] }),
    written(channels.member, { process: "p", service: "demand-collector" }),
  ],
);

/** What a system of one's own says that it wants. */
export const externalDemandParser = messagesOf(
  "external-demand",
  [channels.externalDemand],
  [
    '{"items":[{"id":"1","label":"linux && gpu","job":"nightly","url":"https://ci.example.org/1","waitingSince":1800000000000,"why":"waits"}]}',
    '{"items":[]}',
    written(channels.externalDemand, { items: [{ id: "1" }] }),
  ],
);

/** What it says of work that began or is over. */
export const externalCompletionParser = messagesOf(
  "external-completion",
  [channels.externalCompletion],
  [
    '{"phase":"finished","node":"ks-m-abcd1","build":{"url":"https://ci.example.org/1","number":7},"result":"SUCCESS"}',
    written(channels.externalCompletion, { phase: "started", node: "n", build: { url: "1" } }),
  ],
);
