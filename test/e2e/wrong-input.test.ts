import { writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { channels, commands, type MasterEventMessage, subjects } from "@kubestack/contracts";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Service, Site } from "./site.fixture.ts";

let site: Site;
let daemon: Service;
let loginPage: Server;

beforeAll(async () => {
  loginPage = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end("<html><head><title>Sign in</title></head><body><form action='/sso'>…</form></body></html>");
  });
  await new Promise<void>((resolve) => loginPage.listen(0, "127.0.0.1", resolve));
  site = await Site.start();
  const wrongPassword = join(site.world.folder, "wrong-password");
  await writeFile(wrongPassword, "not-the-password");
  const { port } = loginPage.address() as AddressInfo;
  const config = await site.configure("wrong", (settings) => {
    const [master] = settings.masters;
    const behindProxy = `http://127.0.0.1:${port}/`;
    return {
      ...settings,
      masters: [
        master,
        // The same master by another of its addresses, since one address twice is refused.
        {
          ...master,
          name: "refused",
          url: master?.url.replace("127.0.0.1", "localhost"),
          password: `file:${wrongPassword}`,
        },
        { ...master, name: "login-page", url: behindProxy, agentUrl: behindProxy },
        { ...master, name: "away", url: "http://127.0.0.1:1/", agentUrl: "http://127.0.0.1:1/" },
      ],
      templates: [
        ...settings.templates,
        { name: "unstartable", labels: ["unstartable"], image: "registry.example.org/nothing:1", workDir: "." },
        {
          ...settings.templates[0],
          name: "no-java",
          labels: ["no-java"],
          env: { PATH: "/nonexistent", JAVA_HOME: "" },
        },
        {
          name: "refused-pod",
          labels: ["refused-pod"],
          image: "kubestack/slave-python:sandbox",
          cpu: "2",
          memory: "1Gi",
        },
      ],
    };
  });
  for (const label of ["unstartable", "no-java", "refused-pod"])
    await site.world.master.admin.createJob({ name: `builds-${label}`, label, script: "true" });
  daemon = site.run(config);
  await daemon.says(/kubestackd is ready/);
});

afterAll(async () => {
  await site?.stop();
  await new Promise((resolve) => loginPage.close(resolve));
});

async function told(master: string): Promise<MasterEventMessage> {
  return vi.waitFor(
    async () => {
      const events = await site.bus.history(channels.master, subjects.allMasters, { limit: 100 });
      const event = events.find(({ data }) => data.master === master && data.event !== "owner-changed");
      if (event === undefined) throw new Error(`nothing is told of ${master} yet`);
      return event.data;
    },
    { timeout: 30_000, interval: 100 },
  );
}

test.each([
  ["refused", "refused", [/user kubestack/, /password/]],
  ["login-page", "refused", [/login page/i]],
  ["away", "unreachable", [/127\.0\.0\.1:1/]],
] as const)("a master that is %s is told so in one sentence that names it", async (master, event, says) => {
  const message = await told(master);
  expect(message.event).toBe(event);
  expect(message.reason).toContain(master);
  for (const words of says) expect(message.reason).toMatch(words);
  expect(message.reason).not.toContain("not-the-password");
});

test("what is wrong with some masters and templates keeps no other build from its slave", async () => {
  await site.world.master.admin.build("builds-unstartable");
  await site.build("python", { N: "good", SECONDS_LONG: "2", CODE: "0" });
  const stuck = await vi.waitFor(
    async () => {
      const record = (await site.records()).find(({ template }) => template === "unstartable");
      expect(record?.life.pod.waitDetail).toMatch(/ErrImagePull|ImagePullBackOff/);
      return record;
    },
    { timeout: 30_000, interval: 100 },
  );
  expect(stuck?.state).toBe("scheduled");
  expect(stuck?.life.pod.waitsOn).toBe("image");
  expect(stuck?.life.pod.waitDetail).toContain("registry.example.org/nothing:1");

  const status = await site.bus.request(commands.collectorStatus, {});
  expect(Object.fromEntries(status.masters.map(({ master, state }) => [master, state]))).toEqual({
    sandbox: "ok",
    refused: "refused",
    "login-page": "refused",
    away: "unreachable",
  });

  // A slave that can't start is withdrawn on request, wholly; half a minute later it would be given up.
  const queue = await site.world.master.admin.queue();
  const item = queue.find(({ job }) => job === "builds-unstartable");
  if (item !== undefined) await site.world.master.admin.cancelItem(item.id);
  await site.bus.request(
    commands.drainSlave,
    { master: "sandbox", slave: stuck?.name ?? "", reason: "asked by a person" },
    { master: "sandbox" },
  );
  const [build] = await site.finished("python", 1);
  expect(build?.result).toBe("SUCCESS");
  await site.untilNothingIsLeft();
});

