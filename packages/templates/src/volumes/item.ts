import { kindsOf, nameOf, type VolumeEntry, type VolumeKind } from "./entry.ts";

/** How a volume is mounted, as far as it is said. */
export interface Mount {
  readonly mountPath?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly containers?: readonly string[] | undefined;
}

/** One volume of a template's short form, as far as the template says it; its parents may say the rest. */
export interface VolumeItem {
  /** By which it is known among its own and its parents'. */
  readonly name: string;
  /** Null: what the parents say of it is taken away. */
  readonly kind: VolumeKind | null;
  /** The fields of its kind. */
  readonly source: Readonly<Record<string, string | null>>;
  readonly mount: Mount;
}

/** What an entry says of a volume; undefined where it is not sound, which is told elsewhere. */
export function itemOf(entry: VolumeEntry): VolumeItem | undefined {
  const name = nameOf(entry);
  const [kind] = kindsOf(entry);
  if (name === undefined) return undefined;
  if (entry.$patch !== undefined) return { name, kind: null, source: {}, mount: {} };
  if (kind === undefined) return undefined;
  const { mountPath, readOnly, containers, ...source } = entry[kind] ?? {};
  const mount = Object.entries({ mountPath, readOnly, containers }).filter(([, value]) => value !== undefined);
  return { name, kind, source: source as VolumeItem["source"], mount: Object.fromEntries(mount) };
}
