import { randomBytes } from "node:crypto";
import { channels, type DemandSource, type Plan, subjects } from "@kubestack/contracts";
import type { LaunchIntent } from "@kubestack/demand";
import { type LaunchEnd, launchEndOf } from "./holds.ts";
import { decideLaunches, planOf } from "./launching.ts";
import type { MasterScope } from "./master-scope.ts";
import { recordLiving, slaveNameOf } from "./recording.ts";
import type { Slave } from "./roster.ts";

const minuteMs = 60_000;

/** Launches what a round asks for: named in the ledger first, then recorded, then begun. */
export class Launcher {
  readonly #scope: MasterScope;
  #births: number[] = [];
  readonly #ends = new Map<string, LaunchEnd>();
  #told = "";

  constructor(scope: MasterScope) {
    this.#scope = scope;
  }

  /** Begins anew with the slaves that were just taken over. */
  begin(slaves: Iterable<Slave>): void {
    this.#births = this.#scope.ledger?.ledger.live.map(({ at }) => at) ?? [];
    this.#ends.clear();
    this.#told = "";
    for (const slave of slaves) this.noteEnd(slave);
  }

  /** Takes note of how a slave's launch ended, for judging its template. */
  noteEnd({ record }: Slave): void {
    const end = launchEndOf(record);
    if (end !== undefined) this.#ends.set(record.name, end);
  }

  forget(name: string): void {
    this.#ends.delete(name);
  }

  async launch(source: DemandSource): Promise<void> {
    const { options, roster, demand } = this.#scope;
    const { bus, log, name, templates, maxSlaves, launchesPerMinute } = options;
    const now = bus.clock.now();
    const verdict = demand.verdict(now);
    if (!verdict.usable) {
      log.debug({ master: name }, `nothing is launched: ${verdict.reason}`);
      return;
    }
    this.#births = this.#births.filter((at) => now - at < minuteMs);
    const situation = {
      master: name,
      source,
      slaves: [...roster.all()],
      templates,
      maxSlaves,
      launchesPerMinute,
      births: this.#births,
      ends: [...this.#ends.values()],
      now,
    };
    const decision = decideLaunches(situation);
    if (decision.launches.length > 0 && this.#scope.isOwner()) await this.#grant(decision.launches, source);
    await this.#tell(planOf(decision, situation));
  }

  async #grant(launches: readonly LaunchIntent[], source: DemandSource): Promise<void> {
    const { options, ledger } = this.#scope;
    if (ledger === undefined) return;
    const { bus, templates, log, name } = options;
    const at = bus.clock.now();
    const living = await ledger.grant(
      launches.map(({ item, template, reason }) => ({
        nonce: randomBytes(9).toString("base64url"),
        template,
        labels: [...(templates.find((one) => one.name === template)?.labels ?? [])],
        item: { id: item.id, job: item.job, url: item.url, seenAt: source.queueReadAt },
        at,
        reason,
      })),
    );
    this.#births.push(...living.map((one) => one.at));
    for (const one of living) {
      const slave = slaveNameOf(name, ledger.ledger.epoch, one);
      log.info({ master: name, slave, template: one.template, item: one.item?.id }, one.reason);
    }
    await Promise.all(living.map((one) => recordLiving(this.#scope, one)));
  }

  /** The plan is told when it says something new, not at every round. */
  async #tell(plan: Plan): Promise<void> {
    const { bus, name } = this.#scope.options;
    const { at: _at, round: _round, ...news } = plan;
    const text = JSON.stringify(news);
    if (text === this.#told) return;
    await bus.publish(channels.plan, subjects.plan(name), plan);
    this.#told = text;
  }
}
