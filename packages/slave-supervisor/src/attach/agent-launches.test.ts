import { KubestackError } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { describe, expect, test } from "vitest";
import { AgentLaunches } from "./agent-launches.ts";
import type { AttachTarget } from "./attach-mode.ts";

type Probe = Awaited<ReturnType<Master["probe"]>>;

/** A master of a version, which counts how often it is asked who it is, and which port it has. */
function masterOf(version: string, more: Partial<AttachTarget> = {}) {
  const fake = {
    version,
    port: 50_000 as number | null,
    asked: 0,
    askedPort: 0,
    failure: undefined as KubestackError | undefined,
    answered: Promise.resolve(),
    probe: async (): Promise<Probe> => {
      fake.asked += 1;
      await fake.answered;
      if (fake.failure !== undefined) throw fake.failure;
      return { flavour: "jenkins", version: fake.version } as Probe;
    },
    agentPort: async () => {
      fake.askedPort += 1;
      return fake.port;
    },
  };
  const target: AttachTarget = {
    name: "backend",
    master: fake as unknown as Master,
    agentUrl: "http://ci/",
    podLabels: {},
    ...more,
  };
  return { fake, target };
}

describe("how a master's agents start", () => {
  test("is asked once, and remembered for each master", async () => {
    const launches = new AgentLaunches(() => 0);
    const [one, two] = [masterOf("2.541.3"), masterOf("2.300.1")];
    expect(await Promise.all([launches.of(one.target), launches.of(two.target)])).toMatchObject([
      { launch: "agent-jar" },
      { launch: "jnlp-main" },
    ]);
    await launches.of(one.target);
    expect([one.fake.asked, one.fake.askedPort]).toEqual([1, 1]);
  });

  test("is asked again after a minute, and nobody waits for that", async () => {
    let now = 0;
    const launches = new AgentLaunches(() => now);
    const { fake, target } = masterOf("2.300.1");
    await launches.of(target);
    const slow = Promise.withResolvers<void>();
    fake.answered = slow.promise;
    fake.version = "2.541.3";
    now = 60_001;
    expect(await launches.of(target)).toMatchObject({ launch: "jnlp-main" });
    await launches.of(target);
    expect(fake.asked).toBe(2);
    slow.resolve();
    await expect.poll(() => launches.of(target)).toMatchObject({ launch: "agent-jar" });
  });

  test("stays what it was while the master does not answer, and is asked for again", async () => {
    let now = 0;
    const launches = new AgentLaunches(() => now);
    const { fake, target } = masterOf("2.541.3");
    await launches.of(target);
    fake.failure = new KubestackError("master-unavailable", "no answer");
    await expect(launches.renew(target)).rejects.toBe(fake.failure);
    now = 60_001;
    expect(await launches.of(target)).toMatchObject({ launch: "agent-jar" });
    await expect.poll(async () => (await launches.of(target)) && fake.asked).toBeGreaterThan(3);
  });

  test("that was never known fails with the master", async () => {
    const { fake, target } = masterOf("2.541.3");
    fake.failure = new KubestackError("master-unavailable", "no answer");
    await expect(new AgentLaunches(() => 0).of(target)).rejects.toBe(fake.failure);
  });
});

describe("the way that a master's agents take", () => {
  test("is found anew when the master was started anew, by whoever knows that", async () => {
    const launches = new AgentLaunches(() => 0);
    const { fake, target } = masterOf("2.541.3");
    expect(await launches.of(target)).toMatchObject({ transport: { kind: "tcp" } });
    fake.port = null;
    expect(await launches.of(target)).toMatchObject({ transport: { kind: "tcp" } });
    await launches.renew(target);
    expect(await launches.of(target)).toMatchObject({ transport: { kind: "websocket" } });
  });

  test.each<[Partial<AttachTarget>, string]>([
    [{ transport: "tcp" }, "tcp"],
    [{ transport: "websocket" }, "websocket"],
    [{ agentTunnel: "agents:1" }, "tcp"],
  ])("asks for no port where nothing depends on it: %j", async (more, kind) => {
    const { fake, target } = masterOf("2.541.3", more);
    expect(await new AgentLaunches(() => 0).of(target)).toMatchObject({ transport: { kind } });
    expect(fake.askedPort).toBe(0);
  });

  test("that was not asked for is asked for once it matters", async () => {
    const launches = new AgentLaunches(() => 0);
    const { fake, target } = masterOf("2.541.3", { transport: "tcp" });
    await launches.of(target);
    fake.port = null;
    expect(await launches.of({ ...target, transport: "auto" })).toMatchObject({ transport: { kind: "websocket" } });
  });

  test("is refused where none is left, for a minute by what is remembered, and then by what is so", async () => {
    let now = 0;
    const launches = new AgentLaunches(() => now);
    const { fake, target } = masterOf("2.100");
    fake.port = null;
    const refusal = { code: "master-refused", retry: "never", message: expect.stringContaining("backend") };
    await expect(launches.of(target)).rejects.toMatchObject(refusal);
    fake.port = 50_000;
    await expect(launches.of(target)).rejects.toMatchObject(refusal);
    expect(fake.asked).toBe(1);
    now = 60_001;
    expect(await launches.of(target)).toMatchObject({ transport: { kind: "tcp" } });
  });
});
