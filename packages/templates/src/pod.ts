import type { TemplateConfig } from "./config.ts";
import { objectAnnotations, objectLabels, podAnnotations, type SlaveIdentity } from "./marks.ts";

/** What an attach mode adds to the agent's container. */
export interface AgentPart {
  readonly env: Readonly<Record<string, string>>;
  /** The Secret that is mounted as files, and where; null where the agent needs none. */
  readonly secret: { readonly name: string; readonly mountPath: string } | null;
  /** Further labels that the master's network policy asks for. */
  readonly podLabels: Readonly<Record<string, string>>;
}

/** The agent's container has this name where the template does not say otherwise. */
export const agentContainerName = "jnlp";
const defaultWorkDir = "/home/jenkins/agent";
/** A pod that is told to end gets this long before it is killed, in seconds. */
const graceSeconds = 10;

/**
 * A pod stays on a machine that is not heard of for this long, in seconds, after the cluster has noticed that (some 45 s).
 * Kubernetes' own default is five minutes, during which a build that is lost holds its place; one that is only cut off
 * from its control plane for a moment must not lose its builds.
 */
const tolerationSeconds = 60;
const unheard = ["not-ready", "unreachable"].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds,
}));

/** A slave's whole pod, as it is sent to the API server. */
export function podOf(template: TemplateConfig, identity: SlaveIdentity, agent: AgentPart) {
  const workDir = template.workDir === "." ? defaultWorkDir : template.workDir;
  const limits = { memory: template.memory, "ephemeral-storage": template.disk };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: identity.name,
      labels: { ...agent.podLabels, ...objectLabels(identity) },
      annotations: podAnnotations(identity),
    },
    spec: {
      // A build is never started again behind the master's back.
      restartPolicy: "Never",
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: graceSeconds,
      tolerations: unheard,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        runAsGroup: 1000,
        fsGroup: 1000,
        seccompProfile: { type: "RuntimeDefault" },
      },
      containers: [
        {
          name: agentContainerName,
          image: template.image,
          ...(template.command === undefined ? {} : { command: template.command }),
          ...(template.args === undefined ? {} : { args: template.args }),
          env: Object.entries({ ...template.env, KUBESTACK_AGENT_WORKDIR: workDir, ...agent.env }).map(
            ([name, value]) => ({ name, value }),
          ),
          resources: { requests: { cpu: template.cpu, ...limits }, limits },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
          workingDir: workDir,
          volumeMounts: [
            { name: "workspace", mountPath: workDir },
            ...(agent.secret === null
              ? []
              : [{ name: "agent-secret", mountPath: agent.secret.mountPath, readOnly: true }]),
          ],
        },
      ],
      volumes: [
        { name: "workspace", emptyDir: {} },
        ...(agent.secret === null
          ? []
          : [{ name: "agent-secret", secret: { secretName: agent.secret.name, defaultMode: 0o440 } }]),
      ],
    },
  };
}

/** The agent's Secret: owned by the pod, so that it goes with it. */
export function secretOf(identity: SlaveIdentity, podUid: string, files: Readonly<Record<string, string>>) {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: {
      name: identity.name,
      labels: objectLabels(identity),
      annotations: objectAnnotations(identity),
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Pod",
          name: identity.name,
          uid: podUid,
          controller: true,
          blockOwnerDeletion: false,
        },
      ],
    },
    immutable: true,
    type: "Opaque",
    stringData: { ...files },
  };
}
