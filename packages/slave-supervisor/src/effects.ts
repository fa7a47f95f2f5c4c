import type { Bus } from "@kubestack/bus";
import {
  channels,
  commands,
  type FailureClass,
  hasCode,
  type KubestackError,
  podNameOf,
  type SlaveRecord,
  sentenceOf,
  subjects,
} from "@kubestack/contracts";
import type { Cluster, V1Pod } from "@kubestack/kubernetes";
import {
  type AskedBuilds,
  entryOf,
  type Intent,
  isAwaiting,
  isPodAlive,
  type PodDeletion,
  type SlaveEvent,
  toldHold,
} from "@kubestack/slave";
import {
  isMarkedAs,
  podOf,
  type SlaveIdentity,
  secretOf,
  serviceVariables,
  type TemplateConfig,
} from "@kubestack/templates";
import { type AttachMode, type AttachTarget, jenkinsOf } from "./attach/attach-mode.ts";
import { refusalFailure } from "./failures/refusal-failure.ts";
import { identityOf } from "./identity.ts";
import { goesByForce } from "./overdue-pod.ts";
import { retainPod } from "./retained-pods/retain-pod.ts";
import { confirmSecretGone } from "./secret-gone.ts";
import { createServices } from "./slave-services.ts";

/** What effects are carried out with. */
export interface EffectTools {
  readonly bus: Bus;
  readonly cluster: Cluster;
  readonly attach: AttachMode;
  readonly target: AttachTarget;
  readonly template: (name: string) => TemplateConfig | undefined;
  /** Whether all templates are known by now. */
  readonly templatesAreWhole: () => boolean;
  /** Whether a pod may be made for it now: not while it is not known whether it had one. */
  readonly mayHaveNewPod: (slave: SlaveRecord) => boolean;
  /** Whether a slave that awaits a build may be put back online now. */
  readonly mayComeBack: (slave: SlaveRecord) => boolean;
  /** Whether the newest round of the master may be believed: one that it refuses wholly may refuse a right for that alone. */
  readonly masterIsKnown: () => boolean;
  /** In which start the newest round shows the master; null where that is not known, or not told. */
  readonly knownSession: () => string | null;
  /** The page of a slave, for people who look at the master. */
  readonly describe: (slave: SlaveRecord) => string;
}

/** A right that is missing for longer than this, in milliseconds, is missing; an API server that starts knows none for a moment. */
const rightsMs = 30_000;

/** Who does not answer a hint within this time, in milliseconds, is not waited for. */
const askTimeoutMs = 1000;

/**
 * Carries one intent out and returns what happened, in order, or nothing where it has to be looked at again later. What it
 * throws is tried again with back-off. Doing one twice does it once.
 */
export async function carryOut(slave: SlaveRecord, intent: Intent, tools: EffectTools): Promise<readonly SlaveEvent[]> {
  switch (intent.type) {
    case "markOffline":
      return markOffline(slave, tools);
    case "bringOnline":
      return bringOnline(slave, tools);
    case "askBuilds":
      return askBuilds(slave, intent.params, tools);
    case "look":
      return look(slave, tools);
    default: {
      const event = await change(slave, intent, tools);
      return event === undefined ? [] : [event];
    }
  }
}

/** What the master is asked for: its answers tell in which start of it they were given. */
type Asked = "markOffline" | "bringOnline" | "askBuilds" | "look";

async function change(
  slave: SlaveRecord,
  intent: Exclude<Intent, { type: Asked }>,
  tools: EffectTools,
): Promise<SlaveEvent | undefined> {
  switch (intent.type) {
    case "announce":
      return announce(slave, intent.params, tools);
    case "createPod":
      return createPod(slave, tools);
    case "registerNode":
      return registerNode(slave, tools);
    case "createSecret":
      return createSecret(slave, tools);
    case "removeNode":
      await tools.attach.removeNode(slave, tools.target);
      return { type: "node.removed", at: tools.bus.clock.now() };
    case "retainPod":
      return retainPod(slave, intent.params, tools);
    case "deletePod":
      return deletePod(slave, intent.params, tools);
    case "confirmSecretGone":
      return confirmSecretGone(slave, tools);
  }
}

