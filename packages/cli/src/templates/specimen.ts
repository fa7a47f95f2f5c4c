import { isJenkins, type MasterConfig } from "@kubestack/configuration";
import type { PodSize } from "@kubestack/contracts";
import { masterPart } from "@kubestack/slave";
import {
  type Origin,
  originsOf,
  type PodManifest,
  podOfEntry,
  type SpecimenMaster,
  slaveLayers,
  specimenIdentity,
  specimenName,
  specimenOf,
  specimenPart,
} from "@kubestack/templates";
import type { FoundTemplate, TemplateFile } from "./template-file.ts";

/** The pod that a template would launch for a master, and whose word each value of it is. */
export interface ShownPod {
  readonly pod: PodManifest;
  readonly origins: readonly Origin[];
}

/** For whom it is launched. */
export interface ShownFor {
  readonly master: MasterConfig;
  /** What the build asks for by label. Default: nothing. */
  readonly size?: PodSize | undefined;
  /** Where the file does not say which installation it is of. Default: only a launch knows it. */
  readonly install?: string | undefined;
}

/** Makes it of the file alone: neither the master nor the cluster is asked. */
export function shownPod(found: FoundTemplate, { master, size, install }: ShownFor, of: TemplateFile): ShownPod {
  const { template, entry } = found;
  const { kubernetes } = of.configuration;
  const name = specimenName(masterPart(master.name));
  const agent = specimenPart({ master: master.name, name }, specimenMaster(master));
  const options = {
    install: of.configuration.install ?? install,
    namespace: kubernetes.namespace,
    master: master.name,
    name,
    agent,
    size,
  };
  const pod = specimenOf(template, options);
  const layers = [
    ...podOfEntry(entry, of.written).layers,
    ...slaveLayers(template, specimenIdentity(template, options), agent),
  ];
  const { namespace: _configured, ...metadata } = pod.metadata;
  return { pod, origins: originsOf({ metadata, spec: pod.spec }, layers) };
}

/** What of a master's entry its slaves' pods depend on. */
export function specimenMaster(master: MasterConfig): SpecimenMaster {
  const { podLabels } = master;
  if (!isJenkins(master) || master.attach === "self") return { attach: "self", podLabels };
  const { agentUrl, transport, agentTunnel, tls } = master;
  const isEncrypted = /^https:/i.test(agentUrl);
  return {
    attach: "node",
    agentUrl,
    transport,
    agentTunnel,
    hasCa: isEncrypted && tls?.ca !== undefined,
    isUnchecked: isEncrypted && tls?.insecureSkipVerify === true,
    podLabels,
  };
}
