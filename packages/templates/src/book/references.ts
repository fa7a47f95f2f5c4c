import { isList, isMap, type Json, type JsonMap } from "../merge/json.ts";

type Path = readonly (string | number)[];

/** An object that a pod names and so gets at, as `KIND/NAME`, and where it does. */
export interface Reference {
  readonly object: string;
  readonly path: Path;
}

/** Fields that hold the name itself. */
const names: Readonly<Record<string, string>> = {
  secretName: "Secret",
  claimName: "PersistentVolumeClaim",
  serviceAccountName: "ServiceAccount",
  serviceAccount: "ServiceAccount",
  priorityClassName: "PriorityClass",
  runtimeClassName: "RuntimeClass",
  resourceClaimName: "ResourceClaim",
  resourceClaimTemplateName: "ResourceClaimTemplate",
};

/** Fields that hold a map with the name in it. */
const named: Readonly<Record<string, string>> = {
  secret: "Secret",
  secretRef: "Secret",
  secretKeyRef: "Secret",
  nodePublishSecretRef: "Secret",
  configMap: "ConfigMap",
  configMapRef: "ConfigMap",
  configMapKeyRef: "ConfigMap",
};

/** Kinds of volumes by which a pod reaches nothing but what it names otherwise. */
const plainVolumes = new Set([
  "name",
  "configMap",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

/**
 * Every object of its namespace or of the cluster that a finished pod names: what is in it, or what may be done with it, is the
 * pod's by that. Kinds of volumes that reach further are told as `Volume/<kind>`; host paths are told by the pod's loosening.
 */
export function referencesOf({ spec }: JsonMap): readonly Reference[] {
  const found: Reference[] = [];

  function visit(value: Json, path: Path): void {
    if (isList(value)) {
      for (const [at, item] of value.entries()) visit(item, [...path, at]);
      return;
    }
    if (!isMap(value)) return;
    for (const [field, inner] of Object.entries(value)) {
      const at = [...path, field];
      found.push(...inField(field, inner, at));
      visit(inner, at);
    }
  }

  if (!isMap(spec)) return [];
  visit(spec, ["spec"]);
  for (const [at, volume] of isList(spec.volumes) ? spec.volumes.entries() : [])
    found.push(...ofVolume(volume, ["spec", "volumes", at]));
  // Every pod has the account `default`.
  return found.filter(({ object, path: [, field] }) => object !== "ServiceAccount/default" || field === "volumes");
}

function inField(field: string, value: Json, path: Path): Reference[] {
  const kind = names[field];
  if (kind !== undefined && typeof value === "string" && value !== "") return [{ object: `${kind}/${value}`, path }];
  if (field === "imagePullSecrets" && isList(value))
    return value.flatMap((item, at) => nameIn(item, "Secret", [...path, at]));
  if (field === "dataSource" || field === "dataSourceRef") {
    const of = isMap(value) && typeof value.kind === "string" ? value.kind : "PersistentVolumeClaim";
    return nameIn(value, of, path);
  }
  // A token of the pod's account, or a certificate for it, whatever else keeps the account's token out of the pod.
  if (field === "serviceAccountToken" || field === "podCertificate")
    return [{ object: "ServiceAccount/default", path }];
  const kindOfMap = named[field];
  return kindOfMap === undefined ? [] : nameIn(value, kindOfMap, path);
}

function nameIn(value: Json, kind: string, path: Path): Reference[] {
  return isMap(value) && typeof value.name === "string" && value.name !== ""
    ? [{ object: `${kind}/${value.name}`, path: [...path, "name"] }]
    : [];
}

function ofVolume(volume: Json, path: Path): Reference[] {
  if (!isMap(volume)) return [];
  return Object.keys(volume)
    .filter((kind) => !plainVolumes.has(kind) && kind !== "hostPath" && volume[kind] !== null)
    .map((kind) => ({ object: `Volume/${kind}`, path: [...path, kind] }));
}
