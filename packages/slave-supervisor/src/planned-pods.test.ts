import type { SlaveState } from "@kubestack/contracts";
import { templateConfigSchema } from "@kubestack/templates";
import { expect, test } from "vitest";
import { type Granted, PlannedPods } from "./planned-pods.ts";
import type { Slave } from "./roster.ts";
import { recordIn } from "./slave-record.fixture.ts";

const templates = [
  templateConfigSchema.parse({
    name: "maven",
    labels: ["maven"],
    image: "i:1",
    cpu: "2",
    memory: "4Gi",
    overrides: { cpu: { max: "8" } },
  }),
];
const pods = (...granted: Granted[]) =>
  new PlannedPods({ install: "prod", master: "backend", namespace: "ci", templates, granted });
const slave = (name: string, state: SlaveState, template = "maven"): Pick<Slave, "record"> => ({
  record: recordIn(state, { name, template }),
});

test("what a pod of a launch asks of a node, and which slaves the launch has become", () => {
  const told = pods(
    { name: "s1", template: "maven" },
    { name: "s2", template: "maven", size: { cpu: "8" } },
    { name: "s3", template: "maven", isWarm: true },
  );
  expect(told.of({ template: "maven" })).toMatchObject({
    slaves: ["s1"],
    needs: { requests: { cpu: 2000, memory: 2 ** 32 }, namespace: "ci", labels: { "kubestack.io/template": "maven" } },
  });
  expect(told.of({ template: "maven", size: { cpu: "8" } })).toMatchObject({
    slaves: ["s2"],
    needs: { requests: { cpu: 8000 } },
  });
  expect(told.of({ template: "maven", isWarm: true }).slaves).toEqual(["s3"]);
});

test("of a launch that the ledger has not, no slaves are told, and of a template that is gone nothing", () => {
  expect(pods().of({ template: "maven" })).not.toHaveProperty("slaves");
  expect(pods().of({ template: "gone" })).toEqual({});
});

test("slaves of earlier decisions without a pod come, those of this one are told with it", () => {
  const slaves = [
    slave("s1", "requested"),
    slave("s2", "requested"),
    slave("s3", "scheduled"),
    slave("s4", "requested", "gone"),
  ];
  const { coming } = pods({ name: "s2", template: "maven" }).coming(slaves);
  expect(coming?.map(({ template, slaves: names }) => [template, names])).toEqual([["maven", ["s1"]]]);
  expect(pods().coming([])).toEqual({});
});

test("a slave whose pod was lost comes with its next one", () => {
  const { record } = slave("s1", "busy");
  const lost = { at: 1, class: "evicted", reason: "r" };
  const next = {
    record: { ...record, life: { ...record.life, lost, attempt: 2, pod: { ...record.life.pod, uid: null } } },
  };
  expect(pods().coming([next, slave("s2", "busy")]).coming?.[0]?.slaves).toEqual(["s1-2"]);
});

test("no more names are told than a message holds, of all launches together", () => {
  const granted = Array.from({ length: 1500 }, (_none, at) => ({
    name: `s${at}`,
    template: "maven",
    isWarm: at % 2 === 0,
  }));
  const told = pods(...granted);
  const slaves = Array.from({ length: 900 }, (_none, at) => slave(`t${at}`, "requested"));
  const counts = [
    told.of({ template: "maven" }).slaves,
    told.of({ template: "maven", isWarm: true }).slaves,
    told.coming(slaves).coming?.[0]?.slaves,
  ];
  expect(counts.map((names) => names?.length)).toEqual([750, 750, 500]);
});
