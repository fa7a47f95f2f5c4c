import { type Bus, connectBus } from "@kubestack/bus";
import { commands } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { connectCluster } from "@kubestack/kubernetes";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSlaveSupervisor } from "./service.ts";
import { template } from "./slave-record.fixture.ts";

let server: NatsServer;
let bus: Bus;

beforeAll(async () => {
  server = await startNatsServer();
  bus = await connectBus({ servers: [server.url], name: "slave-supervisor" });
});
afterAll(async () => {
  await bus?.close();
  await server?.stop();
});

test("the service runs while neither cluster nor masters can be reached, says so, and ends", async () => {
  const cluster = connectCluster({ kind: "url", url: "http://127.0.0.1:9", token: () => "t" });
  let closed = 0;
  const master = {
    name: "m",
    probe: () => Promise.reject(new Error("no answer")),
    close: () => {
      closed += 1;
    },
  } as unknown as Master;
  const service = await startSlaveSupervisor({
    install: "test",
    version: "1.2.3",
    namespace: "ci",
    masters: [
      {
        name: "m",
        master,
        attach: "inbound",
        agentUrl: "",
        podLabels: {},
        anchors: "auto",
        nodeOpsPerSecond: "auto",
        intervalMs: 2000,
        entry: { name: "m" },
      },
    ],
    templates: [template()],
    limits: { launchesPerMinute: 600, maxSlaves: 800, countForeign: false, maxHold: 86_400_000 },
    bus,
    cluster,
    log: createLogger({ level: "silent" }),
    timing: systemTiming,
  });
  const ask = () => bus.request(commands.supervisorStatus, {});
  await expect.poll(async () => (await ask()).masters[0]?.state, { timeout: 10_000 }).toBe("starting");
  expect(await ask()).toMatchObject({
    service: "slave-supervisor",
    version: "1.2.3",
    install: "test",
    process: bus.process,
    cluster: { state: "unavailable", detail: expect.stringMatching(/; 1 master stays with this process until one is/) },
    masters: [{ master: "m", waiting: null, owner: bus.process }],
  });
  await service.stop();
  expect(closed).toBe(1);
  await expect(ask()).rejects.toThrow("Nobody answers");
  await cluster.close();
});
