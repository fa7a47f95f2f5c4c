import { connectBus } from "@kubestack/bus";
import { startHookServer } from "@kubestack/hooks";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { startDemandCollector } from "../../service.ts";
import { secret } from "./deliveries.fixture.ts";

/** A process that serves one master by webhooks alone; it tells in a line where it takes them, and ends with its input. */
const [natsUrl = "", master = "m", interval = "250"] = process.argv.slice(2);
const bus = await connectBus({ servers: [natsUrl], name: "collector" });
const hooks = startHookServer({
  listen: "127.0.0.1:0",
  secret: async () => secret,
  now: bus.clock.now,
  monotonic: systemTiming.monotonic,
  tell: () => undefined,
});
const collector = await startDemandCollector({
  install: "test",
  version: "0.1.0",
  bus,
  hooks,
  log: createLogger({ level: "silent" }),
  timing: systemTiming,
  masters: [
    {
      name: master,
      master: undefined,
      demand: [{ type: "webhook", secret: "file:/nowhere", interval: Number(interval) }],
    },
  ],
});
process.stdout.write(`${await hooks.listening}\n`);
process.stdin.resume();
process.stdin.once("end", async () => {
  await collector.stop();
  await hooks.stop();
  await bus.close();
  process.exit(0);
});
process.on("message", () => process.send?.({ rss: process.memoryUsage().rss }));
