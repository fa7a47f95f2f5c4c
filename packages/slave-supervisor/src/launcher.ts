import { randomBytes } from "node:crypto";
import { channels, type DemandSource, type Plan, type SlaveRecord, sentenceOf, subjects } from "@kubestack/contracts";
import type { LaunchIntent } from "@kubestack/demand";
import { allowanceOf } from "./brake.ts";
import { standingOf } from "./holds.ts";
import type { KeptFacts } from "./kept-facts.ts";
import { LaunchHistory } from "./launch-history.ts";
import { decideLaunches, planOf } from "./launching.ts";
import type { MasterScope } from "./master-scope.ts";
import { doubledItems } from "./measures/duplicate-items.ts";
import { recordLiving, slaveNameOf } from "./recording.ts";
import type { Slave } from "./roster.ts";
import { noLeftovers, repeatMs, withdrawalsOf } from "./withdrawing.ts";

const minuteMs = 60_000;

/** Launches what a round asks for: named in the ledger first, then recorded, then begun. */
export class Launcher {
  readonly #scope: MasterScope;
  readonly #facts: KeptFacts;
  #births: number[] = [];
  readonly #history = new LaunchHistory();
  #leftovers = noLeftovers;
  #withdrawn: { readonly template: string; readonly at: number }[] = [];
  #told = "";
  /** Whether, by the last decision, an item waits for a cap that a slave on its way out still holds. */
  isCapWanted = false;

  constructor(scope: MasterScope, facts: KeptFacts) {
    this.#scope = scope;
    this.#facts = facts;
  }

  /** What was noted of launches may be another process's past by now: it is noted anew. */
  forget(): void {
    this.#history.clear();
  }

  /** Begins with what was noted, and with the ledger that was just taken over. */
  begin(): void {
    const { ledger, options } = this.#scope;
    // Slaves that were found again are no launches of this minute.
    this.#births = ledger?.ledger.live.flatMap(({ at, epoch }) => (epoch === undefined ? [at] : [])) ?? [];
    this.#history.forgetOld(options.bus.clock.now());
    this.#leftovers = noLeftovers;
    this.#told = "";
    this.isCapWanted = false;
  }

  /** Takes note of what became of a launch. */
  note(record: SlaveRecord): void {
    this.#history.note(record);
  }

  /** Whether the brake holds at `now`, and which templates are held back. */
  standing(now: number): { readonly isBraked: boolean; readonly held: ReadonlySet<string> } {
    const { templates, launchesPerMinute } = this.#scope.options;
    const lastHour = this.#history.lastHour(now);
    const { launches } = allowanceOf({ births: this.#births, launchesPerMinute, lastHour, now });
    const held = templates.filter(({ name }) => standingOf(this.#history.failuresOf(name), now).hold !== undefined);
    return { isBraked: launches === 0, held: new Set(held.map(({ name }) => name)) };
  }

  async launch(source: DemandSource): Promise<void> {
    const { options, roster, demand } = this.#scope;
    const { bus, log, name, templates, maxSlaves, launchesPerMinute, measures } = options;
    const now = bus.clock.now();
    const verdict = demand.verdict(now);
    if (!verdict.usable) {
      // Rounds that show nothing do not show a slave left over either.
      this.#leftovers = noLeftovers;
      log.debug({ master: name }, `nothing is launched: ${verdict.reason}`);
      return;
    }
    this.#births = this.#births.filter((at) => now - at < minuteMs);
    this.#history.forgetOld(now);
    const lastHour = this.#history.lastHour(now);
    const situation = {
      master: name,
      source,
      slaves: [...roster.all()],
      templates,
      maxSlaves,
      allowance: allowanceOf({ births: this.#births, launchesPerMinute, lastHour, now }),
      paused: this.#scope.standing.launching.reason,
      failuresOf: (template: string) => this.#history.failuresOf(template),
      now,
    };
    const decision = decideLaunches(situation);
    this.isCapWanted = decision.waiting.some(({ code }) => code === "cap");
    if (decision.launches.length > 0 && this.#scope.isOwner()) {
      await this.#grant(decision.launches, source);
      const unlabelled = new Set(templates.filter((one) => one.unlabelled).map((one) => one.name));
      const decided = { ...decision, slaves: situation.slaves, held: this.standing(now).held, unlabelled };
      measures?.duplicated("item", doubledItems(decided));
    }
    await this.#withdraw(decision.surplus, now);
    // People wait for the plan, slaves do not: the next round tells it again.
    await this.#tell(planOf(decision, situation)).catch((error: unknown) =>
      log.warn({ master: name }, `the plan was not told: ${sentenceOf(error)}`),
    );
  }

  /** Slaves that no item needs in any round of a grace time leave: by the mark and two looks, so that none is caught in a build. */
  async #withdraw(surplus: readonly string[], now: number): Promise<void> {
    const { roster, options } = this.#scope;
    this.#withdrawn = this.#withdrawn.filter(({ at }) => now - at < repeatMs);
    const candidates = surplus.flatMap((name) => {
      const slave = roster.get(name);
      return slave === undefined || !mayBeWithdrawn(slave) ? [] : [{ name, template: slave.record.template }];
    });
    const { leftovers, due } = withdrawalsOf(this.#leftovers, candidates, {
      now,
      withdrawnOfLate: (template) => this.#withdrawn.filter((one) => one.template === template).length,
    });
    this.#leftovers = leftovers;
    // One that ran a build which nobody saw, and whose news was lost, is no launch for nothing.
    if (due.length > 0) await this.#facts.catchUp();
    for (const name of due) {
      const slave = roster.get(name);
      if (slave === undefined || !mayBeWithdrawn(slave)) continue;
      const reason = "no waiting build needs it";
      options.log.info({ slave: name }, reason);
      this.#withdrawn.push({ template: slave.record.template, at: now });
      void roster.apply(slave, () => [{ type: "drain.requested", reason, outcome: "withdrawn", at: now }]);
    }
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
      const slave = slaveNameOf(ledger.ledger, one);
      log.info({ master: name, slave, template: one.template, item: one.item?.id }, one.reason);
    }
    await Promise.all(living.map((one) => recordLiving(this.#scope, one)));
    for (const one of living) {
      const slave = this.#scope.roster.get(slaveNameOf(ledger.ledger, one));
      if (slave !== undefined) this.note(slave.record);
    }
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

/** One that has run a build is kept for the next by its template's own idle time; the others wait for nothing. */
function mayBeWithdrawn({ record: { state, life } }: Slave): boolean {
  const isWaiting = state === "requested" || state === "scheduled" || state === "online";
  return isWaiting && life.builds.ran === 0;
}