test("an agent that cannot start is told why by its own log, in record, event and hold", async () => {
  await site.world.master.admin.build("builds-no-java");
  const failed = await vi.waitFor(
    async () => {
      const record = (await site.records()).find(({ template }) => template === "no-java");
      expect(record?.state).toBe("deleted");
      return record;
    },
    { timeout: 30_000, interval: 100 },
  );
  const says =
    "the agent's container ended with code 12 (Error): its log says that its image has no Java; use one that has";
  expect(failed?.life).toMatchObject({ outcome: "failed", cause: "no-java" });
  expect(failed?.life.trail.find(({ state }) => state === "draining")?.reason).toBe(says);
  const events = await site.bus.history(channels.slave, "kubestack.slave.sandbox.no-java.>", { limit: 100 });
  const told = events.map(({ data: { state, cause } }) => [state, cause]);
  expect(told).toEqual([
    ["requested", undefined],
    ["scheduled", undefined],
    ["draining", "no-java"],
    ["deleted", "no-java"],
  ]);
  const waits = async () => {
    const plan = await site.bus.readLast(channels.plan, subjects.plan("sandbox"));
    return plan?.data.waiting.map(({ reason }) => reason);
  };
  const why = /template no-java is held: a launch failed, .* its image has no Java/;
  await vi.waitFor(async () => expect(await waits()).toEqual([expect.stringMatching(why)]), { timeout: 15_000 });
  const [item] = await site.world.master.admin.queue();
  if (item !== undefined) await site.world.master.admin.cancelItem(item.id);
  await vi.waitFor(async () => expect(await waits()).toEqual([]), { timeout: 15_000 });
});

test("a pod that the cluster refuses ends its slave at once, and its template is held, with the cluster's own words", async () => {
  await site.world.cluster.json("/api/v1/namespaces/ci-agents/resourcequotas", {
    method: "POST",
    body: { metadata: { name: "small" }, spec: { hard: { "requests.cpu": "1" } } },
  });
  await vi.waitFor(
    async () => {
      const quota = (await site.world.cluster.json("/api/v1/namespaces/ci-agents/resourcequotas/small")) as {
        status?: { hard?: object };
      };
      expect(quota.status?.hard).toBeDefined();
    },
    { timeout: 15_000, interval: 100 },
  );
  await site.world.master.admin.build("builds-refused-pod");
  const failed = await vi.waitFor(
    async () => {
      const record = (await site.records()).find(({ template }) => template === "refused-pod");
      expect(record?.state).toBe("deleted");
      return record;
    },
    { timeout: 30_000, interval: 100 },
  );
  expect(failed?.life.outcome).toBe("failed");
  expect(failed?.life.trail.find(({ state }) => state === "draining")?.reason).toMatch(/exceeded quota: small/);
  const plan = await vi.waitFor(
    async () => {
      const last = await site.bus.readLast(channels.plan, subjects.plan("sandbox"));
      expect(last?.data.waiting.map(({ code }) => code)).toEqual(["held"]);
      return last?.data;
    },
    { timeout: 15_000, interval: 100 },
  );
  expect(plan?.waiting[0]?.reason).toMatch(/template refused-pod is held.*exceeded quota/);
  expect((await site.records()).filter(({ template }) => template === "refused-pod")).toHaveLength(1);
});
