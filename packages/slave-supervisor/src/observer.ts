import {
  type Completion,
  type DemandSource,
  type Look,
  podNameOf,
  type SlaveRecord,
  sentenceOf,
} from "@kubestack/contracts";
import type { ObjectChange, PodObservation } from "@kubestack/kubernetes";
import { type Deadline, failureOf, remedyOf, type SlaveEvent } from "@kubestack/slave";
import { agentContainerIn, slaveNameIn } from "@kubestack/templates";
import { AgentLogs } from "./agent-log/agent-logs.ts";
import { withLog } from "./agent-log/with-log.ts";
import { tellHold } from "./hold.ts";
import type { MasterScope } from "./master-scope.ts";
import { eventsOfCompletion, eventsOfComputer } from "./observe/computer-events.ts";
import { eventsOfPod, hasFailed, isBeingInjected, tellingContainer } from "./observe/pod-events.ts";
import { nodeWantedBy } from "./observe/wanted-node.ts";
import type { Slave } from "./roster.ts";

/** A pod that the watch does not show is asked for by name after this time, and again after it, in milliseconds. */
const missingMs = 10_000;

/** Turns what master and cluster show into events of the slaves. */
export class Observer {
  readonly #scope: MasterScope;
  /** The newest round, and in which start of the master it was read. */
  #newest: { readonly readAt: number; readonly session: string | null } | undefined;
  /** The last start of the master that was told. */
  #start: string | undefined;
  readonly #missingSince = new WeakMap<Slave, number>();

  readonly #logs: AgentLogs;

