import { slaveStates } from "@kubestack/contracts";
import { type Caps, cappedResources } from "@kubestack/demand";
import type { GaugeName, LabelsOf, Meter } from "@kubestack/metrics";
import { slaveName } from "@kubestack/slave";
import { lineOf } from "../caps/admission.ts";
import { narrowest } from "../caps/template-shares.ts";
import type { MasterScope } from "../master-scope.ts";
import { DuplicatePods, markedSlave } from "./duplicate-pods.ts";

/** Whether the brake holds at `now`, which templates are held back, and how many items the last decision launched nothing for, by why. */
export type LaunchStanding = (now: number) => {
  readonly isBraked: boolean;
  readonly held: ReadonlySet<string>;
  readonly undecided: ReadonlyMap<string, number>;
};

/** The states that a slave is alive in. */
const aliveStates = slaveStates.filter((state) => state !== "deleted");

/** Has a master's present state told at each scrape, by its owner only. Returns what ends it. */
export function tellGauges(meter: Meter, watched: MasterScope, standing: LaunchStanding): () => void {
  const { options, roster, demand, nodes } = watched;
  const { name: master, bus } = options;
  const ends: (() => void)[] = [];
  const owned = <N extends GaugeName>(name: N, read: () => Iterable<{ labels: LabelsOf<N>; value: number }>): void => {
    ends.push(meter.gauge(name, () => (watched.isOwner() ? read() : [])));
  };
  owned("slaves", () => {
    const counts = Map.groupBy(roster.all(), ({ record }) => record.state);
    return aliveStates.map((state) => ({ labels: { master, state }, value: counts.get(state)?.length ?? 0 }));
  });
  owned("undecided_items", () =>
    [...standing(bus.clock.now()).undecided].map(([code, value]) => ({ labels: { master, code }, value })),
  );
  owned("cap_used", () => amountsOf(master, lineOf(watched, bus.clock.now()).used));
  owned("cap", () => {
    const { maxSlaves: slaves, ownCaps, sharedCaps } = watched.options;
    return amountsOf(master, narrowest({ ...ownCaps, slaves }, sharedCaps?.caps ?? {}));
  });
  owned("machines", () => [{ labels: { master }, value: [...roster.all()].length }]);
  owned("round_age_seconds", () => {
    const { publishedAt } = demand;
    return publishedAt === undefined ? [] : [{ labels: { master }, value: (bus.clock.now() - publishedAt) / 1000 }];
  });
  owned("brake_engaged", () => [{ labels: { master }, value: standing(bus.clock.now()).isBraked ? 1 : 0 }]);
  owned("template_held", () => {
    const { held } = standing(bus.clock.now());
    return watched.options.templates.map(({ name: template }) => ({
      labels: { master, template },
      value: held.has(template) ? 1 : 0,
    }));
  });
  owned("node_operations_per_second", () => [{ labels: { master }, value: nodes.perSecond }]);
  owned("node_operations_waiting", () => [{ labels: { master }, value: nodes.waiting }]);
  return () => {
    for (const end of ends) end();
  };
}

/** Cpu in cores, as Prometheus has it. */
function amountsOf(master: string, amounts: Caps) {
  return cappedResources.flatMap((resource) => {
    const amount = amounts[resource];
    if (amount === undefined) return [];
    return [{ labels: { master, resource }, value: resource === "cpu" ? amount / 1000 : amount }];
  });
}

/** Has `found` told of each second pod of one of the master's slaves. Returns what ends it. */
export function watchDuplicatePods(watched: MasterScope, found: (count: number) => void): () => void {
  const { options, roster } = watched;
  const known = new DuplicatePods();
  return options.pods.onChange(({ value }) => {
    const slave = markedSlave(value, options.install);
    if (slave === undefined || slave.master !== options.name) return;
    const record = roster.get(slaveName(slave))?.record;
    const recorded = record?.life.attempt === slave.attempt ? (record.life.pod.uid ?? value.uid) : value.uid;
    found(known.saw(slave, [recorded, value.uid], watched.isOwner()));
  });
}
