import { type Bus, connectBus } from "@kubestack/bus";
import { channels, commands, keys, type SlaveEventMessage, type SlaveRecord, subjects } from "@kubestack/contracts";
import {
  completion,
  demand,
  item,
  masterStatus,
  plan,
  serviceStatus,
  slave,
  slaveEvent,
} from "@kubestack/explain/testing";

/** Writes a small installation into NATS: two masters that are well, one that refuses, and their slaves. */
export async function fillWorld(bus: Bus, now: number): Promise<void> {
  for (const record of livingSlaves(now)) await keep(bus, record);
  await Promise.all([
    bus.publish(channels.demand, subjects.demand("backend"), demand("backend", queue(now))),
    bus.publish(
      channels.demand,
      subjects.demand("mobile"),
      demand("mobile", [item("77", { job: "ios-sim", waitingSince: now - 372_000 })]),
    ),
    bus.publish(
      channels.plan,
      subjects.plan("backend"),
      plan("backend", [
        ["1", "slave-coming", "ks-backend-7f3k2p is scheduled and will take it"],
        ["2", "slave-coming", "ks-backend-9d0xqa is scheduled and will take it"],
        ["3", "held", "template gpu is held: 3 launches failed: image jnlp: ErrImagePull registry/ci/gpu:12 (401)"],
        ["4", "not-ours", "no template serves 'win2012'"],
      ]),
    ),
    bus.publish(
      channels.plan,
      subjects.plan("mobile"),
      plan("mobile", [["77", "cap", "template ios is at its cap: 60/60 slaves of master mobile"]]),
    ),
    ...["backend", "mobile"].map((master) =>
      bus.leases.create(keys.lease("slave-supervisor", master), { holder: "kubestackd-1a2b3c4d" }),
    ),
  ]);
}

function livingSlaves(now: number): SlaveRecord[] {
  const up = { secret: { createdAt: now - 60_000 }, node: { registeredAt: now - 60_000 } };
  const url = "http://ci/job/shop/job/payments-it/811/";
  return [
    slave("ks-backend-7f3k2p", "scheduled", {
      since: now - 12_000,
      life: {
        pod: { waitsOn: "image", waitDetail: "jnlp: pulling registry/ci/agent:3 (640 MB)", node: "ip-10-3-1-9" },
      },
    }),
    slave("ks-backend-9d0xqa", "scheduled", {
      since: now - 38_000,
      life: {
        pod: { waitsOn: "node", waitDetail: "0/41 nodes are available: 38 Insufficient cpu, 3 untolerated taint" },
      },
    }),
    slave("ks-backend-1m8zrt", "online", {
      since: now - 240_000,
      life: { ...up, pod: { node: "ip-10-3-1-2" }, agent: { firstOnlineAt: now - 240_000, idleSince: now - 240_000 } },
    }),
    slave("ks-backend-5c2nnd", "busy", {
      since: now - 2000,
      template: "docker",
      life: { ...up, pod: { node: "ip-10-3-4-4" }, builds: { current: { url, startedAt: now - 2000 } } },
    }),
    slave("ks-mobile-0kk4ve", "draining", {
      since: now - 3000,
      master: "mobile",
      template: "ios",
      life: {
        ...up,
        pod: { node: "ip-10-3-4-7" },
        node: { registeredAt: now - 9000, removedAt: now },
        builds: { ran: 1, lastUrl: "http://ci/job/ios-sim/76/" },
        outcome: "served",
      },
    }),
    slave("ks-mobile-01aaaa", "deleted", {
      since: now - 7_200_000,
      master: "mobile",
      template: "ios",
      life: { outcome: "failed" },
    }),
  ];
}

function queue(now: number) {
  return [
    item("1", { waitingSince: now - 41_000 }),
    item("2", { waitingSince: now - 12_000 }),
    item("3", { waitingSince: now - 130_000, wants: { kind: "expression", expression: "gpu" } }),
    item("4", { waitingSince: now - 9000, wants: { kind: "expression", expression: "win2012" } }),
    item("5", { waitingSince: now - 400 }),
  ];
}

