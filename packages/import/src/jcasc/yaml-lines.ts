import type { JsonMap } from "@kubestack/templates";
import { fieldOf, fieldsOfPod, isWithin, valueAt } from "../entry/pod-lines.ts";
import type { Told } from "../entry/telling.ts";
import type { YamlPod } from "../plugin/plugin-template.ts";
import type { Place } from "../report/report.ts";

/** The pods in a template's own `yaml`, and what became of them. */
export interface YamlStory {
  readonly place: Place;
  readonly own: readonly YamlPod[];
  /** Those that count. */
  readonly counting: readonly YamlPod[];
  /** What the plugin makes of fields and yaml together. */
  readonly pod: JsonMap;
  readonly told: readonly Told[];
}

/** Tells each field of a template's own `yaml`: what KubeStack makes of it, or that a field beats it, or that it is the same. */
export function tellYaml({ place, own, counting, pod, told }: YamlStory): void {
  for (const yaml of own) {
    const at = place.inner(...yaml.path.slice(place.path.length));
    if (!counting.includes(yaml)) {
      at.changed("left out: with the merge strategy override the last yaml alone counts, as in the plugin");
      continue;
    }
    const fields = fieldsOfPod(yaml.pod);
    for (const field of fields) {
      const here = at.inner(...field.path);
      const news = told.filter((one) => fieldOf(one, fields) === field && fieldOf(one, fields) !== undefined);
      if (!isWithin(field.value, valueAt(pod, field.path)))
        here.changed("left out: a field of the template, or of one that it inherits from, beats it, as in the plugin");
      else if (news.length === 0) here.exact(`pod.${field.path.join(".")}`);
      for (const { path, verdict, says } of news) at.inner(...path).say(verdict, says);
    }
  }
}

/** What is told of no field of a template's own `yaml`: of its own containers, or of what it inherits. */
export function tellOthers({ place, own, told }: YamlStory, containers: readonly JsonMap[]): void {
  const fields = own.flatMap(({ pod }) => fieldsOfPod(pod));
  for (const one of told) {
    if (one.isKnownOfFields === true || fieldOf(one, fields) !== undefined) continue;
    const [part, list, name = "", ...rest] = one.path;
    const at = containers.findIndex((container) => container.name === name);
    const isOfContainer = part === "spec" && list === "containers";
    const path = isOfContainer ? ["containers", at < 0 ? name : at, ...rest] : one.path;
    place.inner(...path).say(one.verdict, one.says);
  }
}
