import { type Bus, connectBus } from "@kubestack/bus";
import { type Completion, channels, commands, type LookRequest, subjects } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { MasterCompletions } from "../../master-completions.ts";

let server: NatsServer;
let bus: Bus;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  bus = await connectBus({ servers: [server.url], name: "test" });
});
afterAll(async () => {
  await bus?.close();
  await server?.stop();
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Completions of a master, and what is told of them. */
async function listening(name: string, master?: Master) {
  const heard: Completion[] = [];
  const stop = bus.subscribe(channels.completion, subjects.completionsOf(name), ({ data }) => heard.push(data));
  const log = createLogger({ level: "silent" });
  const listeners = [{ type: "external" }] as const;
  const completions = new MasterCompletions({ name, master, listeners, bus, log, timing: systemTiming });
  ends.push(async () => {
    stop();
    await completions.stop();
  });
  await vi.waitFor(() => expect(completions.status().state).toBe("ok"), { timeout: 10_000 });
  const tell = (data: object) =>
    bus.publish(channels.externalCompletion, subjects.externalCompletion(name), data as never);
  return { heard, tell };
}

test("what a system of one's own tells of its slaves is a fact, once for each build and phase", async () => {
  const { heard, tell } = await listening("own");
  const began = { phase: "started", node: "ks-own-00001", build: { url: "job-1" } };
  await tell(began);
  await tell(began);
  await tell({ phase: "nonsense", node: "ks-own-00001", build: { url: "job-1" } });
  await tell({ phase: "finished", node: "ks-own-00001", build: { url: "job-1" }, result: "SUCCESS" });
  await vi.waitFor(() => expect(heard).toHaveLength(2));
  const common = { master: "own", listener: "external", node: "ks-own-00001", build: { url: "job-1", number: null } };
  expect(heard).toMatchObject([
    { ...common, phase: "started", result: null },
    { ...common, phase: "finished", result: "SUCCESS" },
  ]);
});

test("of a Jenkins it is a hint: the master is looked at, and nothing is believed", async () => {
  const asked: LookRequest[] = [];
  const service = await bus.serve("demand-collector", "1.0.0");
  const answer = (request: LookRequest) => {
    asked.push(request);
    return { accepted: true };
  };
  ends.push(async () => service.stop());
  service.answer(commands.lookNow, answer, "ci");
  await service.known();
  const { heard, tell } = await listening("ci", { close: () => undefined } as Master);
  await tell({ phase: "finished", node: "ks-ci-00001", build: { url: "job/a/1/" } });
  await vi.waitFor(() => expect(asked).toMatchObject([{ nodes: ["ks-ci-00001"], until: "idle" }]));
  expect(heard).toEqual([]);
});
