import { channels, type SlaveEventMessage, subjects } from "@kubestack/contracts";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Services, Site } from "./site.fixture.ts";

let site: Site;
let services: Services;
let config: string;

beforeAll(async () => {
  site = await Site.start();
  config = await site.configure("main");
  services = await site.runEach(config);
});

afterAll(() => site?.stop());

test("one build gets a slave of its own, which is gone again, and every step is heard by an ordinary NATS client", async () => {
  const client = await connect({ servers: site.nats.url });
  const heard: { subject: string; data: SlaveEventMessage }[] = [];
  client.subscribe("kubestack.slave.>", {
    callback: (_, message) => {
      heard.push(message.json() as never);
    },
  });
  await client.flush();

  await site.build("python", { N: "one", SECONDS_LONG: "2", CODE: "0" });
  const [build] = await site.finished("python", 1);
  expect(build).toMatchObject({ result: "SUCCESS", builtOn: expect.stringMatching(/^ks-sandbox-/) });
  await site.untilNothingIsLeft();
  await vi.waitFor(() => expect(heard).toHaveLength(6), { timeout: 10_000 });

  expect(heard.map(({ subject }) => subject)).toEqual(
    ["requested", "scheduled", "online", "busy", "draining", "deleted"].map(
      (state) => `kubestack.slave.sandbox.python.${state}`,
    ),
  );
  expect(heard.map(({ data }) => data.step)).toEqual([0, 1, 2, 3, 4, 5]);
  expect(new Set(heard.map(({ data }) => data.slave))).toEqual(new Set([build?.builtOn]));
  expect(heard.at(-1)?.data).toMatchObject({ outcome: "served", previous: "draining" });
  for (const { data } of heard) expect(data.reason).not.toBe("");
  await client.close();

  const completions = await site.bus.history(channels.completion, subjects.completionsOf("sandbox"), { limit: 10 });
  expect(completions.map(({ data }) => [data.phase, data.node, data.result])).toEqual([
    ["started", build?.builtOn, null],
    ["finished", build?.builtOn, "SUCCESS"],
  ]);
});

test("builds of several labels run at the same time, each on its own slave; a failing build fails and harms nothing", async () => {
  const before = new Set((await site.records()).map(({ name }) => name));
  const requestsBefore = (await site.requests()).length;
  await Promise.all([
    site.build("go", { N: "1", SECONDS_LONG: "3", CODE: "0" }),
    site.build("go", { N: "2", SECONDS_LONG: "3", CODE: "1" }),
    site.build("go", { N: "3", SECONDS_LONG: "3", CODE: "0" }),
    site.build("node", { N: "4", SECONDS_LONG: "3", CODE: "0" }),
    site.build("node", { N: "5", SECONDS_LONG: "3", CODE: "0" }),
  ]);
  const [go, node] = await Promise.all([site.finished("go", 3), site.finished("node", 2)]);
  await site.untilNothingIsLeft();

  expect(go.map(({ result }) => result).sort()).toEqual(["FAILURE", "SUCCESS", "SUCCESS"]);
  expect(node.map(({ result }) => result)).toEqual(["SUCCESS", "SUCCESS"]);
  const builds = [...go, ...node];
  expect(new Set(builds.map(({ builtOn }) => builtOn)).size).toBe(5);
  const overlap = builds.some((a) =>
    builds.some((b) => a !== b && a.timestamp < b.timestamp + b.duration && b.timestamp < a.timestamp + a.duration),
  );
  expect(overlap, "some ran at the same time").toBe(true);

  const slaves = (await site.records()).filter(({ name }) => !before.has(name));
  expect(slaves.map(({ state, life }) => [state, life.outcome])).toEqual(slaves.map(() => ["deleted", "served"]));
  expect(slaves).toHaveLength(5);

  // A launch costs one pod create and one Secret create, an end one delete, and one watch serves them all.
  const requests = (await site.requests()).slice(requestsBefore);
  const count = (verb: string, resource: string): number =>
    requests.filter((request) => request.verb === verb && request.resource === resource).length;
  expect({
    pods: count("create", "pods"),
    secrets: count("create", "secrets"),
    deletes: count("delete", "pods"),
  }).toEqual({
    pods: 5,
    secrets: 5,
    deletes: 5,
  });
  expect(count("get", "pods"), "no pod is asked for one by one").toBe(0);
  expect(count("watch", "pods"), "watches opened while five slaves lived").toBeLessThanOrEqual(1);
});

