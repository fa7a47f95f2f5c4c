import { bookOf } from "@kubestack/templates";
import { expect, test } from "vitest";
import { processorMs } from "./measure.ts";
import { siteOf, writtenSite } from "./templates/site.ts";
import { podsOf } from "./templates/templates.ts";

const mostGrowth = 2.3;
const tries = 9;
const measurements = 5;

/** The least of several tries of each, taken in turn: collecting garbage and other processes belong to none of them alone. */
function growth(of: (departments: number) => () => unknown): number {
  const [once, twice] = [of(1), of(2)];
  let [onceMs, twiceMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let left = tries; left > 0; left -= 1) {
    onceMs = Math.min(onceMs, processorMs(once));
    twiceMs = Math.min(twiceMs, processorMs(twice));
  }
  return twiceMs / onceMs;
}

function rendering(departments: number) {
  const site = siteOf(departments);
  return () => podsOf(site);
}

/** The same templates, from a team's ConfigMap. */
function booking(departments: number) {
  const grant = {
    masters: ["*"],
    allow: [],
    objects: ["Secret/*", "PersistentVolumeClaim/*", "PriorityClass/*"],
    retainMax: 10,
  };
  const sources = {
    applied: { ...grant, maxTemplates: 0 },
    configMaps: [{ ...grant, namespace: "team", maxTemplates: 1000 }],
  };
  const written = writtenSite(departments).map((value, at) => ({
    origin: { kind: "configMap", namespace: "team", name: "ci", key: "templates.yaml" } as const,
    place: `[${at}]`,
    value,
  }));
  return () => {
    const { templates, faults } = bookOf({ entries: [], masters: ["m"], sources }, written);
    expect([templates.length, faults]).toEqual([written.length, []]);
  };
}

test.each([
  ["the pods", rendering],
  ["the book", booking],
])("%s of twice as many templates with four levels of inheritance cost about twice the processor time", (_, of) => {
  let ratio = growth(of);
  for (let left = measurements; left > 0 && ratio > mostGrowth; left -= 1) ratio = Math.min(ratio, growth(of));
  expect(ratio).toBeLessThanOrEqual(mostGrowth);
});
