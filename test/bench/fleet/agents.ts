import type { JenkinsSimulator } from "@kubestack/jenkins-simulator";
import { type Cluster, watchObjects, watchPods } from "@kubestack/kubernetes";

/** The agents of a fleet. */
export interface Agents {
  /** Resolves when no pod is left. */
  untilNoPods(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Attaches agents in place of the pods' containers, which kwok does not run: as soon as a pod runs and its Secret is
 * there, its node comes online at the master; when the pod is gone, so is the agent.
 */
export function attachAgents(of: {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly jenkins: JenkinsSimulator;
  readonly selector: string;
}): Agents {
  const { cluster, namespace, selector, jenkins } = of;
  const { core } = jenkins;
  const attached = new Set<string>();
  const pods = watchPods({ cluster, namespace });
  const secrets = watchObjects<string>({
    cluster,
    path: `/api/v1/namespaces/${namespace}/secrets`,
    labelSelector: selector,
    project: ({ metadata }) => metadata.name,
  });
  const attach = (name: string): void => {
    const pod = pods.get(name);
    if (pod?.phase !== "Running" || pod.deletionTimestamp !== null || secrets.get(name) === undefined) return;
    if (attached.has(name) || !core.state.nodes.has(name)) return;
    attached.add(name);
    core.connect(name);
  };
  pods.onChange(({ kind, name }) => {
    if (kind !== "gone") return attach(name);
    if (attached.delete(name) && core.state.nodes.has(name)) core.disconnect(name);
  });
  secrets.onChange(({ name }) => attach(name));
  return {
    untilNoPods: () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (pods.all().length > 0) return;
          end();
          resolve();
        };
        const end = pods.onChange(look);
        look();
      }),
    stop: async () => {
      await Promise.all([pods.stop(), secrets.stop()]);
    },
  };
}