/** An answer in another start of the master than the one that is known: that comes before all else that it tells. */
function toldBy(answer: { readonly session: string | null }, { life }: SlaveRecord, at: number): SlaveEvent[] {
  const { session } = answer;
  return session === null || session === life.session ? [] : [{ type: "session.seen", session, at }];
}

async function markOffline(slave: SlaveRecord, { attach, target, bus }: EffectTools): Promise<SlaveEvent[]> {
  const { life } = slave;
  const { reason } = life.lost ?? entryOf(life);
  const hold = life.held === null ? [] : [toldHold(life.held)];
  const isLost = life.failure !== null || life.lost !== null;
  const message = [...(hold.length === 0 || isLost ? [reason] : []), ...hold].join("; ");
  const found = await attach.markOffline(slave, target, message);
  const at = bus.clock.now();
  return [...toldBy(found, slave, at), { type: found.isThere ? "offline.marked" : "node.missing", at }];
}

async function bringOnline(slave: SlaveRecord, tools: EffectTools): Promise<SlaveEvent[]> {
  if (isAwaiting(slave.life)) {
    if (!tools.mayComeBack(slave)) return [];
  } else {
    const ended = await endMeanwhile(slave, tools);
    if (ended.length > 0) return ended;
  }
  const found = await tools.attach.bringOnline(slave, tools.target);
  const at = tools.bus.clock.now();
  // A node that is not there is made anew once the whole fleet shows that it is not.
  return [...toldBy(found, slave, at), ...(found.isThere ? [{ type: "offline.unmarked", at } as const] : [])];
}

/** What a build that was to go on with the next pod has come to: once its node is put back online another one may come. */
async function endMeanwhile(slave: SlaveRecord, { attach, target, bus }: EffectTools): Promise<SlaveEvent[]> {
  const { current } = slave.life.builds;
  const shown = await attach.look(slave, target);
  const at = bus.clock.now();
  const told = toldBy(shown, slave, at);
  // In another start of the master it is awaited, and not over.
  if (told.length > 0 || shown.computer?.idle !== true || current === null) return told;
  return [{ type: "build.finished", url: current.url, at }];
}

async function look(slave: SlaveRecord, { attach, target, bus }: EffectTools): Promise<SlaveEvent[]> {
  const beganAt = bus.clock.now();
  const shown = await attach.look(slave, target);
  const { computer } = shown;
  const at = bus.clock.now();
  const told = toldBy(shown, slave, at);
  if (computer === null) return [...told, { type: "node.missing", at }];
  const build = computer.builds[0]?.url || (computer.idle ? null : "a build that is hidden from us");
  return [...told, { type: "looked", beganAt, build, at }];
}

/** The first of these builds that is over. */
async function askBuilds(slave: SlaveRecord, asked: AskedBuilds, { bus, target }: EffectTools): Promise<SlaveEvent[]> {
  const told: SlaveEvent[] = [];
  for (const url of asked.urls) {
    try {
      const build = await jenkinsOf(target).readBuild(url);
      if (told.length === 0) told.push(...toldBy(build, slave, bus.clock.now()));
      if (build.building) continue;
    } catch (error) {
      // A build that its master had not written down yet when it went down was never loaded again.
      if (!hasCode(error, "not-found")) throw error;
      if (bus.clock.now() < asked.unknownIsOverFrom) continue;
    }
    return [...told, { type: "build.finished", url, at: bus.clock.now() }];
  }
  return told;
}

/** Publishes the states that were entered and not announced yet; the id keeps a repeated one from being kept twice. */
async function announce(slave: SlaveRecord, { from, upTo }: { from: number; upTo: number }, { bus }: EffectTools) {
  const { life, master, template, name, namespace } = slave;
  for (let number = Math.max(from, life.trailDropped); number < upTo; number += 1) {
    const entry = life.trail[number - life.trailDropped];
    if (entry === undefined) break;
    const before = life.trail[number - life.trailDropped - 1];
    const message = {
      slave: name,
      master,
      template,
      state: entry.state,
      previous: before?.state ?? null,
      reason: entry.reason,
      at: entry.at,
      afterMs: before === undefined ? null : Math.max(0, entry.at - before.at),
      step: number,
      pod: { namespace, uid: life.pod.uid, node: life.pod.node },
      build: life.builds.current?.url ?? life.builds.lastUrl,
      ...(life.attempt === 1 ? {} : { attempt: life.attempt }),
      outcome: entry.state === "draining" || entry.state === "deleted" ? life.outcome : null,
    };
    const subject = subjects.slave({ master, template, state: entry.state });
    const told = {
      ...message,
      ...(message.outcome === null || life.cause === null ? {} : { cause: life.cause }),
      ...(message.outcome === null || life.failure === null ? {} : { failure: life.failure }),
    };
    await bus.publish(channels.slave, subject, told, { id: `${name}/${number}` });
  }
  return { type: "announced", upTo, at: bus.clock.now() } as const;
}

