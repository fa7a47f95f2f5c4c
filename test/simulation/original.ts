import type { MasterCore } from "@kubestack/jenkins-simulator";
import { type DaysEnd, hasEnded, plan, type Schedule } from "./schedule.ts";
import { Site } from "./site.ts";

const intervalMs = 2_000;
const longestMs = 60 * 60_000;

/**
 * The same day under the rule of the original KubeStack, as a control: every two seconds one slave for each waiting item
 * that is both buildable and stuck, less all slaves that there are, whatever their labels.
 */
export async function liveByOneCount(schedule: Schedule): Promise<Pick<DaysEnd, "launched" | "built" | "isOver">> {
  const site = new Site(schedule);
  const { time, jenkins } = site;
  const { core } = jenkins;
  let launched = 0;
  const launch = (labels: readonly string[]): void => {
    launched += 1;
    const name = `slave-${launched}`;
    time.in(time.between(300, 3_000), () => {
      core.createNode({ name, labels: labels.join(" ") });
      core.connect(name);
    });
  };
  const removeServed = (): void => {
    const served = new Set(core.works().flatMap(({ node, endedAtMs }) => (endedAtMs === null ? [] : [node])));
    for (const name of served) if (name !== null && core.state.nodes.has(name)) core.deleteNode(name);
  };
  const pass = (): void => {
    removeServed();
    const count = core.state.nodes.size;
    for (const { labels } of schedule.templates) {
      const atoms = new Set(labels);
      const stuck = core.items().filter(({ id, label }) => label?.matches(atoms) && isStuck(core, id));
      for (let missing = stuck.length - count; missing > 0; missing -= 1) launch(labels);
    }
    time.in(intervalMs, pass);
  };
  try {
    const arrived = plan(site, schedule);
    pass();
    const isOver = await time.run(longestMs, () => arrived.left === 0 && hasEnded(site));
    return { launched, built: core.works().filter(({ startedAtMs }) => startedAtMs !== null).length, isOver };
  } finally {
    site.end();
  }
}

/** Jenkins calls an item stuck at once only while no node of its label is online. */
function isStuck(core: MasterCore, id: number): boolean {
  return /no nodes|offline/.test(core.why(id) ?? "");
}
