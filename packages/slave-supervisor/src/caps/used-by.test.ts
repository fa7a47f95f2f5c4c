import { KubestackError } from "@kubestack/contracts";
import { newLedger } from "@kubestack/demand";
import type { PodObservation } from "@kubestack/kubernetes";
import { annotationNames, retentionNames } from "@kubestack/templates";
import { describe, expect, test } from "vitest";
import { memoryBus } from "../memory-bus.fixture.ts";
import { template } from "../slave-record.fixture.ts";
import { costIn } from "./costs.ts";
import { usedBy } from "./used-by.ts";

const costOf = costIn([template({ name: "python", cpu: "2", memory: "1k" })]);

function pod(number: number, more: Record<string, string> = {}): PodObservation {
  const annotations = {
    [annotationNames.install]: "test",
    [annotationNames.master]: "b",
    [annotationNames.template]: "python",
    [annotationNames.epoch]: "abcd",
    [annotationNames.number]: String(number),
    [annotationNames.nonce]: "n",
    [annotationNames.labels]: "[]",
    ...more,
  };
  return { name: `ks-b-abcd${number}`, annotations } as unknown as PodObservation;
}

async function used(living: number, pods: readonly PodObservation[], fault?: KubestackError) {
  const bus = memoryBus();
  const live = Array.from({ length: living }, (_, number) => ({
    ...{ number, nonce: "n", template: "python", labels: [], item: null, at: 1, reason: "" },
  }));
  await bus.ledger.create("b", { ...newLedger({ master: "b", owner: "o", epoch: "abcd", op: "" }), live });
  if (fault !== undefined)
    bus.ledger.get = async () => {
      throw fault;
    };
  return usedBy("b", { bus, install: "test", pods: { all: () => [...pods] }, costOf });
}

describe("what a master has of which no line tells", () => {
  test.each<[string, number, PodObservation[], number]>([
    ["is what its ledger names", 3, [pod(1)], 3],
    ["is what its pods show, where its ledger does not name them yet", 0, [pod(1), pod(2)], 2],
    ["is no pod that is kept after its slave", 0, [pod(1, { [retentionNames.until]: "2026-01-01T00:00:00Z" })], 0],
    ["is no pod of another master or installation", 0, [pod(1, { [annotationNames.install]: "other" })], 0],
  ])("%s", async (_, living, pods, slaves) => {
    expect(await used(living, pods)).toEqual({ slaves, cpu: 2000 * slaves, memory: 1000 * slaves });
  });

  test("is what its pods show where nobody can read its ledger", async () => {
    expect(await used(9, [pod(1)], new KubestackError("invalid-message", "rubbish"))).toMatchObject({ slaves: 1 });
  });

  test("is not known where NATS does not answer", async () => {
    await expect(used(9, [], new KubestackError("bus-unavailable", "away"))).rejects.toThrow("away");
  });
});