async function createPod(slave: SlaveRecord, tools: EffectTools): Promise<SlaveEvent | undefined> {
  const { bus, cluster, attach, target } = tools;
  if (!tools.mayHaveNewPod(slave)) return undefined;
  const template = tools.template(slave.template);
  if (template === undefined && !tools.templatesAreWhole()) return undefined;
  if (template === undefined)
    return {
      type: "pod.refused",
      reason: `template ${slave.template} is not configured any more`,
      failure: "no-template",
      at: bus.clock.now(),
    };
  const identity = identityOf(slave);
  try {
    const part = await attach.agentPart(slave, target);
    const { name, namespace, services = [] } = slave;
    const env = { ...serviceVariables({ slave: name, namespace, services }), ...part.env };
    const pod: unknown = podOf(template, identity, { ...part, env });
    // Its template may say more than the types of this release know: the API server is the judge of that.
    const { uid } = await cluster.createPod(slave.namespace, pod as V1Pod);
    return { type: "pod.accepted", uid, at: bus.clock.now() };
  } catch (error) {
    if (hasCode(error, "already-exists")) return adopt(slave, identity, tools);
    const at = bus.clock.now();
    const isRefused = hasCode(error, "invalid-config", "master-refused");
    if (
      (isRefused && (error.code === "invalid-config" || error.retry === "never")) ||
      isRefusedByCluster(error, slave, at)
    )
      return { type: "pod.refused", reason: sentenceOf(error), failure: refusalFailure(error), at };
    throw error;
  }
}

/** Whether the cluster will not make it, whoever asks again. A right that is missing is waited for at a slave's birth. */
function isRefusedByCluster(error: unknown, { life }: SlaveRecord, at: number): error is KubestackError {
  const isYoung = at - (life.trail[0]?.at ?? 0) < rightsMs;
  if (hasCode(error, "cluster-refused")) return error.retry === "never" || !isYoung;
  // A namespace may be made in the same moment.
  if (hasCode(error, "not-found")) return !isYoung && /namespaces "[^"]*" not found/.test(error.message);
  return hasCode(error, "quota-exceeded");
}

/** A pod of that name is there: it is ours only if every mark agrees; names are never used twice, so it is no other life's. */
async function adopt(slave: SlaveRecord, identity: SlaveIdentity, { bus, cluster }: EffectTools): Promise<SlaveEvent> {
  const name = podNameOf(slave);
  const pod = await cluster.getPod(slave.namespace, name);
  const at = bus.clock.now();
  const uid = pod?.metadata?.uid;
  if (
    uid !== undefined &&
    isMarkedAs(identity, pod?.metadata?.annotations) &&
    pod?.metadata?.deletionTimestamp === undefined
  )
    return { type: "pod.accepted", uid, at };
  return { type: "pod.refused", reason: `another pod has the name ${name}`, failure: "name-taken", at };
}

async function registerNode(slave: SlaveRecord, tools: EffectTools): Promise<SlaveEvent> {
  const template = tools.template(slave.template);
  try {
    await tools.attach.register(slave, tools.target, {
      workDir: slave.workDir ?? template?.workDir ?? "/home/jenkins/agent",
      unlabelled: slave.unlabelled ?? template?.unlabelled ?? false,
      description: tools.describe(slave),
      properties: template?.nodeProperties,
    });
    return { type: "node.registered", session: tools.knownSession(), at: tools.bus.clock.now() };
  } catch (error) {
    const at = tools.bus.clock.now();
    if (hasCode(error, "master-refused") && error.retry === "never")
      return { type: "node.refused", reason: sentenceOf(error), failure: "node-invalid", at };
    if (hasCode(error, "credential-refused") && tools.masterIsKnown() && isPatienceOver(slave, at))
      return { type: "node.refused", reason: sentenceOf(error), failure: "master-refused", at };
    throw error;
  }
}

