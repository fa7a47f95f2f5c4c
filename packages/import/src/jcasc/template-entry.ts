import { printDuration } from "@kubestack/contracts";
import { isForWindows, type JsonMap } from "@kubestack/templates";
import { type EntryComment, fillIn, podEntry } from "../entry/pod-entry.ts";
import type { Told } from "../entry/telling.ts";
import { resolved } from "../plugin/inheritance.ts";
import { type PluginTemplate, pluginImage } from "../plugin/plugin-template.ts";
import { podOfTemplate } from "../plugin/pod-of-template.ts";
import { said } from "../reading/fields.ts";
import { mapAt } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";
import type { PluginCloud } from "./cloud-fields.ts";
import type { Part } from "./master-entry.ts";
import { tellOthers, tellYaml } from "./yaml-lines.ts";

/** A template of the plugin's where it stands. */
export interface PlacedTemplate {
  readonly template: PluginTemplate;
  readonly place: Place;
  readonly name: string;
}

/** The usual times of our clocks, in seconds: none is made shorter. */
const usualClocks = { schedule: 600, pull: 600, start: 300, connect: 120 };

/** One entry of `templates:`, with all that the plugin's template inherits written into it. */
export function templateEntry(
  { template, place, name }: PlacedTemplate,
  all: readonly PlacedTemplate[],
  cloud: PluginCloud,
): { readonly entry: JsonMap; readonly comments: readonly EntryComment[] } {
  const whole = resolved(
    template,
    all.map((one) => one.template),
    cloud.defaultsProvider,
  );
  if (whole.unknown.length > 0)
    place.inner("inheritFrom").changed(`${whole.unknown.join(", ")} names no template; the plugin passes it over, too`);
  if (whole.circle !== undefined)
    place
      .inner("inheritFrom")
      .lost(`${whole.circle} leads back to the template; what it would have from there is missing`);
  const { pod, agentContainer, yamls } = podOfTemplate(whole.template);
  const told: Told[] = [];
  const { entry, comments } = podEntry(
    { pod, agentContainer, usualImage: `${registryOf(cloud)}${pluginImage}` },
    (one) => void told.push(one),
  );
  const story = { place, own: template.yamls, counting: yamls, pod, told };
  tellYaml(story);
  tellOthers(story, template.containers);
  if (template.tools.length > 0 && whole.template.tools !== template.tools)
    place
      .inner("nodeProperties")
      .changed(
        "of what it inherits other tool locations stand first; Jenkins heeds those alone, and so they are written",
      );
  const injection = ofInjection(whole.template, pod, template.isInjected ? place.inner("agentInjection") : place);
  const scheduling = ofScheduling(whole.template, cloud);
  const isLaunched = scheduling.labels !== undefined || scheduling.unlabelled === true;
  const parent = {
    path: ["name"],
    says: "No labels: nothing is launched from it. What others had from it stands in them.",
  };
  return {
    entry: { name, ...scheduling, ...injection.form, ...entry, ...ofNode(whole.template) },
    comments: [...(isLaunched ? [] : [parent]), ...injection.comments, ...comments],
  };
}

/** Stands where the slave image has to be filled in: nobody has it. */
const noImage = "registry.invalid/kubestack-slave:1";

/** Where the plugin puts its agent into the image, so do we; from which image ours is taken nobody said. */
function ofInjection({ isInjected }: PluginTemplate, pod: JsonMap, place: Place): Part {
  if (!isInjected) return { form: {}, comments: [] };
  if (isForWindows(mapAt(pod, "spec"))) {
    place.lost("the agent can't be put into images for Windows: use one that has it");
    return { form: {}, comments: [] };
  }
  const says = `${fillIn}the slave image, built from images/slave, from which the agent is put into this one`;
  return { form: { inject: "always", agentImage: noImage }, comments: [{ path: ["agentImage"], says }] };
}

/** What the master is told of each node. */
function ofNode({ nodeEnv, tools }: PluginTemplate): JsonMap {
  const properties = said({
    env: Object.keys(nodeEnv).length === 0 ? undefined : nodeEnv,
    tools: tools.length === 0 ? undefined : tools,
  });
  return Object.keys(properties).length === 0 ? {} : { nodeProperties: properties };
}

function registryOf({ registry = "" }: PluginCloud): string {
  return registry === "" || registry.endsWith("/") ? registry : `${registry}/`;
}

function ofScheduling(template: PluginTemplate, cloud: PluginCloud): JsonMap {
  const { labels, isNormal, instanceCap, idleMinutes, connectTimeout } = template;
  const idle = idleMinutes === undefined ? undefined : printDuration(idleMinutes * 60_000);
  const waiting = cloud.retentionTimeout === undefined ? undefined : printDuration(cloud.retentionTimeout * 60_000);
  return said({
    labels: labels.length === 0 ? undefined : labels,
    unlabelled: isNormal || undefined,
    builds: idle === undefined ? undefined : 0,
    idleTimeout: idle ?? waiting,
    maxSlaves: instanceCap,
    timeouts: connectTimeout === undefined ? undefined : longer(connectTimeout),
  });
}

function longer(seconds: number): JsonMap | undefined {
  const clocks = Object.entries(usualClocks).filter(([, usual]) => seconds > usual);
  const time = printDuration(Math.min(seconds, 31_536_000) * 1000);
  return clocks.length === 0 ? undefined : Object.fromEntries(clocks.map(([clock]) => [clock, time]));
}
