import type { Ledger } from "@kubestack/contracts";
import { livingEpoch, livingKey, livingKeys } from "@kubestack/demand";
import { parseSlaveName } from "@kubestack/slave";
import { annotationNames, attemptIn, slaveNameIn } from "@kubestack/templates";
import { expired, type RetainedPod, type RetentionCap } from "../retained-pods/expiry.ts";
import { retainedUntil } from "../retained-pods/marks.ts";
import { isAhead, type Ours, type RecordStanding } from "./rebuilding.ts";

/** Between two looks at what no record knows, in milliseconds: only what both show is removed. */
export const secondLookMs = 60_000;
/**
 * A node of a slave that is over goes if it is still there after this time, in milliseconds: what shows it may be a round
 * that began before it was removed.
 */
export const nextLookMs = 4_000;
/** A pod that nobody knows is overdue this long after its grace, in milliseconds. */
const overdueMs = 60_000;
/** The grace of a pod that does not say one, in seconds. */
const usualGraceSeconds = 30;

interface MarkedObject {
  readonly name: string;
  readonly uid: string;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface SeenPod extends MarkedObject {
  /** Null where nobody deletes it. */
  readonly deletionTimestamp: number | null;
  readonly graceSeconds: number | null;
}

export interface SeenService extends MarkedObject {
  /** Whose it is, by name. */
  readonly slave: string;
}

export interface SeenNode {
  readonly name: string;
  readonly online: boolean;
  readonly idle: boolean;
}

/** Everything that was seen of one master's slaves, by whoever showed it. */
export interface Seen extends Ours {
  readonly ledger: Ledger;
  /** That the master's slaves are known to have had in stores of before, besides those of the ledger. */
  readonly epochs: readonly string[];
  readonly pods: readonly SeenPod[];
  /** Undefined where they were not listed this time. */
  readonly secrets: readonly MarkedObject[] | undefined;
  /** The same; undefined also where nothing has any. */
  readonly services?: readonly SeenService[] | undefined;
  /** Undefined while the master is unknown. */
  readonly nodes: readonly SeenNode[] | undefined;
  /** Records that the ledger does not name, of slaves that are not over. */
  readonly records: readonly string[];
  readonly standingOf: (name: string) => RecordStanding;
  /** Which of its pods a slave that is supervised has come to; undefined where it is not supervised. Default: the first. */
  readonly attemptOf?: (slave: string) => number | undefined;
  /** Whether the configuration names the master still. */
  readonly isListed: boolean;
  /** How many pods of a template may be kept beyond their slaves. */
  readonly retentionCaps: (template: string) => readonly RetentionCap[];
  readonly now: number;
}

export type Kind = "pod" | "Secret" | "Service" | "node" | "record";

/** Something that is to go, and why. */
export interface Removal {
  readonly kind: Kind;
  readonly name: string;
  /** Of a pod, Secret or Service: only this very one goes. */
  readonly uid?: string;
  /** Of a Secret or Service, and of a pod: whose it is. */
  readonly slave?: string;
  /** Of a pod that should have been gone this long ago, in milliseconds: by force, if its machine is dead. */
  readonly overdueMs?: number;
  readonly reason: string;
}

/** Something that belongs to no slave and stays all the same. */
export interface LeftAlone {
  readonly kind: Kind;
  readonly name: string;
  readonly reason: string;
}

export interface Comparison {
  readonly removals: readonly Removal[];
  readonly left: readonly LeftAlone[];
  /** When each thing that is looked at a second time was seen first. */
  readonly firstLooks: ReadonlyMap<string, number>;
  /** Numbers that the ledger has not given, and that are there: it is behind. */
  readonly ahead: readonly { readonly epoch: string; readonly number: number }[];
}

/** How a slave's leavings are judged. */
type Verdict = "lives" | "ahead" | "over" | "closed" | "unknown";

/**
 * Compares what ledger, records, cluster and master show, and says what only one side knows. What belongs to a slave that is
 * over goes on sight (a node at the next look); what no record knows at all goes if it is still there at a second look; a pod
 * that is kept goes when its time is over. What bears another installation's or another master's marks is not ours to judge, nor
 * is a node of an epoch that is not known as ours. What shows a build or an agent stays: a doubt ends no build.
 */
export function compare(seen: Seen, firstLooks: ReadonlyMap<string, number>): Comparison {
  return new Comparing(seen, firstLooks).result();
}

class Comparing {
  readonly #seen: Seen;
  readonly #earlier: ReadonlyMap<string, number>;
  readonly #firstLooks = new Map<string, number>();
  readonly #removals: Removal[] = [];
  readonly #left: LeftAlone[] = [];
  readonly #ahead: { epoch: string; number: number }[] = [];
  readonly #living: ReadonlySet<string>;
  /** Names that a node in use has. */
  readonly #inUse: ReadonlySet<string>;
  /** Pods that may still be an agent's. */
  readonly #podNames: ReadonlySet<string>;
  readonly #retained: RetainedPod[] = [];
  /** Epochs that are ours. */
  readonly #epochs: ReadonlySet<string | undefined>;

