import type { QueueItem } from "@kubestack/contracts";
import { type LaunchTemplate, type Situation, type Supply, shortfall } from "@kubestack/demand";
import { leastTimes, type Ratio, rounded } from "./measure.ts";

const size = 2_000;
const labels = 40;
const repeats = 10;

/** Twice the slaves and twice the items may take 2.3 times as long: a pass stays about linear in the size of the site. */
export function benchShortfall(): Ratio {
  const [once, twice] = [situation(size), situation(2 * size)];
  const decision = shortfall(once);
  if (decision.launches.length + decision.waiting.length !== size) throw new Error("an item got no decision");
  const times = leastTimes({ onceMs: () => passes(once), twiceMs: () => passes(twice) });
  return {
    name: `shortfall of ${size} items and ${size} slaves, doubled`,
    ratio: rounded(times.twiceMs / times.onceMs),
    limit: 2.3,
    figures: { onceMs: rounded(times.onceMs / repeats), twiceMs: rounded(times.twiceMs / repeats) },
  };
}

/** Several, so that collecting garbage is part of every measurement and not of some. */
function passes(given: Situation): void {
  for (let done = 0; done < repeats; done += 1) shortfall(given);
}

/** As many slaves as items; expressions and templates overlap, so that some items need a launch and some slaves are left over. */
function situation(count: number): Situation {
  const numbers = [...Array(count).keys()];
  return {
    items: numbers.map(itemOf),
    supply: numbers.map(supplyOf),
    templates: [...Array(labels).keys()].map(templateOf),
    allowance: count,
  };
}

function itemOf(number: number): QueueItem {
  const [one, other] = [(number * 7) % labels, (number * 11) % labels];
  return {
    id: String(number),
    job: `folder/job-${number % 300}`,
    url: `job/folder/job/job-${number % 300}/`,
    wants: { kind: "expression", expression: `linux && (tool-${one} || tool-${other})` },
    labelOrigin: "labelExpression",
    waitingSince: number,
    why: "Waiting for next available executor",
  };
}

function supplyOf(number: number): Supply {
  const stage = (["online", "scheduled", "requested"] as const)[number % 3] ?? "online";
  const template = `template-${(number * 13) % (labels / 2)}`;
  return {
    name: `ks-a-0000${number}`,
    labels: labelsOf((number * 13) % (labels / 2)),
    stage,
    template,
    unlabelled: false,
  };
}

function templateOf(number: number): LaunchTemplate {
  return {
    name: `template-${number}`,
    labels: labelsOf(number),
    unlabelled: false,
    room: { slaves: size, cap: "template" },
  };
}

function labelsOf(number: number): string[] {
  return ["linux", `tool-${number}`, `tool-${(number + 1) % labels}`];
}
