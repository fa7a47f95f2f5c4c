import type { JsonMap } from "@kubestack/templates";
import type { Path } from "../report/report.ts";

/** The folder of the plugin's agents where nothing else is said. */
export const pluginWorkDir = "/home/jenkins/agent";
/** The container that the plugin's agent runs in where nothing else is said. */
export const pluginAgentContainer = "jnlp";
/** The volume with the agent's folder, as the plugin calls it. */
export const pluginWorkspace = "workspace-volume";
/** The plugin's own image for agents in March 2026 (its version 4414). */
export const pluginImage = "jenkins/inbound-agent:3355.v388858a_47b_33-3-jdk21";
/** How long the plugin waits for an agent, in seconds, where nothing else is said. */
export const pluginConnectTimeout = 1000;

/** A volume of the plugin's, and how it is mounted; the volume has no name yet. */
export interface PluginVolume {
  readonly mountPath: string;
  readonly volume: JsonMap;
  readonly mount: JsonMap;
}

/** A pod in `yaml`, and where it stands. */
export interface YamlPod {
  readonly pod: JsonMap;
  readonly path: Path;
}

/** What one pod template of the plugin's says itself. What is absent is not said, or says the plugin's default. */
export interface PluginTemplate {
  name?: string;
  labels: readonly string[];
  isNormal: boolean;
  inheritFrom: readonly string[];
  nodeSelector?: JsonMap;
  serviceAccount?: string;
  schedulerName?: string;
  hostNetwork?: boolean;
  instanceCap?: number;
  /** Seconds. */
  connectTimeout?: number;
  idleMinutes?: number;
  /** Seconds. */
  activeDeadline?: number;
  /** Seconds. */
  gracePeriod?: number;
  runAsUser?: number;
  runAsGroup?: number;
  supplementalGroups?: readonly number[];
  agentContainer?: string;
  isInjected: boolean;
  retention?: string;
  /** Containers as Kubernetes writes them, with what is said of them only. */
  containers: readonly JsonMap[];
  volumes: readonly PluginVolume[];
  /** The source of the volume with the agent's folder. */
  workspace?: JsonMap;
  /** Variables as Kubernetes writes them. */
  env: readonly JsonMap[];
  /** Variables that the master gives to builds on the node. */
  nodeEnv: JsonMap;
  /** Where tools are, as our `nodeProperties.tools` says it: those of the first property that says it, the only one that Jenkins heeds. */
  tools: readonly JsonMap[];
  annotations: JsonMap;
  imagePullSecrets: readonly string[];
  yamls: readonly YamlPod[];
  mergesYaml?: boolean;
  /** Whether its heirs merge as it does. */
  handsDownMerging: boolean;
}

/** One that says nothing. */
export function emptyTemplate(): PluginTemplate {
  return {
    labels: [],
    isNormal: false,
    inheritFrom: [],
    isInjected: false,
    containers: [],
    volumes: [],
    env: [],
    nodeEnv: {},
    tools: [],
    annotations: {},
    imagePullSecrets: [],
    yamls: [],
    handsDownMerging: false,
  };
}