/** It shows its queue and makes no node: a right is missing, for whichever template. */
function isPatienceOver({ life }: SlaveRecord, at: number): boolean {
  return at - (life.pod.acceptedAt ?? at) >= rightsMs;
}

/** The Services come first: the agent, which waits for its Secret, finds them there. */
async function createSecret(slave: SlaveRecord, tools: EffectTools): Promise<SlaveEvent> {
  const { uid } = slave.life.pod;
  if (uid === null) throw new RangeError(`${slave.name} has no pod to own its Secret.`);
  const refusal = await serviceRefusal(slave, uid, tools);
  if (refusal !== undefined) return { type: "service.refused", ...refusal, at: tools.bus.clock.now() };
  const files = await tools.attach.secretFiles(slave, tools.target);
  try {
    if (Object.keys(files).length > 0)
      await tools.cluster.createSecret(slave.namespace, secretOf(identityOf(slave), uid, files));
  } catch (error) {
    // The one of an earlier try; a name is never used twice.
    if (!hasCode(error, "already-exists")) throw error;
  }
  expectAgent(slave, tools);
  return { type: "secret.created", at: tools.bus.clock.now() };
}

/** Why a slave can't have its Services; undefined: it has them. */
async function serviceRefusal(
  slave: SlaveRecord,
  podUid: string,
  { bus, cluster }: EffectTools,
): Promise<{ reason: string; failure: FailureClass } | undefined> {
  try {
    const taken = await createServices(slave, podUid, cluster);
    if (taken === undefined) return undefined;
    return { reason: `another Service has the name ${taken}`, failure: "name-taken" };
  } catch (error) {
    if (isRefusedByCluster(error, slave, bus.clock.now()))
      return { reason: sentenceOf(error), failure: refusalFailure(error) };
    throw error;
  }
}

/**
 * The agent may come from now on, and its master hands it a build in that moment: who reads the master is asked to look at
 * the node, and goes on until it is busy. Where nobody hears this the next round shows the node.
 */
function expectAgent({ master, name }: SlaveRecord, { bus }: EffectTools): void {
  bus
    .request(commands.lookNow, { master, nodes: [name], until: "seen" }, { master, timeoutMs: askTimeoutMs })
    .catch(() => undefined);
}

async function deletePod(
  slave: SlaveRecord,
  { overdueSince }: PodDeletion,
  { bus, cluster }: EffectTools,
): Promise<SlaveEvent | undefined> {
  const gone = (): SlaveEvent => ({ type: "pod.gone", reason: "the pod is gone", at: bus.clock.now() });
  const { uid, node } = slave.life.pod;
  if (uid === null) {
    const found = await uidOfOwnPod(slave, cluster);
    // A pod that nobody knew of may have an agent and a build by now: it is marked and looked at like any other first.
    return found === undefined ? gone() : { type: "pod.accepted", uid: found, at: bus.clock.now() };
  }
  const isForced =
    overdueSince !== undefined &&
    goesByForce(node === null ? "unknown" : await cluster.nodeHealth(node), bus.clock.now() - overdueSince);
  const outcome = await cluster.deletePod(slave.namespace, podNameOf(slave), {
    uid,
    ...(isForced ? { force: true } : {}),
    // Nothing is lost with an agent whose process has ended or whose node is gone from the master.
    ...(isPodAlive(slave.life) || isForced ? {} : { graceSeconds: 1 }),
  });
  // Accepted is not gone: the watch tells that, or the next try.
  return outcome === "accepted" ? undefined : gone();
}

async function uidOfOwnPod(slave: SlaveRecord, cluster: Cluster): Promise<string | undefined> {
  const pod = await cluster.getPod(slave.namespace, podNameOf(slave));
  return isMarkedAs(identityOf(slave), pod?.metadata?.annotations) ? pod?.metadata?.uid : undefined;
}
