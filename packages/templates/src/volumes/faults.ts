import type { VolumeKind } from "./entry.ts";
import type { VolumeItem } from "./item.ts";
import { isSamePlace, type Place, type Places, placesOf } from "./layer.ts";

/** What a volume must say, by itself or by a parent, before anything is launched with it. */
const needed: Readonly<Partial<Record<VolumeKind, readonly string[]>>> = {
  ephemeral: ["size"],
  perBuild: ["size"],
  claim: ["name"],
  configMap: ["name"],
  secret: ["name"],
  nfs: ["server", "path"],
  hostPath: ["path"],
};

/** What is known of the template whose volumes they are. */
export interface VolumeUse {
  readonly places: Places;
  /** Builds that a slave runs; 0 is no limit. */
  readonly builds: number;
}

/** What keeps a template with these volumes, its own and its parents', from being launched, in sentences. */
export function volumeFaults(volumes: readonly VolumeItem[], { places, builds }: VolumeUse): readonly string[] {
  const taken: { readonly of: string; readonly place: Place }[] = [];
  return volumes.flatMap((item) => {
    const { name, kind, source, mount } = item;
    if (kind === null) return [];
    const missing = (needed[kind] ?? []).filter((field) => source[field] === undefined);
    const all = ["*", places.agent, ...places.containers, ...places.initContainers];
    const strangers = (mount.containers ?? []).filter((one) => !all.includes(one));
    const mounts = placesOf(item, places);
    const clashes = mounts.flatMap((place) => taken.filter((other) => isSamePlace(other.place, place)).slice(0, 1));
    taken.push(...mounts.map((place) => ({ of: name, place })));
    return [
      ...missing.map((field) => `says no ${field} of ${kind} ${name}; add it`),
      ...(kind === "perBuild" && builds !== 1
        ? [
            `has ${name} as perBuild, of slaves that run ${builds === 0 ? "any number of" : builds} builds; say builds: 1, or ephemeral`,
          ]
        : []),
      ...strangers.map((one) => `mounts ${name} into container ${one}, which the pod does not have; correct it`),
      ...clashes.map(
        ({ of, place }) =>
          `mounts ${name} at ${place.mountPath} of container ${place.container}, as it does ${of}; correct one`,
      ),
    ];
  });
}