async function keep(bus: Bus, { op: _op, ...record }: SlaveRecord): Promise<void> {
  await bus.slaves.create(keys.slave(record.master, record.name), record);
}

/** Publishes that a slave entered a state. */
export async function tell(bus: Bus, event: SlaveEventMessage): Promise<void> {
  const subject = subjects.slave({ master: event.master, template: event.template, state: event.state });
  await bus.publish(channels.slave, subject, event);
}

/** The story of one slave and its build, and of a master that refuses. */
export async function fillEvents(bus: Bus, now: number): Promise<void> {
  const name = "ks-backend-7f3k2p";
  const build = "http://ci/job/shop/job/api/412/";
  const on = { namespace: "ci", uid: "u", node: "ip-10-3-1-9" };
  const at = (secondsAgo: number): number => now - secondsAgo * 1000;
  await tell(bus, slaveEvent(name, "requested", { at: at(90) }));
  await tell(
    bus,
    slaveEvent(name, "scheduled", { at: at(89.96), previous: "requested", afterMs: 40, reason: "the pod exists" }),
  );
  await tell(
    bus,
    slaveEvent(name, "online", {
      at: at(20),
      previous: "scheduled",
      afterMs: 69_960,
      reason: "the agent is connected",
      pod: on,
    }),
  );
  await tell(
    bus,
    slaveEvent(name, "busy", {
      at: at(19.4),
      previous: "online",
      afterMs: 600,
      reason: `runs ${build}`,
      build,
      pod: on,
    }),
  );
  await bus.publish(
    channels.completion,
    subjects.completion("backend", "started"),
    completion("started", { at: at(19.5), build: { url: build, number: 412 } }),
  );
  await bus.publish(
    channels.completion,
    subjects.completion("backend", "completed"),
    completion("completed", { at: at(6), build: { url: build, number: 412 }, result: "SUCCESS" }),
  );
  await tell(
    bus,
    slaveEvent(name, "draining", { at: at(5), previous: "busy", afterMs: 14_400, reason: `${build} is over`, pod: on }),
  );
  await tell(
    bus,
    slaveEvent(name, "deleted", {
      at: at(3),
      previous: "draining",
      afterMs: 2000,
      reason: "secret.gone",
      outcome: "served",
    }),
  );
  await bus.publish(channels.master, subjects.master("payments", "refused"), {
    master: "payments",
    event: "refused",
    reason: "Jenkins at http://payments refuses the token of user kubestack (401)",
    at: at(30),
  });
}

/** Answers for all three services, as one process would. Returns what ends it. */
export async function serveWorld(bus: Bus, now: number): Promise<() => Promise<void>> {
  const refused = masterStatus("payments", {
    state: "refused",
    detail:
      "Jenkins at http://payments refuses the token of user kubestack (401): make a new one and put it where masters[].token points.",
    waiting: null,
    since: now - 2_880_000,
  });
  const masters = [
    masterStatus("backend", { waiting: 5, oldestWaitingSince: now - 130_000 }),
    masterStatus("mobile", { waiting: 1, oldestWaitingSince: now - 372_000 }),
    refused,
  ];
  const collector = await bus.serve("demand-collector", "0.1.0");
  collector.answer(commands.collectorStatus, () => serviceStatus("demand-collector", masters));
  const completions = await bus.serve("completion-collector", "0.1.0");
  completions.answer(commands.completionStatus, () => serviceStatus("completion-collector", masters));
  const supervisor = await bus.serve("slave-supervisor", "0.1.0");
  supervisor.answer(commands.supervisorStatus, () => serviceStatus("slave-supervisor", masters));
  return async () => {
    await Promise.all([collector.stop(), completions.stop(), supervisor.stop()]);
  };
}

/** A connection of the test's own. */
export function connectWorld(url: string): Promise<Bus> {
  return connectBus({ servers: [url], name: "world" });
}
