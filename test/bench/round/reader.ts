import { connectBus } from "@kubestack/bus";
import { channels, commands, subjects } from "@kubestack/contracts";
import { startDemandCollector } from "@kubestack/demand-collector";
import { connectMaster } from "@kubestack/jenkins";
import { createLogger, systemTiming } from "@kubestack/runtime";
import type { Reading, ToRead } from "./round.ts";

const master = "large";

/**
 * A demand-collector as a process of its own, which reads one master round after round and measures what each costs it. It
 * is told where to read, and answers with what it measured.
 */
process.once("message", async ({ nats, url, user, token, rounds }: ToRead) => {
  const bus = await connectBus({ servers: [nats], name: "bench" });
  const reads = Promise.withResolvers<void>();
  const end = bus.subscribe(channels.demand, subjects.demand(master), () => reads.resolve());
  const connection = connectMaster({ name: master, url, user, auth: { kind: "token", read: async () => token } });
  const collector = await startDemandCollector({
    install: "bench",
    version: "0.1.0",
    bus,
    log: createLogger({ level: "warn" }),
    timing: systemTiming,
    masters: [{ name: master, master: connection, demand: [{ type: "jenkins-queue", interval: 300_000 }] }],
  });
  await reads.promise;
  end();
  const cost = async (work: () => Promise<unknown>): Promise<number> => {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  const fresh = () => bus.request(commands.freshRound, { master }, { master, timeoutMs: 30_000 });
  const last = () => bus.readLast(channels.demand, subjects.demand(master));
  const measured: { roundMs: number[]; readBackMs: number[] } = { roundMs: [], readBackMs: [] };
  for (let round = 0; round < rounds; round += 1) {
    measured.roundMs.push(await cost(fresh));
    measured.readBackMs.push(await cost(last));
  }
  const [source] = (await last())?.data.sources ?? [];
  const reading: Reading = {
    ...measured,
    items: source?.items.length ?? 0,
    computers: source?.computers?.length ?? 0,
    unknown: source?.items.filter(({ wants }) => wants.kind === "unknown").length ?? 0,
    peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6,
    heapMegabytes: process.memoryUsage().heapUsed / 1e6,
  };
  process.send?.(reading);
  await collector.stop();
  await bus.close();
});
