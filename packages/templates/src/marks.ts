import { type PodSize, podSizeSchema, type SlaveService, slaveOfPod } from "@kubestack/contracts";
import { serviceAnnotations } from "./services/annotation.ts";

/** What is written on every object, so that it can be found again and never be mistaken for another installation's. */
export interface SlaveIdentity {
  readonly install: string;
  readonly master: string;
  readonly template: string;
  readonly name: string;
  readonly epoch: string;
  readonly number: number;
  readonly nonce: string;
  readonly labels: readonly string[];
  /** What was asked for by label; absent: nothing. */
  readonly size?: PodSize | undefined;
  /** Services that lead to its pod, and go with it; told by its pod alone. Absent: none. */
  readonly services?: readonly SlaveService[] | undefined;
  /** Whether it takes builds that name no label; absent: that is not known, or it does not. */
  readonly unlabelled?: boolean | undefined;
  /** Which of its pods it is, or is owned by; absent: the first. */
  readonly attempt?: number | undefined;
}

/** The annotation names that carry a slave's identity. */
export const annotationNames = {
  install: "kubestack.io/install",
  master: "kubestack.io/master",
  template: "kubestack.io/template",
  epoch: "kubestack.io/epoch",
  number: "kubestack.io/number",
  nonce: "kubestack.io/nonce",
  labels: "kubestack.io/labels",
  size: "kubestack.io/size",
  unlabelled: "kubestack.io/unlabelled",
  attempt: "kubestack.io/attempt",
} as const;

/** On a pod that outlives its slave: until when it is kept, as an ISO instant, and why. People may change the first. */
export const retentionNames = {
  until: "kubestack.io/retained-until",
  because: "kubestack.io/retained-because",
} as const;

/** Kubernetes keeps autoscalers from evicting what carries these. */
const keepAnnotations = {
  "karpenter.sh/do-not-disrupt": "true",
  "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
} as const;

/** A text as the value of a Kubernetes label: at most 63 of its letters; the exact text is in the annotation. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]+/g, "_")
    .slice(0, 63)
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, "");
}

/** The label that tells whose an object is, by the slave's name. */
export const slaveLabel = "kubestack.io/slave";

/** Labels for selecting, of a pod and of all that it owns. */
export function objectLabels(identity: SlaveIdentity): Record<string, string> {
  return {
    "app.kubernetes.io/managed-by": "kubestack",
    "kubestack.io/install": labelValue(identity.install),
    "kubestack.io/master": labelValue(identity.master),
    "kubestack.io/template": labelValue(identity.template),
    [slaveLabel]: identity.name,
  };
}

/** Annotations with the exact identity, of a pod and of all that it owns. */
export function objectAnnotations(identity: SlaveIdentity): Record<string, string> {
  return {
    [annotationNames.install]: identity.install,
    [annotationNames.master]: identity.master,
    [annotationNames.template]: identity.template,
    [annotationNames.epoch]: identity.epoch,
    [annotationNames.number]: String(identity.number),
    [annotationNames.nonce]: identity.nonce,
    [annotationNames.labels]: JSON.stringify(identity.labels),
    ...(identity.size === undefined ? {} : { [annotationNames.size]: JSON.stringify(identity.size) }),
    ...(identity.unlabelled === undefined ? {} : { [annotationNames.unlabelled]: String(identity.unlabelled) }),
    ...(identity.attempt === undefined || identity.attempt === 1
      ? {}
      : { [annotationNames.attempt]: String(identity.attempt) }),
  };
}

/** A pod's annotations: the identity, its Services, and what keeps autoscalers off. */
export function podAnnotations(identity: SlaveIdentity): Record<string, string> {
  return { ...objectAnnotations(identity), ...serviceAnnotations(identity.services), ...keepAnnotations };
}

/** Which of its slave's pods a pod is, or owns the object, by its annotations: 1 where they do not tell. */
export function attemptIn(annotations: Readonly<Record<string, string>>): number {
  const attempt = Number(annotations[annotationNames.attempt]);
  return Number.isSafeInteger(attempt) && attempt > 1 ? attempt : 1;
}

/** The name of the slave that a pod is of, or the Secret of a pod: whether it is ours is for its marks to say. */
export function slaveNameIn(object: {
  readonly name: string;
  readonly annotations: Readonly<Record<string, string>>;
}): string {
  return slaveOfPod(object.name, attemptIn(object.annotations)) ?? object.name;
}

/** The identity that the annotations of a pod, or of its Secret, tell; undefined where they are not whole, or are another installation's or master's. */
export function identityIn(
  object: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> | undefined },
  expected: { readonly install: string; readonly master: string },
): SlaveIdentity | undefined {
  const { name, annotations: told = {} } = object;
  const [install, master] = [told[annotationNames.install], told[annotationNames.master]];
  const [template, epoch, nonce] = [
    told[annotationNames.template],
    told[annotationNames.epoch],
    told[annotationNames.nonce],
  ];
  const number = Number(told[annotationNames.number] || Number.NaN);
  const labels = labelsIn(told[annotationNames.labels]);
  const size = sizeIn(told[annotationNames.size]);
  if (install !== expected.install || master !== expected.master) return undefined;
  if (template === undefined || epoch === undefined || nonce === undefined || labels === undefined) return undefined;
  if (!Number.isSafeInteger(number) || number < 0) return undefined;
  const unlabelled = told[annotationNames.unlabelled];
  const attempt = attemptIn(told);
  const slave = slaveNameIn({ name, annotations: told });
  return {
    ...{ install, master, template, name: slave, epoch, number, nonce, labels },
    ...(attempt === 1 ? {} : { attempt }),
    ...(size === undefined ? {} : { size }),
    ...(unlabelled === undefined ? {} : { unlabelled: unlabelled === "true" }),
  };
}

function labelsIn(text: string | undefined): readonly string[] | undefined {
  const labels = jsonIn(text);
  return Array.isArray(labels) && labels.every((label) => typeof label === "string") ? labels : undefined;
}

/** The pod is there already: a size that nobody can read is told to nobody, and nothing else hangs on it. */
function sizeIn(text: string | undefined): PodSize | undefined {
  return podSizeSchema.safeParse(jsonIn(text)).data;
}

function jsonIn(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** Whether an object's annotations name exactly this slave: only then is it adopted. */
export function isMarkedAs(
  identity: SlaveIdentity,
  annotations: Readonly<Record<string, string>> | undefined,
): boolean {
  const marks = objectAnnotations(identity);
  return [annotationNames.install, annotationNames.epoch, annotationNames.number, annotationNames.nonce].every(
    (name) => annotations?.[name] === marks[name],
  );
}
