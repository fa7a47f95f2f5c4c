import { hasCode, KubestackError } from "@kubestack/contracts";
import { slave } from "@kubestack/explain/testing";
import { expect, test } from "vitest";
import { readWorld, type WorldBus } from "./read-world.ts";

/** NATS with nothing in it, where no service runs. */
const empty = {
  requestAll: async () => [],
  history: async () => [],
  leases: { list: async () => [] },
  masters: { list: async () => [] },
} as unknown as WorldBus;
const slaves = { all: async () => ({ records: [slave("ks-backend-1", "busy")], unreadable: 2 }) };

test("services that do not answer, or answer nonsense, are part of what is seen", async () => {
  const requestAll: WorldBus["requestAll"] = async ({ service }) => {
    if (service === "demand-collector") throw new TypeError("no number");
    if (service === "capacity-autoscaler") throw new KubestackError("bus-unavailable", "Nobody answers.");
    if (service === "completion-collector") throw new KubestackError("bus-unavailable", "Nobody answers.");
    return [];
  };
  const { services, unreadable } = await readWorld({ ...empty, requestAll }, slaves);
  expect(services).toEqual({
    "demand-collector": { state: "faulty", detail: "its answer can't be used: no number" },
    "completion-collector": { state: "absent", detail: "nobody answers" },
    "slave-supervisor": { state: "absent", detail: "nobody answers" },
  });
  expect(unreadable).toBe(2);
});

test.each<[string, unknown, RegExp]>([
  ["NATS itself says", new KubestackError("bus-unavailable", "NATS did not answer."), /^NATS did not answer\.$/],
  [
    "its client says",
    new Error("stream not found"),
    /^NATS does not say what there is: stream not found; ask again\.$/,
  ],
])("what can't be read is an error, never nothing, as %s it", async (_, raised, sentence) => {
  const failing = () => Promise.reject(raised);
  for (const [bus, known] of [
    [{ ...empty, history: failing }, slaves],
    [{ ...empty, leases: { ...empty.leases, list: failing } }, slaves],
    [empty, { all: failing }],
  ] as const) {
    const error = await readWorld(bus, known).catch((one: unknown) => one);
    expect(hasCode(error, "bus-unavailable")).toBe(true);
    expect((error as Error).message).toMatch(sentence);
  }
});
