import { describe, expect, test, vi } from "vitest";
import { countOf } from "./schedule.ts";
import { Site, type SiteOptions } from "./site.ts";

// Hours of many slaves, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 240_000 });

const minute = 60_000;
/** From one reading of the master to the next. */
const pollMs = 2_000;
const plain = { seed: 1, templates: [{ name: "t", labels: ["t"], warm: [{ minIdle: 5 }] }] } as const;

/** Lives through what `story` tells, and ends the site. */
async function at(options: SiteOptions, story: (site: Site) => Promise<void>): Promise<void> {
  const site = new Site(options);
  try {
    site.jenkins.core.createJob({ name: "job", label: "t", durationMs: [20_000, 60_000], parameters: { N: "0" } });
    await site.start();
    await story(site);
  } finally {
    site.end();
  }
}

const inState = (site: Site, ...states: string[]) => site.records.filter(({ state }) => states.includes(state));
const idle = (site: Site, template = "t") => inState(site, "online").filter((one) => one.template === template);

function burst(site: Site, count: number, job = "job"): void {
  for (let number = 1; number <= count; number += 1)
    site.jenkins.core.build(job, { parameters: { N: `${site.time.now} ${number}` } });
}

/** Each launched slave is in exactly one class, no build was cut off, and no slave has two pods. */
function isExact(site: Site): void {
  const { launched, served, failed, withdrawn, alive, killed, doubled } = countOf(site);
  expect(launched).toBe(served + failed + withdrawn + alive);
  expect([killed, doubled]).toEqual([0, 0]);
}

describe("slaves that are kept idle", () => {
  test.each([1, 2])("take a burst at once after a quiet hour, and are replaced (seed %i)", (seed) =>
    at({ ...plain, seed }, async (site) => {
      const { time, jenkins } = site;
      expect(await time.run(minute, () => idle(site).length === 5)).toBe(true);
      await time.run(60 * minute);
      // For an hour nothing was launched or ended, though their idle time is five minutes (H35).
      expect([site.records.length, idle(site).length]).toEqual([5, 5]);
      const first = new Set(site.records.map(({ name }) => name));
      burst(site, 5);
      expect(
        await time.run(minute, () => jenkins.core.works().filter((one) => one.startedAtMs !== null).length === 5),
      ).toBe(true);
      const waited = jenkins.core.works().map((one) => (one.startedAtMs ?? Number.NaN) - one.queuedAtMs);
      // The p95 of so few is the worst of them.
      expect(Math.max(...waited)).toBeLessThanOrEqual(pollMs + 200);
      expect(jenkins.core.works().every(({ node }) => first.has(node ?? ""))).toBe(true);
      // Their places are filled while they still work.
      expect(await time.run(15_000, () => idle(site).length === 5)).toBe(true);
      await time.run(30 * minute);
      expect(countOf(site)).toMatchObject({
        launched: 10,
        served: 5,
        failed: 0,
        withdrawn: 0,
        alive: 5,
        built: 5,
        shared: 0,
      });
      isExact(site);
    }),
  );

  test("wait for the delay of their rule before they are replaced", () =>
    at(
      { ...plain, templates: [{ name: "t", labels: ["t"], warm: [{ minIdle: 2, refillDelay: "3m" }] }] },
      async (site) => {
        expect(await site.time.run(minute, () => idle(site).length === 2)).toBe(true);
        burst(site, 1);
        await site.time.run(2.9 * minute);
        expect(site.records).toHaveLength(2);
        expect(await site.time.run(0.3 * minute, () => site.records.length === 3)).toBe(true);
      },
    ));

  test("are given up for an item of another template under their master's cap (H34)", () =>
    at(
      {
        ...plain,
        maxSlaves: 5,
        templates: [...plain.templates, { name: "other", labels: ["other"] }],
      },
      async (site) => {
        const { time, jenkins } = site;
        jenkins.core.createJob({ name: "other", label: "other", durationMs: [20_000, 20_000], parameters: { N: "0" } });
        expect(await time.run(minute, () => idle(site).length === 5)).toBe(true);
        burst(site, 1, "other");
        expect(await time.run(30_000, () => jenkins.core.works().some((one) => one.startedAtMs !== null))).toBe(true);
        const gone = site.records.filter(({ template, life }) => template === "t" && life.outcome !== null);
        expect(gone.map(({ life }) => life.outcome)).toEqual(["withdrawn"]);
        // And comes back once that build is over.
        expect(await time.run(2 * minute, () => idle(site).length === 5)).toBe(true);
        expect(countOf(site)).toMatchObject({ launched: 7, served: 1, withdrawn: 1, built: 1 });
        isExact(site);
      },
    ));

  test("that reach their age unused are no lost launches: the brake stays off, and builds are served", () =>
    at({ ...plain, templates: [{ name: "t", labels: ["t"], maxAge: "2m", warm: [{ minIdle: 12 }] }] }, async (site) => {
      await site.time.run(30 * minute);
      expect(countOf(site)).toMatchObject({ failed: 0, served: 0 });
      // Far more than the brake lets be lost.
      expect(countOf(site).withdrawn).toBeGreaterThan(100);
      burst(site, 20);
      expect(await site.time.run(3 * minute, () => countOf(site).built === 20)).toBe(true);
      expect(await site.time.run(3 * minute, () => idle(site).length === 12)).toBe(true);
      isExact(site);
    }));

  test("of a template that fails are held back like any launch", () =>
    at({ ...plain, failing: 1 }, async (site) => {
      await site.time.run(60 * minute);
      // Five at once, then one after each hold: half a minute, a minute, and so on.
      expect(countOf(site).launched).toBeLessThanOrEqual(5 + 7);
      expect(countOf(site).launched).toBeGreaterThan(5);
      isExact(site);
    }));

  test("are in force in their window, and go as ever after it", () =>
    at(
      {
        ...plain,
        templates: [
          { name: "t", labels: ["t"], warm: [{ minIdle: 1 }, { minIdle: 4, schedule: "20 0 * * *", duration: "20m" }] },
        ],
      },
      async (site) => {
        const { time } = site;
        // The day begins at midnight UTC.
        await time.run(19.9 * minute);
        expect([idle(site).length, site.records.length]).toEqual([1, 1]);
        expect(await time.run(minute, () => idle(site).length === 4)).toBe(true);
        const reason = "to keep 4 idle (warm: 20 0 * * *, until 00:40 UTC)";
        expect(site.records.filter(({ life }) => life.trail[0]?.reason === reason)).toHaveLength(3);
        await time.run(18 * minute);
        expect([idle(site).length, site.records.length]).toEqual([4, 4]);
        await time.run(3 * minute);
        expect([idle(site).length, site.records.length]).toEqual([1, 4]);
        expect(countOf(site)).toMatchObject({ withdrawn: 3, failed: 0 });
        isExact(site);
      },
    ));

  test("stay with their master though its supervisor dies: none goes, none comes", () =>
    at(
      { ...plain, templates: [{ name: "t", labels: ["t"], idleTimeout: "1s", warm: [{ minIdle: 5 }] }] },
      async (site) => {
        const { time } = site;
        expect(await time.run(minute, () => idle(site).length === 5)).toBe(true);
        for (let times = 0; times < 3; times += 1) {
          await time.run(10 * minute);
          site.kill("slave-supervisor");
          await site.startAnother("slave-supervisor");
        }
        await time.run(10 * minute);
        expect([idle(site).length, site.records.length]).toEqual([5, 5]);
        isExact(site);
      },
    ));
});
