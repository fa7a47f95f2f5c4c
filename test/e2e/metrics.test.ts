import { readExposition, type Told } from "@kubestack/metrics/testing";
import { kinds } from "@kubestack/sandbox";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Service, type Services, Site } from "./site.fixture.ts";

let site: Site;
let services: Services;

beforeAll(async () => {
  site = await Site.start();
  services = await site.runEach(await site.configure("measured"));
});

afterAll(async () => {
  await site?.stop();
});

async function addressOf(service: Service): Promise<string> {
  await service.says(/metrics are at /);
  return /metrics are at (http:\S+)\/metrics/.exec(await service.log())?.[1] ?? "";
}

async function told(service: Service): Promise<Told> {
  return readExposition(await (await fetch(`${await addressOf(service)}/metrics`)).text());
}

async function until(check: () => Promise<void>): Promise<void> {
  await vi.waitFor(check, { timeout: 30_000, interval: 100 });
}

test("the figures of three processes tell what three builds were: launches, states, times, requests", async () => {
  for (const service of Object.values(services))
    await until(async () => expect((await fetch(`${await addressOf(service)}/readyz`)).status).toBe(200));
  const [kind] = kinds;
  for (const n of ["1", "2", "3"]) await site.build(kind, { N: n, SECONDS_LONG: "3" });

  // While they run: one slave each, busy.
  await until(async () => expect((await told(services.supervisor)).sum("kubestack_slaves", { state: "busy" })).toBe(3));
  await site.finished(kind, 3);
  await site.untilNothingIsLeft();
  await until(async () =>
    expect((await told(services.supervisor)).sum("kubestack_launch_outcomes_total", { outcome: "served" })).toBe(3),
  );

  const supervisor = await told(services.supervisor);
  expect(supervisor.sum("kubestack_launches_total")).toBe(3);
  expect(supervisor.sum("kubestack_launch_outcomes_total")).toBe(3);
  expect(supervisor.sum("kubestack_duplicate_launches_total")).toBe(0);
  expect(supervisor.sum("kubestack_shared_slave_builds_total")).toBe(0);
  expect(supervisor.sum("kubestack_builds_total")).toBe(3);
  expect(supervisor.sum("kubestack_slaves")).toBe(0);
  for (const name of ["watch_synced", "store_is_ours"]) expect(supervisor.sum(`kubestack_${name}`)).toBe(1);
  const seconds = (state: string) => supervisor.sum("kubestack_item_to_state_seconds_sum", { state }) ?? 0;
  for (const state of ["scheduled", "online", "busy"])
    expect(supervisor.sum("kubestack_item_to_state_seconds_count", { state })).toBe(3);
  expect(seconds("scheduled")).toBeGreaterThan(0);
  expect(seconds("online")).toBeGreaterThan(seconds("scheduled"));
  expect(seconds("busy")).toBeGreaterThanOrEqual(seconds("online"));

  // What the API server wrote down is what was counted.
  const requests = await site.requests();
  const made = requests.filter(({ verb, resource }) => verb === "create" && resource === "pods").length;
  expect(supervisor.sum("kubestack_cluster_request_duration_seconds_count", { call: "createPod" })).toBe(made);
  expect(made).toBe(3);
  expect(supervisor.sum("kubestack_cluster_request_duration_seconds_count", { call: "deletePod" })).toBeGreaterThan(0);
  expect(supervisor.sum("kubestack_master_request_duration_seconds_count", { call: "createNode" })).toBe(3);

  const demand = await told(services.collector);
  expect(demand.sum("kubestack_rounds_total", { state: "ok" })).toBeGreaterThan(3);
  expect(demand.sum("kubestack_round_duration_seconds_count")).toBe(
    demand.sum("kubestack_rounds_total", { state: "ok" }),
  );
  expect(demand.sum("kubestack_look_duration_seconds_count")).toBeGreaterThan(0);
  expect([demand.sum("kubestack_master_up"), demand.sum("kubestack_waiting_items")]).toEqual([1, 0]);
  const completion = await told(services.completions);
  for (const phase of ["started", "finished"]) expect(completion.sum("kubestack_completions_total", { phase })).toBe(3);

  for (const [name, of] of Object.entries({ demand, completion, supervisor }))
    expect([name, of.sum("kubestack_lease_held")]).toEqual([name, 1]);
});

test("a supervisor that takes a master over from a dead one tells how long nobody had it", async () => {
  const config = await site.configure("measured-next");
  const next = site.run(config, "slave-supervisor");
  await next.says(/kubestackd is ready/);
  await until(async () =>
    expect((await told(next)).sum("kubestack_lease_held", { service: "slave-supervisor" })).toBe(0),
  );
  await services.supervisor.end("SIGKILL");
  await next.says(/took the master over/);
  const figures = await told(next);
  expect(figures.sum("kubestack_takeovers_total")).toBe(1);
  expect(figures.sum("kubestack_takeover_duration_seconds_count")).toBe(1);
  const seconds = figures.sum("kubestack_takeover_duration_seconds_sum") ?? Number.NaN;
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThan(15);
  // What the dead one counted is not counted again.
  expect(figures.sum("kubestack_launches_total")).toBe(0);
});
