import { KubestackError } from "@kubestack/contracts";
import type { Master } from "@kubestack/jenkins";
import { describe, expect, test } from "vitest";
import { AgentLaunches } from "./agent-launches.ts";

type Probe = Awaited<ReturnType<Master["probe"]>>;

/** A master of a version, which counts how often it is asked who it is. */
function masterOf(version: string) {
  const fake = {
    version,
    asked: 0,
    failure: undefined as KubestackError | undefined,
    answered: Promise.resolve(),
    probe: async (): Promise<Probe> => {
      fake.asked += 1;
      await fake.answered;
      if (fake.failure !== undefined) throw fake.failure;
      return { flavour: "jenkins", version: fake.version } as Probe;
    },
  };
  return { fake, master: fake as unknown as Master };
}

describe("how a master's agents start", () => {
  test("is asked once, and remembered for each master", async () => {
    const launches = new AgentLaunches(() => 0);
    const [one, two] = [masterOf("2.541.3"), masterOf("2.300.1")];
    expect(await Promise.all([launches.of(one.master), launches.of(two.master)])).toMatchObject([
      { launch: "agent-jar" },
      { launch: "jnlp-main" },
    ]);
    await launches.of(one.master);
    expect(one.fake.asked).toBe(1);
  });

  test("is asked again after a minute, and nobody waits for that", async () => {
    let now = 0;
    const launches = new AgentLaunches(() => now);
    const { fake, master } = masterOf("2.300.1");
    await launches.of(master);
    const slow = Promise.withResolvers<void>();
    fake.answered = slow.promise;
    fake.version = "2.541.3";
    now = 60_001;
    expect(await launches.of(master)).toMatchObject({ launch: "jnlp-main" });
    await launches.of(master);
    expect(fake.asked).toBe(2);
    slow.resolve();
    await expect.poll(() => launches.of(master)).toMatchObject({ launch: "agent-jar" });
  });

  test("stays what it was while the master does not answer, and is asked for again", async () => {
    let now = 0;
    const launches = new AgentLaunches(() => now);
    const { fake, master } = masterOf("2.541.3");
    await launches.of(master);
    fake.failure = new KubestackError("master-unavailable", "no answer");
    now = 60_001;
    expect(await launches.of(master)).toMatchObject({ launch: "agent-jar" });
    await expect.poll(async () => (await launches.of(master)) && fake.asked).toBeGreaterThan(2);
  });

  test("that was never known fails with the master", async () => {
    const { fake, master } = masterOf("2.541.3");
    fake.failure = new KubestackError("master-unavailable", "no answer");
    await expect(new AgentLaunches(() => 0).of(master)).rejects.toBe(fake.failure);
  });
});
