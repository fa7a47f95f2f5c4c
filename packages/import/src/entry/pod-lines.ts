import { isList, isMap, type Json, type JsonMap } from "@kubestack/templates";
import type { Path } from "../report/report.ts";
import { nameOf } from "./pruned.ts";
import type { Told } from "./telling.ts";

/** A field of a pod, at the depth at which it is told. */
export interface PodField {
  readonly path: Path;
  readonly value: Json;
}

/** Lists whose items are told field by field. */
const containerLists = ["containers", "initContainers"];
/** Lists whose items are told one by one. */
const namedLists = ["volumes"];

/** The fields of a pod: metadata's, the spec's, and those of each container, by its name. */
export function fieldsOfPod(pod: JsonMap): readonly PodField[] {
  return Object.entries(pod).flatMap(([part, value]) =>
    isMap(value)
      ? Object.entries(value).flatMap(([key, inner]) => fieldsAt([part, key], inner))
      : [{ path: [part], value }],
  );
}

function fieldsAt(path: Path, value: Json): readonly PodField[] {
  const [part, key] = path;
  const isOfSpec = part === "spec" && typeof key === "string" && isList(value) && value.length > 0;
  if (!isOfSpec || !isList(value)) return [{ path, value }];
  if (containerLists.includes(key))
    return value.flatMap((one) =>
      Object.entries(isMap(one) ? one : {}).map(([field, inner]) => ({
        path: [...path, nameOf(one), field],
        value: inner,
      })),
    );
  return namedLists.includes(key)
    ? value.map((one) => ({ path: [...path, nameOf(one)], value: one }))
    : [{ path, value }];
}

/** What stands in a pod at a path with names. */
export function valueAt(pod: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((at, key) => {
    if (isList(at)) return at.find((one) => nameOf(one) === key);
    return isMap(at) ? at[String(key)] : undefined;
  }, pod);
}

/** Whether all that a value says is said by another one, too, which may say more. */
export function isWithin(value: Json, whole: Json | undefined): boolean {
  if (isMap(value)) return isMap(whole) && Object.entries(value).every(([key, inner]) => isWithin(inner, whole[key]));
  if (isList(value)) return isList(whole) && value.every((one) => whole.some((other) => isWithin(one, other)));
  return String(value) === String(whole);
}

/** The field that something told belongs to: the longest path that leads to it. */
export function fieldOf(told: Told, fields: readonly PodField[]): PodField | undefined {
  const leads = ({ path }: PodField): boolean =>
    path.length <= told.path.length && path.every((key, at) => key === told.path[at]);
  // What is told of a container as a whole stands at its first field.
  return fields.find(leads) ?? fields.find(({ path }) => told.path.every((key, at) => key === path[at]));
}
