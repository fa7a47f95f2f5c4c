import { createHash } from "node:crypto";
import type { QueueItem } from "@kubestack/contracts";
import { printLabelExpression } from "@kubestack/demand";
import { countByLabel, countingRules, type WantedBuilds } from "@kubestack/gearman";

/** More items than this are not published. */
export const mostItems = 5_000;

/** An id and an address may be so long, in characters. */
const longest = { name: 200, url: 4096 };

export interface Itemized {
  readonly items: QueueItem[];
  /** How many more there would be. */
  readonly left: number;
}

/**
 * One item for each build that waits or runs: a slave that works for one is set against it. The server tells no builds
 * apart, so items are numbered, `FUNCTION#1` and so on: the same numbers mean the same want at every round. Those that run
 * have the last numbers: where there are too many, each function has its first ones before any has its next. Pure.
 */
export function itemsOf(builds: readonly WantedBuilds[], server: string): Itemized {
  const total = builds.reduce((sum, build) => sum + countingRules.nodepool(build), 0);
  const forLabel = countByLabel(builds, "waiting");
  const items: QueueItem[] = [];
  let open = builds
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    // What can have no item, since others have the first ones, costs nothing more.
    .slice(0, mostItems)
    .map((build) => ({ most: countingRules.nodepool(build), item: itemMaker(build, { server, forLabel }) }));
  for (let number = 1; open.length > 0 && items.length < mostItems; number += 1) {
    for (const { item } of open.slice(0, mostItems - items.length)) items.push(item(number));
    open = open.filter(({ most }) => most > number);
  }
  return { items, left: total - items.length };
}

interface Told {
  readonly server: string;
  readonly forLabel: ReadonlyMap<string | null, number>;
}

function itemMaker(build: WantedBuilds, told: Told): (number: number) => QueueItem {
  const { name, job, label } = build;
  const shared = {
    job,
    url: urlOf(name, told.server),
    // Whatever the label is made of, it is one label.
    wants:
      label === null
        ? ({ kind: "any" } as const)
        : ({ kind: "expression", expression: printLabelExpression({ kind: "label", name: label }) } as const),
    labelOrigin: label === null ? ("none" as const) : ("told" as const),
    waitingSince: null,
    why: whyOf(build, told),
  };
  const stem = stemOf(name);
  const waiting = countingRules.waiting(build);
  return (number) => ({ id: `${stem}#${number}`, ...shared, ...(number > waiting ? { isRunning: true } : {}) });
}

function whyOf(build: WantedBuilds, { server, forLabel }: Told): string {
  const { name, label, labelFrom, running, workers } = build;
  const waiting = countingRules.waiting(build);
  const counts = `${waiting} of ${name} ${waiting === 1 ? "waits" : "wait"} and ${running} ${running === 1 ? "runs" : "run"}`;
  const able = `${workers} ${workers === 1 ? "worker" : "workers"} could take it`;
  const inAll = `${forLabel.get(label) ?? 0} wait in all for ${label === null ? "any agent" : `label ${label}`}`;
  const origin = labelFrom === "worker" ? " (the label of a worker that runs this job)" : "";
  return `Gearman server ${server}: ${counts}, ${able}; ${inAll}${origin}`;
}

/** Names longer than an id may be are cut, and stay unlike each other. */
function stemOf(name: string): string {
  if (name.length <= longest.name) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return `${name.slice(0, longest.name - hash.length - 1).toWellFormed()}~${hash}`;
}

function urlOf(name: string, server: string): string {
  const url = `gearman://${server}/${encodeURIComponent(name)}`;
  return url.length <= longest.url ? url : `gearman://${server}/`;
}
