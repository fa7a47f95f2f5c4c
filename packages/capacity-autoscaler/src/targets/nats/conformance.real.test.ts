import { type Bus, connectBus } from "@kubestack/bus";
import type { Cluster } from "@kubestack/kubernetes";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeTarget } from "../conformance.fixture.ts";
import { nats } from "./index.ts";
import { OwnProgram } from "./own-program.fixture.ts";

let server: NatsServer;
let bus: Bus;
let program: OwnProgram;
let groups = 0;

beforeAll(async () => {
  server = await startNatsServer();
  bus = await connectBus({ servers: [server.url], name: "test" });
}, 120_000);
afterAll(async () => {
  await bus?.close();
  await server?.stop();
});

const connect = (pool: string) =>
  nats.connect(
    { type: "nats", timeout: 500, dryRun: false },
    {
      pool: { name: pool, nodeLabels: { pool }, taints: [] },
      install: "test",
      namespace: "ci",
      bus,
      cluster: undefined as unknown as Cluster,
    },
  );

async function begin() {
  groups += 1;
  program = await OwnProgram.start(server.url, `pool ${groups}`);
  return connect(`pool ${groups}`);
}

describeTarget("nats", {
  begin,
  end: () => program.stop(),
  wanted: async () => program.wanted,
  nodes: async () => program.nodes.map((name) => ({ name, providerId: null, annotations: {} })),
  own: async () => {
    program.owner = "a person";
  },
  limit: async (most) => {
    program.most = most;
  },
  cut: async () => {
    program.isSilent = true;
    return async () => {
      program.isSilent = false;
    };
  },
  missing: "nobody answers of such a pool: that can't be told from a program that does not run",
});

test("what an answer leaves out, or says to be null, is not known", async () => {
  const target = await begin();
  const unknown = { nodes: null, least: null, most: null, owner: null };
  for (const ok of [{ wanted: 2 }, { wanted: 2, ...unknown }]) {
    program.answer = { ok };
    expect(await target.status()).toEqual({ wanted: 2, ...unknown });
  }
  await program.stop();
});

test.each<[string, unknown, string, RegExp]>([
  ["an error", { error: { message: "the quota is used up" } }, "target-refused", /was refused: the quota is used up$/],
  ["an error without words", { error: {} }, "target-refused", /it did not say why$/],
  ["what is no state", { ok: { wanted: -1 } }, "target-unavailable", /of another form \(ok\.wanted: /],
  ["a text", "yes", "target-unavailable", /of another form/],
  ["nothing", null, "target-unavailable", /of another form/],
])("%s for an answer is an error that says so", async (_, answer, code, message) => {
  const target = await begin();
  program.answer = answer;
  // Nothing at all stands for what it would have said.
  if (answer === null) program.answer = [];
  await expect(target.status()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  await program.stop();
});
