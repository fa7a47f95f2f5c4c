import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { item, supply, template } from "./demand.fixture.ts";
import { type Situation, shortfall } from "./shortfall.ts";

const of = (id: number, job: string, wants = "gpu") => ({ ...item(id, wants), job });
const mobile = template("mobile", { labels: ["gpu"], jobs: ["mobile/**"] });
const decide = (changed: Partial<Situation>) => {
  const { launches, waiting, surplus } = shortfall({
    items: [of(1, "mobile/app"), of(2, "shop/api")],
    supply: [],
    templates: [mobile],
    allowance: 100,
    ...changed,
  });
  return {
    launched: launches.map((one) => `${one.item.job} by ${one.template}`),
    waits: waiting.map((one) => [one.item.job, one.code, one.reason]),
    surplus,
  };
};

describe("a template that is kept to jobs", () => {
  test("is launched for those alone, and the others are told", () => {
    expect(decide({})).toMatchObject({
      launched: ["mobile/app by mobile"],
      waits: [["shop/api", "job", `template mobile serves 'gpu' but not job shop/api (its jobs: ["mobile/**"])`]],
    });
  });

  test("is passed over for the next one, though it stands first", () => {
    const anyone = template("anyone", { labels: ["gpu"] });
    expect(decide({ templates: [mobile, anyone] }).launched).toEqual(["mobile/app by mobile", "shop/api by anyone"]);
    const full = { ...anyone, room: { slaves: 0, cap: "2/2 slaves" } };
    expect(decide({ templates: [mobile, full] }).waits).toEqual([
      ["shop/api", "cap", "template anyone is at its cap: 2/2 slaves"],
    ]);
  });

  test("takes up its room for all of its jobs together, whichever choice each has", () => {
    const one = { ...mobile, jobs: ["mobile/**", "web/**"], room: { slaves: 2, cap: "2/2 slaves" } };
    const web = template("web", { labels: ["gpu"], jobs: ["web/**"], room: { slaves: 1, cap: "1/1 slaves" } });
    const items = ["mobile/a", "web/b", "mobile/c", "web/d", "web/e"].map((job, at) => of(at + 1, job));
    expect(decide({ items, templates: [one, web] })).toMatchObject({
      launched: ["mobile/a by mobile", "web/d by web", "web/b by mobile"],
      waits: [
        ["mobile/c", "cap", "template mobile is at its cap: 2/2 slaves"],
        ["web/e", "cap", "template mobile is at its cap: 2/2 slaves"],
      ],
    });
  });

  test("tells so of builds without a label, and says nothing of templates of other labels", () => {
    const open = template("open", { unlabelled: true, jobs: ["mobile/**"] });
    const items = [of(1, "shop/api", ""), of(2, "shop/api", "win2012")];
    expect(decide({ items, templates: [open] }).waits).toEqual([
      ["shop/api", "job", `template open serves builds without a label but not job shop/api (its jobs: ["mobile/**"])`],
      ["shop/api", "not-ours", "no template serves 'win2012'"],
    ]);
  });

  test("has slaves that are expected to take any job, since the master goes by labels alone", () => {
    const idle = supply("s1", { labels: ["gpu"], template: "mobile" });
    const items = [of(1, "shop/api")];
    expect(decide({ items, supply: [idle] })).toMatchObject({
      launched: [],
      waits: [["shop/api", "slave-coming", "s1 is online and will take it"]],
      surplus: [],
    });
  });

  test("gets by any of them what the plain rule says: the first template of its label whose jobs have it", () => {
    const jobs = fc.constantFrom("a/x", "a/y", "b/x", "c");
    const lists = fc.subarray(["a/*", "b/**", "**/x", "c"], { minLength: 1 });
    const templates = fc
      .array(fc.record({ labels: fc.subarray(["l", "m"]), jobs: fc.option(lists, { nil: undefined }) }), {
        maxLength: 4,
      })
      .map((list) => list.map((one, at) => template(`t${at}`, one)));
    const asked = fc.array(fc.tuple(jobs, fc.constantFrom("l", "m", "l && m", "l || m")), { maxLength: 12 });
    const means: Readonly<Record<string, readonly string[]>> = {
      "a/*": ["a/x", "a/y"],
      "b/**": ["b/x"],
      "**/x": ["a/x", "b/x"],
      c: ["c"],
    };
    const fits = (labels: readonly string[], wants: string): boolean =>
      wants.includes("&&") ? labels.length === 2 : wants.split(" || ").some((label) => labels.includes(label));
    fc.assert(
      fc.property(templates, asked, (from, list) => {
        const items = list.map(([job, wants], at) => of(at + 1, job, wants));
        const { launches } = shortfall({ items, supply: [], templates: from, allowance: 100 });
        const expected = list.flatMap(([job, wants], at) => {
          const first = from.find(
            (one) =>
              fits(one.labels, wants) &&
              (one.jobs === undefined || one.jobs.some((pattern) => means[pattern]?.includes(job))),
          );
          return first === undefined ? [] : [`${at + 1} ${first.name}`];
        });
        const byAge = launches.toSorted((a, b) => Number(a.item.id) - Number(b.item.id));
        expect(byAge.map((one) => `${one.item.id} ${one.template}`)).toEqual(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
