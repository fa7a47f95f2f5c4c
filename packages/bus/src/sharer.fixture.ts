import { connectBus } from "./bus.ts";

/** A process that shares masters with others and does nothing else; it tells in lines of JSON what it gets and loses. */
const [url = "", count = "1"] = process.argv.slice(2);
const bus = await connectBus({ servers: [url], name: "sharer" });
const say = (line: object): void => void process.stdout.write(`${JSON.stringify({ at: Date.now(), ...line })}\n`);
say({ process: bus.process });
const leases = Array.from({ length: Number(count) }, (_, number) => {
  const master = `master-${number}`;
  return bus.lease(
    { service: "slave-supervisor", master },
    { onChange: (held, reason, predecessor) => say({ master, held, reason, predecessor }) },
  );
});
// When belief in a lease begins and ends, by the clock that all processes of a machine have in common.
const believed = new Set<number>();
const follow = (): void => {
  for (const [number, lease] of leases.entries()) {
    if (lease.isHeld() === believed.has(number)) continue;
    if (lease.isHeld()) believed.add(number);
    else believed.delete(number);
    say({ master: `master-${number}`, believes: lease.isHeld() });
  }
};
setInterval(follow, 1);
process.once("SIGTERM", async () => {
  await Promise.all(leases.map((lease) => lease.release()));
  await bus.close();
  process.exit(0);
});
