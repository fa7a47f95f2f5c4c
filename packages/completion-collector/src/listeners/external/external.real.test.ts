import { channels, subjects } from "@kubestack/contracts";
import { expect, test, vi } from "vitest";
import { Bed, patient } from "../../bed.fixture.ts";

const bed = new Bed("own-");

test("a fact that a system of one's own tells holds what was told, with the node and the result", async () => {
  const name = bed.newName();
  const heard = bed.hear(name);
  await bed.listening({ name, listeners: [{ type: "external" }] });
  const tell = (data: object) =>
    bed.bus.publish(channels.externalCompletion, subjects.externalCompletion(name), data as never);
  await tell({ phase: "started", node: "ks-own-00001", build: { url: "job-1" } });
  await tell({ phase: "finished", node: "ks-own-00001", build: { url: "job-1" }, result: "SUCCESS" });
  await vi.waitFor(() => expect(heard).toHaveLength(2), patient);
  const common = { master: name, listener: "external", node: "ks-own-00001", build: { url: "job-1", number: null } };
  expect(heard).toMatchObject([
    { ...common, phase: "started", result: null },
    { ...common, phase: "finished", result: "SUCCESS" },
  ]);
});
