/**
 * How the value at a place of a pod is merged. Without a rule a map is merged field by field, and everything else of the child
 * takes the place of its parent's.
 */
export interface Rule {
  /** Rules of a map's fields. */
  readonly fields?: Readonly<Record<string, Rule>>;
  /** A list whose items are merged: those are one that agree in all these fields. Of an item: by what it is known itself. */
  readonly by?: readonly string[];
  /** What such a field is where an item does not say it. */
  readonly usual?: Readonly<Record<string, string>>;
  /** The rule of a list's items. */
  readonly item?: Rule;
  /** A map that has at most one of these fields: what the child chooses drops what its parent chose. */
  readonly oneOf?: readonly string[];
  /** The same of all its fields beside those that it is known by. */
  readonly isChoice?: true;
}

/** A map is merged field by field, everything else as a whole. */
export const noRule: Rule = {};

/** The rule of a map's field. */
export function ruleOf({ fields }: Rule, name: string): Rule {
  return (fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined) ?? noRule;
}

const handlers = ["exec", "grpc", "httpGet", "sleep", "tcpSocket"];
const handler: Rule = { oneOf: handlers };
const byName: Rule = { by: ["name"] };

const variable: Rule = {
  oneOf: ["value", "valueFrom"],
  fields: { valueFrom: { oneOf: ["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"] } },
};

const container: Rule = {
  fields: {
    env: { by: ["name"], item: variable },
    ports: { by: ["containerPort", "protocol"], usual: { protocol: "TCP" } },
    volumeMounts: { by: ["mountPath"] },
    volumeDevices: { by: ["devicePath"] },
    livenessProbe: handler,
    readinessProbe: handler,
    startupProbe: handler,
    lifecycle: { fields: { postStart: handler, preStop: handler } },
    resources: { fields: { claims: byName } },
  },
};

/**
 * How pods are merged: by Kubernetes' own merge keys of its strategic merge. Beyond them tolerations are a set, as are all
 * lists that Kubernetes itself merges by the fields they are known by when it applies a pod.
 */
export const podRule: Rule = {
  fields: {
    spec: {
      fields: {
        containers: { by: ["name"], item: container },
        initContainers: { by: ["name"], item: container },
        volumes: { by: ["name"], item: { by: ["name"], isChoice: true } },
        imagePullSecrets: byName,
        tolerations: {
          by: ["key", "operator", "value", "effect"],
          usual: { key: "", operator: "Equal", value: "", effect: "" },
        },
        hostAliases: { by: ["ip"] },
        topologySpreadConstraints: { by: ["topologyKey", "whenUnsatisfiable"] },
        resourceClaims: byName,
        schedulingGates: byName,
        readinessGates: { by: ["conditionType"] },
      },
    },
  },
};