describe("when a process dies", () => {
  test("a supervisor that is killed while a build runs is replaced; the build ends undisturbed and nothing is left", async () => {
    await site.build("python", { N: "killed", SECONDS_LONG: "8", CODE: "0" });
    await vi.waitFor(async () => expect((await site.records()).some(({ state }) => state === "busy")).toBe(true), {
      timeout: 60_000,
      interval: 100,
    });
    const podsBefore = (await site.present()).pods;
    await services.supervisor.end("SIGKILL");
    services.supervisor = site.run(config, "slave-supervisor");
    await services.supervisor.says(/took the master over/);
    expect((await site.present()).pods).toEqual(podsBefore);
    const [build] = await site.finished("python", 2);
    expect(build?.result).toBe("SUCCESS");
    await site.untilNothingIsLeft();
    expect((await site.records()).filter(({ state }) => state !== "deleted")).toEqual([]);
  });

  test("a second supervisor stands by, and supervises within five seconds of the death of the first", async () => {
    const standby = site.run(config, "slave-supervisor");
    await standby.says(/slave-supervisor runs/);
    const killedAt = performance.now();
    await services.supervisor.end("SIGKILL");
    await standby.says(/took the master over/);
    const tookMs = performance.now() - killedAt;
    process.stdout.write(`taken over ${Math.round(tookMs)} ms after the death\n`);
    expect(tookMs).toBeLessThan(5_000);
    services.supervisor = standby;
  });

  test("collectors that are killed are replaced, and a build that came meanwhile is served once", async () => {
    await Promise.all([services.collector.end("SIGKILL"), services.completions.end("SIGKILL")]);
    const before = (await site.records()).length;
    await site.build("node", { N: "meanwhile", SECONDS_LONG: "2", CODE: "0" });
    services.collector = site.run(config, "demand-collector");
    services.completions = site.run(config, "completion-collector");
    const [build] = await site.finished("node", 3);
    expect(build?.result).toBe("SUCCESS");
    await site.untilNothingIsLeft();
    expect((await site.records()).length - before).toBe(1);
  });

  test("an agent that dies takes its slave with it, and its place is free again", async () => {
    await site.build("go", { N: "dies", SECONDS_LONG: "60", CODE: "0" });
    const [victim] = await vi.waitFor(
      async () => {
        const busy = (await site.records()).filter(({ state }) => state === "busy");
        expect(busy).toHaveLength(1);
        return busy;
      },
      { timeout: 60_000, interval: 100 },
    );
    for (const { pid } of site.world.kubelet.running()) process.kill(pid, "SIGKILL");
    await site.finished("go", 4);
    await site.untilNothingIsLeft();
    const record = (await site.records()).find(({ name }) => name === victim?.name);
    expect(record?.life.trail.find(({ state }) => state === "draining")?.reason).toContain("agent's container ended");
    expect(record?.life.outcome).toBe("served");
  });

  test("a process that is asked to end does so at once and gives its lease up: the next one begins without waiting", async () => {
    const started = performance.now();
    expect(await services.supervisor.end("SIGTERM")).toBe(0);
    services.supervisor = site.run(config, "slave-supervisor");
    await services.supervisor.says(/took the master over/);
    // Far below the lease of 15 seconds: it was given up, not run out.
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test("a process that is asked to end hands over at once to the one that stands by", async () => {
    const standby = site.run(config, "slave-supervisor");
    await standby.says(/slave-supervisor runs/);
    const askedAt = performance.now();
    const ended = services.supervisor.end("SIGTERM");
    await standby.says(/took the master over/);
    const tookMs = performance.now() - askedAt;
    process.stdout.write(`taken over ${Math.round(tookMs)} ms after it was asked to end\n`);
    expect(tookMs).toBeLessThan(2_000);
    expect(await ended).toBe(0);
    services.supervisor = standby;
  });
});
