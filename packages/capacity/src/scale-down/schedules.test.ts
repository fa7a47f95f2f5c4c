import type { Removal } from "@kubestack/contracts";
import { expect, test, vi } from "vitest";
import { node, pod, pool } from "../capacity.fixture.ts";
import type { PodState } from "../node.ts";
import { sequence } from "../packing/effort.ts";
import { decideRemovals } from "./decide.ts";
import type { NodeLook, ScaleDownIntent, SlaveUse } from "./situation.ts";

// Many random schedules, on a machine that may be busy with something else.
vi.setConfig({ testTimeout: 300_000 });

const schedules = 10_000;
const turns = 150;
const names = ["n1", "n2", "n3"];

/** A cluster, its slaves and a master that hands builds to whoever is idle. What the autoscaler sees of it is old, and what it does is late or lost. */
class World {
  readonly cordoned = new Set<string>();
  readonly removed = new Set<string>();
  readonly slaves = new Map<string, { node: string; use: SlaveUse }>();
  readonly looks = new Map<string, NodeLook>();
  now = 0;
  /** What was seen last, and is decided from. */
  #seen = this.#view();
  #removals: readonly Removal[] = [];
  #late: ScaleDownIntent[] = [];
  #born = 0;
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  turn(): void {
    this.now += 10;
    const what = Math.floor(this.#random() * 8);
    if (what === 0) this.#startSlave();
    else if (what === 1) this.#move("idle", "busy");
    else if (what === 2) this.#move("busy", "idle");
    else if (what === 3) this.#move("starting", "idle");
    else if (what < 6) this.#look();
    else this.#decide();
  }

  /** Nodes, pods and records come by different ways: none knows how old the others are. */
  #look(): void {
    const { nodes, pods, slaves } = this.#view();
    const which = Math.floor(this.#random() * 3);
    this.#seen = { ...this.#seen, ...(which === 0 ? { nodes } : which === 1 ? { pods } : { slaves }) };
  }

  #startSlave(): void {
    const open = names.filter((name) => !this.removed.has(name) && !this.cordoned.has(name));
    const on = open[Math.floor(this.#random() * open.length)];
    if (on === undefined) return;
    this.#born += 1;
    this.slaves.set(`s${this.#born}`, { node: on, use: "starting" });
  }

  #move(from: SlaveUse, to: SlaveUse): void {
    const able = [...this.slaves].filter(([, { use }]) => use === from);
    const one = able[Math.floor(this.#random() * able.length)];
    if (one === undefined) return;
    // A build may take its slave with it.
    if (from === "busy" && this.#random() < 0.7) this.slaves.delete(one[0]);
    else one[1].use = to;
  }

  #decide(): void {
    const { removals, intents } = decideRemovals({
      ...this.#seen,
      pools: [pool("a", { scaleDownDelayMs: 20, disruptionBudget: 2 })],
      removals: this.#removals,
      expecting: new Set(),
      kept: new Map(this.#random() < 0.1 ? names.map((name) => [name, "pods need it"]) : []),
      looks: new Map(this.looks),
      canRemove: () => true,
      now: this.now,
    });
    this.#removals = removals;
    for (const intent of this.#late.splice(0)) this.#carryOut(intent);
    for (const intent of intents) {
      const luck = this.#random();
      // A removal is late at times; what is lost is decided again.
      if (luck < 0.2) continue;
      if (luck < 0.4 && intent.type === "remove") this.#late.push(intent);
      else this.#carryOut(intent);
    }
  }

  #carryOut(intent: ScaleDownIntent): void {
    const { node: name } = intent;
    if (intent.type === "cordon") this.cordoned.add(name);
    else if (intent.type === "uncordon") this.cordoned.delete(name);
    else if (intent.type === "look") this.looks.set(name, { at: this.now, pods: this.#podsOn(name) });
    // The supervisor marks it and looks: one that has a build by then stays.
    else if (intent.type === "withdraw") {
      for (const slave of intent.slaves) if (this.slaves.get(slave)?.use === "idle") this.slaves.delete(slave);
    } else this.#remove(name);
  }

  #remove(name: string): void {
    const lost = [...this.slaves].filter(([, slave]) => slave.node === name);
    expect(lost, `removed ${name}`).toEqual([]);
    this.removed.add(name);
    this.cordoned.delete(name);
  }

  #podsOn(name: string): PodState[] {
    return [...this.slaves].filter(([, slave]) => slave.node === name).map(([slave]) => pod(slave, { node: name }));
  }

  #view() {
    const there = names.filter((name) => !this.removed.has(name));
    return {
      nodes: there.map((name) => node(name, { isCordoned: this.cordoned.has(name) })),
      pods: there.flatMap((name) => this.#podsOn(name)),
      slaves: new Map([...this.slaves].map(([name, { use }]) => [name, use])),
    };
  }
}

test("in ten thousand random schedules of assignment against removal no node with a slave on it is ever removed", () => {
  let removed = 0;
  for (let seed = 1; seed <= schedules; seed += 1) {
    const world = new World(sequence(seed));
    for (let turn = 0; turn < turns; turn += 1) world.turn();
    removed += world.removed.size;
  }
  expect(removed).toBeGreaterThan(schedules / 20);
});
