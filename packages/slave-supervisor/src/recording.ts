import type { Entry } from "@kubestack/bus";
import {
  hasCode,
  keys,
  type Ledger,
  type LivingSlave,
  mostRelaunches,
  podName,
  type SlaveRecord,
  slaveRecordVersion,
} from "@kubestack/contracts";
import { livingEpoch } from "@kubestack/demand";
import type { ObjectSource, PodObservation } from "@kubestack/kubernetes";
import { newLife, slaveName } from "@kubestack/slave";
import { annotationNames, attemptIn, servicesIn } from "@kubestack/templates";
import type { MasterScope } from "./master-scope.ts";
import { lifeLimitsOf } from "./slave-limits.ts";

export function slaveNameOf(ledger: Ledger, living: LivingSlave): string {
  return slaveName({ master: ledger.master, epoch: livingEpoch(ledger, living), number: living.number });
}

/** Saves the missing record of every slave that the ledger names: a crash or a failure between the two loses none. */
export async function recordMissing(scope: MasterScope): Promise<void> {
  const { roster, ledger } = scope;
  if (ledger === undefined) return;
  const missing = ledger.ledger.live.filter((living) => !roster.knows(slaveNameOf(ledger.ledger, living)));
  await Promise.all(missing.map((living) => recordLiving(scope, living)));
}

/** Saves the record of a slave that the ledger names, and begins its life. */
export async function recordLiving({ options, roster, ledger }: MasterScope, living: LivingSlave): Promise<void> {
  if (ledger === undefined) return;
  const { bus, install, namespace, templates, pods, name: master, log, measures, attach } = options;
  const epoch = livingEpoch(ledger.ledger, living);
  const name = slaveNameOf(ledger.ledger, living);
  const template = templates.find((one) => one.name === living.template);
  const found = foundPod(name, living, pods);
  const services = found === undefined ? template?.services : servicesIn(found.annotations);
  const record: Omit<SlaveRecord, "op"> = {
    version: slaveRecordVersion,
    install,
    master,
    name,
    epoch,
    number: living.number,
    nonce: living.nonce,
    template: living.template,
    labels: living.labels,
    ...(living.size === undefined ? {} : { size: living.size }),
    ...(services === undefined || services.length === 0 ? {} : { services: [...services] }),
    ...(living.unlabelled === undefined ? {} : { unlabelled: living.unlabelled }),
    ...(template === undefined ? {} : { workDir: template.workDir }),
    item: living.item,
    ...(living.isWarm === undefined ? {} : { isWarm: living.isWarm }),
    namespace,
    state: "requested",
    life: newLife(lifeLimitsOf(template, { keepsNodes: attach.keepsNodes === true }), {
      ...{ at: living.at, reason: living.reason || "its record was lost" },
      ...(found === undefined ? {} : { attempt: attemptIn(found.annotations) }),
    }),
  };
  const key = keys.slave(master, name);
  try {
    const entry = await bus.slaves.create(key, record);
    // One that had its record already was counted then.
    if (living.reason !== "") measures?.launched(record);
    roster.resume(roster.add(entry));
  } catch (error) {
    if (!hasCode(error, "already-exists")) throw error;
    // An earlier try, or the process that owned the master before, had come this far: its record is the slave's.
    const saved = await readable(options, key);
    if (saved?.value.nonce === living.nonce && saved.value.version <= slaveRecordVersion) {
      roster.resume(roster.add(saved));
      return;
    }
    log.warn({ slave: name }, "its record is not for this process to change: it is left alone");
    roster.leaveAlone(name);
  }
}

/** The newest of its pods that is there already: what it has counts, whatever its template says by now. Undefined where there is none, or another's. */
function foundPod(
  name: string,
  { nonce }: LivingSlave,
  pods: ObjectSource<PodObservation>,
): PodObservation | undefined {
  for (let attempt = 1 + mostRelaunches; attempt > 0; attempt -= 1) {
    const pod = pods.get(podName({ name, attempt }));
    if (pod?.annotations[annotationNames.nonce] === nonce) return pod;
  }
  return undefined;
}

/** The record; undefined where it can't be read. */
async function readable({ bus }: MasterScope["options"], key: string): Promise<Entry<SlaveRecord> | undefined> {
  try {
    return await bus.slaves.get(key);
  } catch (error) {
    if (hasCode(error, "invalid-message")) return undefined;
    throw error;
  }
}
