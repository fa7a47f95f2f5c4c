import { type Bus, connectBus } from "@kubestack/bus";
import { startCompletionCollector } from "@kubestack/completion-collector";
import { type Completion, channels, commands, subjects } from "@kubestack/contracts";
import { startDemandCollector } from "@kubestack/demand-collector";
import { connectMaster } from "@kubestack/jenkins";
import {
  type EventPublisher,
  type JenkinsSimulator,
  startEventPublisher,
  startJenkinsSimulator,
} from "@kubestack/jenkins-simulator";
import { type NatsServer, startNatsServer } from "@kubestack/real-parts";
import { createLogger, systemTiming } from "@kubestack/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";

const slave = "ks-m-abcd1";
let server: NatsServer;
let jenkins: JenkinsSimulator;
let publisher: EventPublisher;
let bus: Bus;
const ends: (() => Promise<void>)[] = [];
const facts: Completion[] = [];
const watchers: (() => void)[] = [];

/** A master that publishes what happens, and the two services that observe it; a round comes once in five minutes. */
beforeAll(async () => {
  server = await startNatsServer();
  jenkins = await startJenkinsSimulator();
  publisher = await startEventPublisher(jenkins);
  bus = await connectBus({ servers: [server.url], name: "test" });
  ends.push(() => bus.close());
  const connection = () =>
    connectMaster({
      name: "m",
      url: jenkins.url,
      user: jenkins.user,
      auth: { kind: "token", read: async () => jenkins.token },
    });
  const common = {
    install: "test",
    version: "0.1.0",
    bus,
    log: createLogger({ level: "silent" }),
    timing: systemTiming,
  };
  const end = bus.subscribe(channels.completion, subjects.completionsOf("m"), ({ data }) => {
    facts.push(data);
    for (const tell of watchers.splice(0)) tell();
  });
  ends.push(async () => end());
  jenkins.core.createNode({ name: slave, labels: "maven" });
  jenkins.core.connect(slave);
  jenkins.core.createJob({ name: "team/lib", label: "maven", durationMs: null });
  const completion = [{ type: "zmq" as const, host: "127.0.0.1", port: publisher.port, heartbeat: 30_000 }];
  for (const service of [
    await startCompletionCollector({ ...common, masters: [{ name: "m", master: connection(), completion }] }),
    await startDemandCollector({
      ...common,
      masters: [{ name: "m", master: connection(), demand: [{ type: "jenkins-queue", interval: 300_000 }] }],
    }),
  ])
    ends.push(() => service.stop());
  await publisher.subscribed;
});

afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  await publisher?.stop();
  await jenkins?.stop();
  await server?.stop();
});

async function told(phase: Completion["phase"], number: number): Promise<Completion> {
  for (;;) {
    const found = facts.find((fact) => fact.phase === phase && fact.build.number === number);
    if (found !== undefined) return found;
    await new Promise<void>((resolve) => watchers.push(resolve));
  }
}

test("a build's end is known long before the next round, from what the master publishes and then shows", async () => {
  jenkins.core.build("team/lib");
  await told("started", 1);
  jenkins.core.markOffline(slave);
  jenkins.core.finishBuild("team/lib");
  expect(await told("finished", 1)).toMatchObject({
    listener: "jenkins-computers",
    node: slave,
    result: "SUCCESS",
    build: { url: `${jenkins.url}job/team/job/lib/1/` },
  });
  const { masters } = await bus.request(commands.completionStatus, {});
  expect(masters[0]?.detail).toMatch(
    /^listens; zmq tcp:\/\/127\.0\.0\.1:\d+ connected since .*, [12] messages heard, 0 of them unreadable$/,
  );
});

test("after the publisher was away the same holds again, and what happened meanwhile is not lost", async () => {
  const { port } = publisher;
  await publisher.stop();
  jenkins.core.bringOnline(slave);
  jenkins.core.build("team/lib");
  publisher = await startEventPublisher({ ...jenkins, port });
  await publisher.subscribed;
  // Nobody heard of its start; its end is what is heard first.
  jenkins.core.finishBuild("team/lib");
  jenkins.core.build("team/lib");
  await told("started", 3);
  jenkins.core.finishBuild("team/lib");
  await told("finished", 3);
  expect(new Set(facts.map(({ listener }) => listener))).toEqual(new Set(["jenkins-computers"]));
});
