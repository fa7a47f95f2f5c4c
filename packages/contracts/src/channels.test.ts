import { describe, expect, test } from "vitest";
import { buckets } from "./buckets.ts";
import { capacityEvents } from "./capacity.ts";
import { channels, type StreamName, streams } from "./channels.ts";
import { allServiceNames, commands, leasingServiceNames } from "./commands.ts";
import { completionPhases } from "./completion.ts";
import { eventTypePrefix } from "./event.ts";
import { masterEvents } from "./master.ts";
import { questions } from "./pool-target.ts";
import { slaveStates } from "./slave.ts";
import { subjects } from "./subjects.ts";
import { subjectsPage } from "./subjects-page.ts";

/** Every subject that a channel uses, for a master whose name needs writing differently. */
const used: Readonly<Record<keyof typeof channels, readonly string[]>> = {
  demand: [subjects.demand("ci.one")],
  externalDemand: [subjects.externalDemand("ci.one")],
  look: [subjects.look("ci.one")],
  hooked: [subjects.hooked("ci.one")],
  plan: [subjects.plan("ci.one")],
  completion: completionPhases.map((phase) => subjects.completion("ci.one", phase)),
  externalCompletion: [subjects.externalCompletion("ci.one")],
  slave: slaveStates.map((state) => subjects.slave({ master: "ci.one", template: "a b", state })),
  master: masterEvents.map((event) => subjects.master("ci.one", event)),
  capacity: capacityEvents.map((event) => subjects.capacity("spot one", event)),
  templates: [subjects.templates],
  member: leasingServiceNames.map((service) => subjects.member(service)),
};
const all = Object.entries(channels).flatMap(([name, channel]) =>
  used[name as keyof typeof channels].map((subject) => ({ subject, channel })),
);

function isCovered(subject: string, filter: string): boolean {
  const [tokens, wanted] = [subject.split("."), filter.split(".")];
  return tokens.length === wanted.length && wanted.every((token, at) => token === "*" || token === tokens[at]);
}

describe("the table of channels", () => {
  test.each(all)("$subject is kept by its channel's stream, and by no other", ({ subject, channel }) => {
    const keeping = Object.entries(streams).filter(([, { subjects: filters }]) =>
      filters.some((filter) => isCovered(subject, filter)),
    );
    expect(keeping.map(([stream]) => stream as StreamName)).toEqual(channel.stream === null ? [] : [channel.stream]);
  });

  test.each(all)("$subject has its channel's form", ({ subject, channel }) => {
    expect(isCovered(subject, channel.form.replace(/<[a-z]+>/g, "*"))).toBe(true);
  });

  test("each channel has a name and a type of its own", () => {
    for (const [name, channel] of Object.entries(channels))
      expect([channel.name, channel.type]).toEqual([name, `${eventTypePrefix}${name}`]);
    expect(new Set(Object.values(channels).map(({ form }) => form)).size).toBe(Object.keys(channels).length);
  });

  test.each([
    [subjects.allDemand, used.demand],
    [subjects.completionsOf("ci.one"), used.completion],
    [subjects.allSlaves, used.slave],
    [subjects.slavesOf("ci.one"), used.slave],
    [subjects.allMasters, used.master],
    [subjects.allPlans, used.plan],
    [subjects.allCapacity, used.capacity],
    [subjects.capacityOf("spot one"), used.capacity],
  ])("who listens to %s hears all of it", (filter, expected) => {
    for (const subject of expected) expect(isCovered(subject, filter)).toBe(true);
  });
});

describe("the other tables", () => {
  test("each command is answered by a known service, and has a name of its own there", () => {
    const names = Object.values(commands).map(({ service, name }) => subjects.rpc(service, name));
    expect(new Set(names).size).toBe(names.length);
    for (const { service } of Object.values(commands)) expect(allServiceNames).toContain(service);
  });

  test("each question has the form of its subject", () => {
    for (const [what, { form }] of Object.entries({
      status: questions.poolStatus,
      scale: questions.poolScale,
      remove: questions.poolRemove,
    }))
      expect(subjects.pool("<pool>", what as "status").replace("_3cpool_3e", "<pool>")).toBe(form);
  });

  test("each bucket has a limit and a name of its own", () => {
    expect(new Set(Object.values(buckets).map(({ name }) => name)).size).toBe(Object.keys(buckets).length);
    for (const { maxBytes } of Object.values(buckets)) expect(maxBytes).toBeGreaterThan(0);
  });

  test("the page lists every channel, stream, bucket and command", () => {
    const page = subjectsPage();
    const names = [
      ...Object.values(channels).map(({ form }) => form),
      ...Object.keys(streams),
      ...Object.values(buckets).map(({ name }) => name),
      ...Object.values(commands).map(({ name }) => name),
      ...Object.values(questions).map(({ form }) => form),
    ];
    for (const name of names) expect(page).toContain(name);
  });
});
