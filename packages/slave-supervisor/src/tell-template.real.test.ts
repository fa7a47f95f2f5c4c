import { commands } from "@kubestack/contracts";
import { expect, test, vi } from "vitest";
import { Bed, until } from "./bed.fixture.ts";
import type { World } from "./world.fixture.ts";

vi.setConfig({ testTimeout: 30_000 });

const bed = new Bed("tell-template");

function ask({ name: master }: World, template: string) {
  return bed.two.bus.request(commands.runningTemplate, { master, template }, { master });
}

/** What a text is with one slave's name, number and marks put in the place of another's. */
function as(text: string, words: readonly (readonly [string, string])[]): unknown {
  return JSON.parse(words.reduce((made, [from, to]) => made.replaceAll(from, to), text));
}

test("a master's owner tells the very pod that its next slave gets, but for what only a launch knows", async () => {
  const world = bed.newWorld();
  await bed.collected(world);
  const { supervisor, lease } = bed.started(world);
  const other = bed.started(world, { process: bed.two });
  other.lease.take();
  await until(() => expect(supervisor.status().state).toBe("ok"));
  const { template } = await ask(world, "python");
  world.isFrozen = true;
  world.wants("1");
  await until(() => expect(world.cluster.pods.size).toBe(1));
  const [record] = await bed.records(world);
  const pod = world.cluster.pods.get(record?.name ?? "");
  const { name = "", epoch = "", nonce = "", number } = record ?? {};
  const told = JSON.stringify({ spec: template?.pod.spec, metadata: template?.pod.metadata });
  const { spec, metadata } = JSON.parse(JSON.stringify(pod)) as { spec: object; metadata: Record<string, unknown> };
  const made = as(told, [
    [`ks-${world.name}-at-launch`, name],
    [`"kubestack.io/epoch":"at-launch"`, `"kubestack.io/epoch":"${epoch}"`],
    [`"kubestack.io/nonce":"at-launch"`, `"kubestack.io/nonce":"${nonce}"`],
    [`"kubestack.io/number":"at-launch"`, `"kubestack.io/number":"${number}"`],
  ]) as { spec: object; metadata: Record<string, unknown> };
  expect(made.spec).toEqual(spec);
  expect(made.metadata).toMatchObject({ labels: metadata.labels, annotations: metadata.annotations });
  expect(template?.settings).toMatchObject({ labels: ["python"], builds: 1, idleTimeout: "5m" });
  lease.take();
});

test("a template that does not serve the master is told as none", async () => {
  const world = bed.newWorld();
  await bed.collected(world);
  const { supervisor } = bed.started(world);
  await until(() => expect(supervisor.status().state).toBe("ok"));
  expect(await ask(world, "java")).toEqual({ template: null });
});