  constructor(scope: MasterScope) {
    this.#scope = scope;
    const { cluster, log, pods } = scope.options;
    this.#logs = new AgentLogs({
      cluster,
      log,
      containerOf: ({ record }) => {
        const pod = pods.get(podNameOf(record));
        return pod === undefined ? agentContainerIn({}) : tellingContainer(pod);
      },
      onRead: (slave) => this.catchUp(slave),
    });
  }

  sawRound(source: DemandSource): void {
    const { roster } = this.#scope;
    const { readAt, session } = source;
    this.#newest = { readAt, session };
    if (session !== null) {
      if (this.#start !== undefined && this.#start !== session) this.#prepareAnew();
      this.#start = session;
    }
    const shown = new Map((source.computers ?? []).map((computer) => [computer.name, computer]));
    const items = new Map(source.items.map((item) => [nodeWantedBy(item), item]));
    for (const slave of roster.all()) {
      const { name } = slave.record;
      const computer = shown.get(name);
      const item = items.get(name);
      void roster.apply(slave, (record) => {
        const at = this.#now();
        const events = eventsOfComputer(computer, record, { readAt, session, isWhole: true, at });
        if (item === undefined) return [...events, ...notAwaited(record, { readAt, session, at })];
        const awaited = { type: "build.awaited", url: item.url, readAt, at } as const;
        // A slave whose build ends now, while another one is to go on there, does not leave first.
        return record.state === "busy" ? [awaited, ...events] : [...events, awaited];
      });
      if (computer?.online) slave.shownOnline = true;
    }
  }

  /** A master that was started anew may be another version, or take its agents by another way. */
  #prepareAnew(): void {
    const { attach, target, log, name } = this.#scope.options;
    attach.prepare(target).catch((error: unknown) => log.debug({ master: name }, sentenceOf(error)));
  }

  sawLook(look: Look): void {
    const { roster } = this.#scope;
    const { readAt, session } = look;
    // Of a start of the master before the one that is known by now.
    if (session !== this.#newest?.session && readAt <= (this.#newest?.readAt ?? 0)) return;
    for (const computer of look.computers) {
      const slave = roster.get(computer.name);
      if (slave === undefined) continue;
      void roster.apply(slave, (record) =>
        eventsOfComputer(computer, record, { readAt, session, isWhole: false, at: this.#now() }),
      );
    }
  }

  sawCompletion(completion: Completion): void {
    const { roster } = this.#scope;
    const slave = completion.node === null ? undefined : roster.get(completion.node);
    if (slave === undefined) return;
    void roster.apply(slave, ({ life }) => eventsOfCompletion(completion, life, this.#now()));
  }

  /** Takes in what the shared watch tells about any pod; those of other masters are not ours to know. */
  sawPod({ kind, value }: ObjectChange<PodObservation>): void {
    const { roster } = this.#scope;
    const slave = roster.get(slaveNameIn(value));
    if (slave === undefined) return;
    const { attach } = this.#scope.options;
    void roster.apply(slave, (record) => {
      const { life, state } = record;
      // Another pod of the name, or one that is not known to be accepted yet: the create's own answer comes first.
      if (state === "deleted" || life.pod.uid !== value.uid || life.pod.goneAt !== null) return [];
      if (kind === "gone") return [{ type: "pod.gone", reason: "the pod is gone", at: this.#now() }];
      const at = this.#now();
      const events = [...(attach.podEvents?.(value, record, at) ?? []), ...eventsOfPod(value, life, at)];
      // An agent that never came has a reason, which may stand in its log: its end is told with it, a moment later.
      if (!isLogWorthReading(value, record)) return events;
      const found = this.#logs.of(slave);
      return events.flatMap((event) => withLog(event, found) ?? []);
    });
  }

  /** A slave's clock has run out. Where its agent did not connect, or was not put into its image, a log is read first; the next tick asks again. */
  ranOut(slave: Slave, { clock, reason }: Pick<Deadline, "clock" | "reason">): void {
    const { options, roster } = this.#scope;
    const passed = { type: "deadline.passed", clock, reason, at: this.#now() } as const;
    const pod = options.pods.get(podNameOf(slave.record));
    const isInjecting = clock === "start" && pod !== undefined && isBeingInjected(pod);
    const event = clock === "connect" || isInjecting ? withLog(passed, this.#logs.of(slave)) : passed;
    if (event === undefined) return;
    options.log.info({ slave: slave.record.name, clock }, event.reason);
    void roster.apply(slave, ({ life, namespace }) => {
      const remedy = remedyOf(failureOf(event, life) ?? "", { namespace });
      return [remedy === undefined ? event : { ...event, reason: `${event.reason}; ${remedy}` }];
    });
    const { name } = slave.record;
    if (clock === "hold")
      void tellHold(this.#scope, { slave: name, event: "slave-released", reason: `${name}: ${event.reason}` });
  }

  /** Takes in what the watch holds of every slave's pod: news that came too early, or could not be saved, is not lost. */
  catchUpAll(): void {
    for (const slave of this.#scope.roster.all()) this.catchUp(slave);
  }

  /** Takes in what the watch holds of a slave's pod. */
  catchUp(slave: Slave): void {
    const pod = this.#scope.options.pods.get(podNameOf(slave.record));
    if (pod !== undefined) this.sawPod({ kind: "changed", name: pod.name, value: pod, previous: undefined });
  }

  /** A pod that went while nobody watched is in no event: the watch does not have it, and a live look settles it. */
  checkMissing(slave: Slave): void {
    const { pods, log } = this.#scope.options;
    const { state, life, name } = slave.record;
    const isExpected = state !== "deleted" && life.pod.uid !== null && life.pod.goneAt === null;
    if (!isExpected || pods.status().state !== "synced" || pods.get(podNameOf(slave.record)) !== undefined) {
      this.#missingSince.delete(slave);
      return;
    }
    const now = this.#now();
    const since = this.#missingSince.get(slave);
    if (since === undefined || now - since < missingMs) {
      this.#missingSince.set(slave, since ?? now);
      return;
    }
    this.#missingSince.set(slave, now);
    this.#settleMissing(slave).catch((error: unknown) => log.debug({ slave: name }, sentenceOf(error)));
  }

  async #settleMissing(slave: Slave): Promise<void> {
    const { cluster, log } = this.#scope.options;
    const { life, name, namespace } = slave.record;
    const pod = await cluster.getPod(namespace, podNameOf(slave.record));
    if (pod?.metadata?.uid === life.pod.uid) return;
    log.info({ slave: name }, "its pod went while nobody watched");
    await this.#scope.roster.apply(slave, () => [
      { type: "pod.gone", reason: "the pod went while nobody watched", attempt: life.attempt, at: this.#now() },
    ]);
  }

  #now(): number {
    return this.#scope.options.bus.clock.now();
  }
}

/** Whether the agent's container, or the one that puts the agent in, ended with a failure before its agent ever came. */
function isLogWorthReading(pod: PodObservation, { state, life }: SlaveRecord): boolean {
  const isEarly = state === "scheduled" && life.agent.firstOnlineAt === null && life.pod.endedAt === null;
  return isEarly && pod.deletionTimestamp === null && hasFailed(pod);
}

/** That nothing waits for the slave is told only where that is not known: it is true of nearly every one in each round. */
function notAwaited(
  { life }: SlaveRecord,
  { readAt, session, at }: { readAt: number; session: string | null; at: number },
): SlaveEvent[] {
  return life.unsureSince === null || session === null ? [] : [{ type: "none.awaited", readAt, session, at }];
}
