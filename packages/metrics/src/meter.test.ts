import { describe, expect, test } from "vitest";
import { type Measure, prefix } from "./measures/measure.ts";
import { measures } from "./measures/table.ts";
import { createMeter } from "./meter.ts";
import { readExposition } from "./read-exposition.ts";

const told = async (meter: ReturnType<typeof createMeter>) => readExposition(await meter.text());
const rows = Object.entries<Measure>(measures);

describe("the table", () => {
  test.each(rows)("%s is named as Prometheus has it", (name, { kind, labels, buckets, help }) => {
    expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(name.endsWith("_total")).toBe(kind === "counter");
    expect(name.endsWith("_seconds") && kind !== "counter").toBe(
      kind === "histogram" || /_(age|offset)_seconds$/.test(name),
    );
    expect(/_(ms|milliseconds|minutes|kb|percent)(_|$)/.test(name)).toBe(false);
    expect(buckets === undefined).toBe(kind !== "histogram");
    expect(help).toMatch(/^[A-Z0-9].*[.]$/);
    // A name of a slave, a build or a job would make as many series as there ever were.
    for (const label of labels)
      expect([
        "master",
        "template",
        "class",
        "resource",
        "state",
        "outcome",
        "kind",
        "call",
        "code",
        "phase",
        "service",
        "namespace",
        "pool",
        "version",
        "services",
      ]).toContain(label);
  });
});

describe("a meter", () => {
  test("tells every measure of the table with its help and kind, and nothing else", async () => {
    const { families } = await told(createMeter());
    expect([...families.keys()].toSorted()).toEqual(rows.map(([name]) => `${prefix}${name}`).toSorted());
    for (const [name, { kind, help }] of rows)
      expect(families.get(`${prefix}${name}`)).toMatchObject({ type: kind, help });
  });

  test("counts, from 0 where that is said", async () => {
    const meter = createMeter();
    meter.add("launches_total", { master: "m", template: "t" }, 0);
    expect((await told(meter)).sum("kubestack_launches_total", { master: "m" })).toBe(0);
    meter.add("launches_total", { master: "m", template: "t" });
    meter.add("launches_total", { master: "m", template: "t" }, 3);
    meter.add("launches_total", { master: "n", template: "t" });
    const { sum } = await told(meter);
    expect(sum("kubestack_launches_total", { master: "m" })).toBe(4);
    expect(sum("kubestack_launches_total", { template: "t" })).toBe(5);
    expect(sum("kubestack_launches_total", { master: "other" })).toBeUndefined();
  });

  test("sorts durations into the buckets of the table", async () => {
    const meter = createMeter();
    for (const seconds of [0.2, 4.9, 5.1, 400]) meter.observe("takeover_duration_seconds", { master: "m" }, seconds);
    const { sum } = await told(meter);
    const bucket = (le: string) => sum("kubestack_takeover_duration_seconds_bucket", { le });
    expect([bucket("0.25"), bucket("5"), bucket("60"), bucket("+Inf")]).toEqual([1, 2, 3, 4]);
    expect(sum("kubestack_takeover_duration_seconds_sum")).toBeCloseTo(410.2);
  });

  test("asks for a gauge at each scrape, and tells no more what nobody tells any more", async () => {
    const meter = createMeter();
    let online = 1;
    const end = meter.gauge("slaves", () => [{ labels: { master: "m", state: "online" }, value: online }]);
    meter.gauge("slaves", () => [{ labels: { master: "n", state: "busy" }, value: 7 }]);
    expect((await told(meter)).sum("kubestack_slaves", { master: "m" })).toBe(1);
    online = 2;
    expect((await told(meter)).sum("kubestack_slaves", { master: "m" })).toBe(2);
    end();
    const { sum } = await told(meter);
    expect([sum("kubestack_slaves", { master: "m" }), sum("kubestack_slaves")]).toEqual([undefined, 7]);
  });

  test("writes any name of a template so that it is read back", async () => {
    const meter = createMeter();
    const template = 'a "b" \\c\nd, e="f"';
    meter.add("launches_total", { master: "m", template });
    expect((await told(meter)).sum("kubestack_launches_total", { template })).toBe(1);
  });

  test("has a registry of its own: two of them know nothing of each other", async () => {
    const [one, two] = [createMeter(), createMeter()];
    one.add("nats_reconnects_total", {});
    expect((await told(one)).sum("kubestack_nats_reconnects_total")).toBe(1);
    expect((await told(two)).sum("kubestack_nats_reconnects_total")).toBe(0);
  });
});

test("the process's own figures can be read at any time, those of an instant included", async () => {
  const meter = createMeter({ ofProcess: true });
  for (let times = 0; times < 3; times += 1) {
    const { sum } = await told(meter);
    expect(sum("process_resident_memory_bytes")).toBeGreaterThan(10_000_000);
    expect(sum("nodejs_eventloop_lag_mean_seconds")).toBeDefined();
  }
});

describe("the reader of the text form, which tests rely on", () => {
  const head = "# HELP a what\n# TYPE a counter\n";
  test.each([
    ["a sample without a type", "a 1\n"],
    ["a type without a help", "# TYPE a counter\na 1\n"],
    ["a sample of another name", `${head}b 1\n`],
    ["no number", `${head}a one\n`],
    ["labels without quotes", `${head}a{b=c} 1\n`],
    ["a label twice", `${head}a{b="1",b="2"} 1\n`],
    ["no line feed at the end", `${head}a 1`],
    ["buckets that fall", '# HELP a w\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_count 1\n'],
    ["a last bucket that is not all", '# HELP a w\n# TYPE a histogram\na_bucket{le="+Inf"} 1\na_count 2\n'],
  ])("refuses %s", (_, text) => {
    expect(() => readExposition(text)).toThrow(SyntaxError);
  });
});