  constructor(seen: Seen, earlier: ReadonlyMap<string, number>) {
    this.#seen = seen;
    this.#earlier = earlier;
    this.#living = livingKeys(seen.ledger);
    this.#inUse = new Set((seen.nodes ?? []).filter(({ online, idle }) => online || !idle).map(({ name }) => name));
    this.#podNames = new Set(
      seen.pods.flatMap((pod) => (retainedUntil(pod.annotations) === undefined ? [slaveNameIn(pod)] : [])),
    );
    const { ledger, pods } = seen;
    const ofPods = pods.map(({ annotations }) => this.#slaveOf(annotations)?.epoch);
    const ofLiving = ledger.live.map((living) => livingEpoch(ledger, living));
    this.#epochs = new Set([ledger.epoch, ...(ledger.epochs ?? []), ...seen.epochs, ...ofLiving, ...ofPods]);
  }

  result(): Comparison {
    for (const pod of this.#seen.pods) this.#judgePod(pod);
    const { now, isListed, retentionCaps: caps } = this.#seen;
    for (const { pod, reason } of expired(this.#retained, { now, isListed, caps }))
      this.#removals.push({ kind: "pod", name: pod.name, uid: pod.uid, reason });
    for (const secret of this.#seen.secrets ?? [])
      this.#judgeOwned({ kind: "Secret", slave: slaveNameIn(secret) }, secret);
    for (const service of this.#seen.services ?? [])
      this.#judgeOwned({ kind: "Service", slave: service.slave }, service);
    for (const node of this.#seen.nodes ?? []) this.#judgeNode(node);
    for (const name of this.#seen.records) this.#judgeRecord(name);
    return { removals: this.#removals, left: this.#left, firstLooks: this.#firstLooks, ahead: this.#ahead };
  }

  #judgePod({ name, uid, annotations, deletionTimestamp, graceSeconds }: SeenPod): void {
    const of = slaveNameIn({ name, annotations });
    const slave = this.#slaveOf(annotations);
    const verdict = this.#verdictOf(of, slave);
    const isFormer = slave !== undefined && attemptIn(annotations) < (this.#seen.attemptOf?.(of) ?? 1);
    if (verdict === "lives" && !isFormer) return;
    const thing = { kind: "pod", name, uid, slave: of } as const;
    if (deletionTimestamp !== null) {
      const goingMs = this.#seen.now - this.#firstLook(`going ${name}/${uid}`);
      const late = goingMs - (graceSeconds ?? usualGraceSeconds) * 1000;
      if (late >= overdueMs)
        this.#removals.push({ ...thing, overdueMs: late, reason: "it should have been gone long ago" });
      return;
    }
    if (verdict === "lives") {
      // A late request's: the one before it was gone when the slave came to its present one.
      this.#removals.push({ ...thing, reason: "it is a former pod of its slave, which has come to a later one" });
      return;
    }
    const until = retainedUntil(annotations);
    const template = annotations[annotationNames.template] ?? "";
    // It was stopped, and is kept for people: nothing runs there whatever is known of its slave.
    if (until !== undefined && verdict !== "ahead" && verdict !== "closed")
      this.#retained.push({ name, uid, template, until });
    else if (this.#mayGo(thing, verdict)) this.#goes(thing, verdict);
  }

  #judgeOwned(of: { kind: "Secret" | "Service"; slave: string }, { name, uid, annotations }: MarkedObject): void {
    const verdict = this.#verdictOf(of.slave, this.#slaveOf(annotations));
    // It goes with its pod.
    if (verdict === "lives" || this.#podNames.has(of.slave)) return;
    const thing = { ...of, name, uid };
    if (this.#mayGo(thing, verdict)) this.#goes(thing, verdict);
  }

  #judgeNode({ name }: SeenNode): void {
    const slave = parseSlaveName(this.#seen.master, name);
    // Of an epoch that is not known as ours it may well be another installation's.
    if (slave === undefined || !this.#epochs.has(slave.epoch)) return;
    const verdict = this.#verdictOf(name, slave);
    // Its pod goes first: an agent must not come while its node goes.
    if (verdict === "lives" || (this.#podNames.has(name) && !this.#inUse.has(name))) return;
    const thing = { kind: "node", name } as const;
    if (this.#mayGo(thing, verdict)) this.#goes(thing, verdict);
  }

  #judgeRecord(name: string): void {
    const slave = parseSlaveName(this.#seen.master, name);
    if (slave === undefined || this.#living.has(livingKey(slave))) return;
    const isShown =
      this.#seen.pods.some((pod) => slaveNameIn(pod) === name) ||
      this.#seen.nodes?.some((node) => node.name === name) !== false;
    if (isShown) return;
    if (this.#isSecondLook(`record ${name}`))
      this.#removals.push({
        kind: "record",
        name,
        reason: "the ledger does not name it, and nothing of its slave is there",
      });
  }

  #slaveOf(annotations: Readonly<Record<string, string>>): { epoch: string; number: number } | undefined {
    const { install, master } = this.#seen;
    if (annotations[annotationNames.install] !== install || annotations[annotationNames.master] !== master)
      return undefined;
    const number = Number(annotations[annotationNames.number] || Number.NaN);
    const epoch = annotations[annotationNames.epoch];
    return Number.isSafeInteger(number) && epoch !== undefined ? { epoch, number } : undefined;
  }

  /** Of others, and of what can't be read, it is none of ours to say more than that it lives. */
  #verdictOf(name: string, slave: { epoch: string; number: number } | undefined): Verdict {
    const { ledger, standingOf } = this.#seen;
    if (slave === undefined || this.#living.has(livingKey(slave))) return "lives";
    if (isAhead(ledger, slave)) {
      this.#ahead.push(slave);
      return "ahead";
    }
    const standing = standingOf(name);
    if (standing === "closed") return "closed";
    return slave.epoch === ledger.epoch || standing === "over" ? "over" : "unknown";
  }

  /** Whether nothing speaks against it; what still does at a second look is told. */
  #mayGo({ kind, name, slave = name }: { kind: Kind; name: string; slave?: string }, verdict: Verdict): boolean {
    // Whether a build runs there is not known: it is looked at when the master answers.
    if (verdict === "unknown" && this.#seen.nodes === undefined) return false;
    const reason = this.#objection(slave, verdict);
    if (reason !== undefined && this.#isSecondLook(`left ${kind} ${name}`)) this.#left.push({ kind, name, reason });
    return reason === undefined;
  }

  #objection(name: string, verdict: Verdict): string | undefined {
    if (verdict === "ahead") return "the ledger has not given its number yet";
    if (verdict === "closed") return "its record is not for this release to change";
    return this.#inUse.has(name) ? "the master shows its agent online, or at work" : undefined;
  }

  #goes(thing: { kind: Kind; name: string; uid?: string; slave?: string }, verdict: Verdict): void {
    const seenMs = this.#seen.now - this.#firstLook(`${thing.kind} ${thing.name}/${thing.uid ?? ""}`);
    if (verdict === "over" && (thing.kind !== "node" || seenMs >= nextLookMs))
      this.#removals.push({ ...thing, reason: "it belongs to a slave that is over" });
    else if (verdict === "unknown" && seenMs >= secondLookMs)
      this.#removals.push({ ...thing, reason: "no record knows it, at a second look either" });
  }

  #firstLook(thing: string): number {
    const at = this.#earlier.get(thing) ?? this.#seen.now;
    this.#firstLooks.set(thing, at);
    return at;
  }

  #isSecondLook(thing: string): boolean {
    return this.#seen.now - this.#firstLook(thing) >= secondLookMs;
  }
}
