import { needsOfPod, type PodNeeds, type PodSize } from "@kubestack/contracts";
import type { TemplateConfig } from "./config.ts";
import { finished } from "./merge/finish.ts";
import { type JsonMap, mapOf } from "./merge/json.ts";
import { merged } from "./merge/merge.ts";
import { sizeLayer } from "./pod.ts";

/** A template, as far as its pods ask anything of a node. */
type Placed = Pick<TemplateConfig, "pod" | "agentContainer"> & { readonly pools?: readonly string[] | undefined };

/** What is known of a slave before it has a pod. */
export interface NeedsOptions {
  /** What its build asked for by label. Default: nothing. */
  readonly size?: PodSize | undefined;
  /** Labels that every pod of its master's and its template's carries. Default: none. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly namespace?: string | undefined;
}

/** What a slave's pod will ask of a node: the same as its pod itself would tell, but for what is each slave's own. */
export function needsOf(template: Placed, { size, labels = {}, namespace }: NeedsOptions = {}): PodNeeds {
  const pod = size === undefined ? template.pod : finished(merged(template.pod, sizeLayer(template, size)));
  const metadata: JsonMap = {
    labels: { ...labelsIn(pod), ...labels },
    ...(namespace === undefined ? {} : { namespace }),
  };
  return needsOfPod({ metadata, spec: pod.spec }, { pools: template.pools });
}

function labelsIn({ metadata }: JsonMap): JsonMap {
  const { labels } = mapOf(metadata);
  return mapOf(labels);
}
