/** How fake pods behave on kwok's nodes. */
export interface PodBehaviour {
  /** From being scheduled to running. Default 0. */
  readonly startMs?: number | undefined;
  /** From being asked to go to being gone. Default 0. */
  readonly stopMs?: number | undefined;
}

/** A pod that carries this annotation (a duration such as `5s`) succeeds so long after its start; others run until they are deleted. */
export const RUN_TIME_ANNOTATION = "pod-complete.stage.kwok.x-k8s.io/delay";

interface Match {
  readonly key: string;
  readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
  readonly values?: readonly string[];
}

interface Stage {
  readonly name: string;
  readonly kind: "Pod" | "Node";
  readonly match: readonly Match[];
  readonly delay?: object;
  readonly next: object;
}

const NOT_GOING: Match = { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" };
const phaseIs = (phase: string): Match => ({ key: ".status.phase", operator: "In", values: [phase] });

/**
 * Kwok's configuration: what happens to nodes and pods, one JSON document after another. Nodes become ready at once and are kept so by
 * their leases, which kwok itself renews.
 */
export function stagesText(behaviour: PodBehaviour = {}): string {
  return stages(behaviour)
    .map((stage) => `---\n${JSON.stringify(stageObject(stage), null, 1)}\n`)
    .join("");
}

function stages(behaviour: PodBehaviour): Stage[] {
  return [
    {
      name: "node-ready",
      kind: "Node",
      match: [
        { key: '.status.conditions.[] | select( .type == "Ready" ) | .status', operator: "NotIn", values: ["True"] },
      ],
      next: { statusTemplate: NODE_READY },
    },
    {
      name: "pod-running",
      kind: "Pod",
      match: [NOT_GOING, phaseIs("Pending")],
      delay: { durationMilliseconds: behaviour.startMs ?? 0 },
      next: { statusTemplate: POD_RUNNING },
    },
    {
      name: "pod-complete",
      kind: "Pod",
      match: [
        NOT_GOING,
        phaseIs("Running"),
        { key: `.metadata.annotations["${RUN_TIME_ANNOTATION}"]`, operator: "Exists" },
      ],
      delay: { durationFrom: { expressionFrom: `.metadata.annotations["${RUN_TIME_ANNOTATION}"]` } },
      next: { statusTemplate: POD_SUCCEEDED },
    },
    {
      name: "pod-gone",
      kind: "Pod",
      match: [{ key: ".metadata.deletionTimestamp", operator: "Exists" }],
      delay: { durationMilliseconds: behaviour.stopMs ?? 0 },
      next: { delete: true },
    },
  ];
}

function stageObject(stage: Stage): object {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: stage.name },
    spec: {
      resourceRef: { apiGroup: "v1", kind: stage.kind },
      selector: { matchExpressions: stage.match },
      ...(stage.delay === undefined ? {} : { delay: stage.delay }),
      next: stage.next,
    },
  };
}

const NODE_READY = `
{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
addresses:
- type: InternalIP
  address: {{ NodeIP | Quote }}
- type: Hostname
  address: {{ .metadata.name | Quote }}
phase: Running
`;

const POD_RUNNING = `
{{ $now := Now }}
phase: Running
startTime: {{ $now | Quote }}
conditions:
{{ range $type := list "Initialized" "ContainersReady" "Ready" }}
- type: {{ $type | Quote }}
  status: "True"
  lastTransitionTime: {{ $now | Quote }}
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: true
  started: true
  restartCount: 0
  state:
    running:
      startedAt: {{ $now | Quote }}
{{ end }}
`;

const POD_SUCCEEDED = `
{{ $now := Now }}
phase: Succeeded
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  ready: false
  started: false
  restartCount: 0
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
{{ end }}
`;
