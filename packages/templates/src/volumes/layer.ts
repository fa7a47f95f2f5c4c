import { directive } from "../merge/directive.ts";
import type { JsonMap } from "../merge/json.ts";
import type { VolumeEntry, VolumeKind } from "./entry.ts";
import { itemOf, type VolumeItem } from "./item.ts";

/** The containers of a pod, by name. */
export interface Places {
  /** The one that the agent runs in. */
  readonly agent: string;
  readonly containers: readonly string[];
  readonly initContainers: readonly string[];
}

/** What a template says of volumes: null takes away what its parents say. */
export type SaidVolumes = readonly VolumeEntry[] | null | undefined;

/** Where a volume is mounted in one container. */
export interface Place {
  readonly list: "containers" | "initContainers";
  readonly container: string;
  readonly mountPath: string;
  readonly readOnly: boolean | undefined;
}

/** The volumes of a part of a line, by name. */
export type Known = ReadonlyMap<string, VolumeItem>;

/** The volumes that a line of templates comes to, the weakest template first: by name, and of each field by field. */
export function volumesOf(line: readonly { readonly volumes?: SaidVolumes }[]): readonly VolumeItem[] {
  return [...line.reduce<Known>((known, { volumes }) => after(known, volumes), new Map()).values()];
}

/**
 * What the volumes of each template in a line, the weakest first, are as a layer of its pod: each volume that it says
 * something of, and its mounts. What its parents mounted elsewhere is unmounted there. Undefined: it says nothing of volumes.
 */
export function volumeLayers(
  line: readonly { readonly volumes?: SaidVolumes }[],
  places: Places,
): readonly (JsonMap | undefined)[] {
  let known: Known = new Map();
  return line.map(({ volumes }) => {
    const { all, layer } = volumesOver(known, volumes, places);
    known = all;
    return layer;
  });
}

/** The same of one template, over the volumes of those that it stands on; `all` are then known. */
export function volumesOver(
  below: Known,
  said: SaidVolumes,
  places: Places,
): { readonly all: Known; readonly layer: JsonMap | undefined } {
  if (said === undefined) return { all: below, layer: undefined };
  const all = after(below, said);
  return { all, layer: layerOf(said, { below, all }, places) };
}

function layerOf(
  said: SaidVolumes,
  { below: known, all }: { readonly below: Known; readonly all: Known },
  places: Places,
): JsonMap | undefined {
  const own = itemsOf(said, known);
  if (own.length === 0) return undefined;
  const lists: Record<Place["list"], Map<string, JsonMap[]>> = { containers: new Map(), initContainers: new Map() };
  const put = ({ list, container }: Place, mount: JsonMap): void => {
    lists[list].set(container, [...(lists[list].get(container) ?? []), mount]);
  };
  const nowOf = (name: string): readonly Place[] => placesOf(all.get(name), places);
  // What goes from a place goes before another volume comes there.
  for (const { name } of own)
    for (const old of placesOf(known.get(name), places))
      if (!nowOf(name).some((one) => isSamePlace(one, old)))
        put(old, { mountPath: old.mountPath, [directive]: "delete" });
  for (const { name } of own)
    for (const place of nowOf(name)) {
      const { mountPath, readOnly } = place;
      put(place, { name, mountPath, ...(readOnly === undefined ? {} : { readOnly }) });
    }
  return {
    spec: {
      volumes: own.map((item) => volumeOf(item, known.get(item.name))),
      ...Object.fromEntries(
        Object.entries(lists).flatMap(([list, mounts]) =>
          mounts.size === 0
            ? []
            : [[list, [...mounts].map(([name, volumeMounts]) => ({ name, volumeMounts }))] as const],
        ),
      ),
    },
  };
}

/** Where a volume is mounted; containers that the pod does not have are none. */
export function placesOf(
  item: VolumeItem | undefined,
  { agent, containers, initContainers }: Places,
): readonly Place[] {
  const { mountPath, readOnly, containers: into = [agent] } = item?.mount ?? {};
  if (mountPath === undefined) return [];
  const isMeant = (name: string): boolean => into.includes("*") || into.includes(name);
  const first = initContainers.map(
    (container) => ({ list: "initContainers", container, mountPath, readOnly }) as const,
  );
  const others = [...new Set([agent, ...containers])].map(
    (container) => ({ list: "containers", container, mountPath, readOnly }) as const,
  );
  return [...first, ...others].filter(({ container }) => isMeant(container));
}

/** Whether two volumes can't both be mounted so, or one is mounted twice. */
export function isSamePlace(one: Place, other: Place): boolean {
  return one.list === other.list && one.container === other.container && one.mountPath === other.mountPath;
}

/** What is known after one template more. */
function after(known: Known, said: SaidVolumes): Known {
  if (said === undefined) return known;
  const all = new Map(known);
  for (const item of itemsOf(said, known)) {
    const before = all.get(item.name);
    if (item.kind === null) all.delete(item.name);
    else all.set(item.name, before === undefined ? item : over(before, item));
  }
  return all;
}

function itemsOf(said: SaidVolumes, known: Known): readonly VolumeItem[] {
  if (said !== null) return (said ?? []).flatMap((entry) => itemOf(entry) ?? []);
  return [...known.keys()].map((name) => ({ name, kind: null, source: {}, mount: {} }));
}

/** A volume of another kind has nothing of its parent's but where it is mounted. */
function over(before: VolumeItem, item: VolumeItem): VolumeItem {
  const source = isSameKind(before, item) ? { ...before.source, ...item.source } : item.source;
  return { ...item, source, mount: { ...before.mount, ...item.mount } };
}

function isSameKind(one: VolumeItem, other: VolumeItem): boolean {
  const family = (kind: VolumeKind | null) => (kind === "perBuild" ? "ephemeral" : kind);
  return family(one.kind) === family(other.kind);
}

/** A volume of a pod, with no more in it than the template says itself: the rest is below it. */
function volumeOf(item: VolumeItem, before: VolumeItem | undefined): JsonMap {
  const { name, kind, source, mount } = item;
  if (kind === null) return { name, [directive]: "delete" };
  const { readOnly } = mount;
  const field = (to: string, from: string): JsonMap => (source[from] === undefined ? {} : { [to]: source[from] });
  const locked: JsonMap = readOnly === undefined ? {} : { readOnly };
  switch (kind) {
    case "ephemeral":
    case "perBuild": {
      const { size, accessMode } = source;
      const isNew = before === undefined || !isSameKind(before, item);
      const mode = accessMode ?? (isNew ? "ReadWriteOnce" : undefined);
      const spec: JsonMap = {
        ...(mode === undefined ? {} : { accessModes: [mode] }),
        ...field("storageClassName", "storageClass"),
        ...(size === undefined ? {} : { resources: { requests: { storage: size } } }),
      };
      return { name, ephemeral: { volumeClaimTemplate: { spec } } };
    }
    case "claim":
      return { name, persistentVolumeClaim: { ...field("claimName", "name"), ...locked } };
    case "emptyDir":
      return { name, emptyDir: { ...field("sizeLimit", "size"), ...field("medium", "medium") } };
    case "configMap":
      return { name, configMap: field("name", "name") };
    case "secret":
      return { name, secret: field("secretName", "name") };
    case "nfs":
      return { name, nfs: { ...field("server", "server"), ...field("path", "path"), ...locked } };
    case "hostPath":
      return { name, hostPath: { ...field("path", "path"), ...field("type", "type") } };
  }
}
