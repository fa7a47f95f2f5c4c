import type { Json, JsonMap } from "@kubestack/templates";
import type { PluginVolume } from "../plugin/plugin-template.ts";
import { type FieldReader, type Fields, flag, integerOf, readFields, said, text } from "../reading/fields.ts";
import { kindOf, symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";

/** What is read of a volume, whatever its kind. */
interface Draft {
  mountPath?: string;
  readOnly?: boolean;
  subPath?: string;
  source: Record<string, Json>;
}

/** A kind of volume: the fields that it has, and the volume of Kubernetes' that it comes to. */
interface Kind {
  readonly fields: (draft: Draft) => Fields;
  /** What a pod with it needs in `allow`. */
  readonly needs?: string;
  /** Undefined where something is missing. */
  readonly volume: (source: Readonly<Record<string, Json>>, place: Place) => JsonMap | undefined;
}

const keep =
  (draft: Draft, field: string): FieldReader =>
  (value, place) =>
    text((read) => {
      draft.source[field] = read;
      place.exact(field);
    })(value, place);
const keepFlag =
  (draft: Draft, field: string): FieldReader =>
  (value, place) =>
    flag((read) => {
      draft.source[field] = read;
      place.exact(field);
    })(value, place);
const readOnly = (draft: Draft): FieldReader =>
  flag((read, place) => {
    draft.readOnly = read;
    place.exact("readOnly of its mount");
  });

/** A volume that comes and goes with its pod, by a claim. */
function ephemeral({ storageClassName, accessModes, requestsSize }: Readonly<Record<string, Json>>): JsonMap {
  const storage = requestsSize ?? "10Gi";
  return {
    ephemeral: {
      volumeClaimTemplate: {
        spec: {
          accessModes: [accessModes ?? "ReadWriteOnce"],
          ...said({ storageClassName }),
          resources: { requests: { storage } },
        },
      },
    },
  };
}

const claimFields = (draft: Draft): Fields => ({
  accessModes: keep(draft, "accessModes"),
  requestsSize: keep(draft, "requestsSize"),
  storageClassName: keep(draft, "storageClassName"),
});

const kinds: Readonly<Record<string, Kind>> = {
  configMapVolume: {
    fields: (draft) => ({
      configMapName: keep(draft, "name"),
      optional: keepFlag(draft, "optional"),
      subPath: text((read, place) => {
        draft.subPath = read;
        place.exact("subPath of its mount");
      }),
    }),
    volume: (configMap) => (configMap.name === undefined ? undefined : { configMap }),
  },
  secretVolume: {
    fields: (draft) => ({
      secretName: keep(draft, "secretName"),
      optional: keepFlag(draft, "optional"),
      defaultMode: (value, place) => mode(value, place, draft),
    }),
    volume: (secret) => (secret.secretName === undefined ? undefined : { secret }),
  },
  emptyDirVolume: {
    fields: (draft) => ({
      memory: flag((read, place) => {
        if (read) draft.source.medium = "Memory";
        place.exact(read ? "medium: Memory" : "the machine's disk");
      }),
      sizeLimit: keep(draft, "sizeLimit"),
    }),
    volume: (emptyDir) => ({ emptyDir }),
  },
  hostPathVolume: {
    needs: "hostPath",
    fields: (draft) => ({ hostPath: keep(draft, "path"), readOnly: readOnly(draft) }),
    volume: (hostPath) => (hostPath.path === undefined ? undefined : { hostPath }),
  },
  nfsVolume: {
    needs: "volumes",
    fields: (draft) => ({
      serverAddress: keep(draft, "server"),
      serverPath: keep(draft, "path"),
      readOnly: keepFlag(draft, "readOnly"),
    }),
    volume: (nfs) => (nfs.server === undefined || nfs.path === undefined ? undefined : { nfs }),
  },
  persistentVolumeClaim: {
    fields: (draft) => ({ claimName: keep(draft, "claimName"), readOnly: keepFlag(draft, "readOnly") }),
    volume: (claim) => (claim.claimName === undefined ? undefined : { persistentVolumeClaim: claim }),
  },
  dynamicPVC: {
    fields: claimFields,
    volume: (source, place) => {
      place.changed("an ephemeral volume: Kubernetes makes its claim with the pod and removes it with the pod");
      return ephemeral(source);
    },
  },
  genericEphemeralVolume: { fields: claimFields, volume: ephemeral },
};

/** Other names that the plugin gave its kinds, and those of the kinds of workspace volumes. */
const alsoNamed: Readonly<Record<string, string>> = {
  dynamicPVCVolume: "dynamicPVC",
  dynamicPVCWorkspaceVolume: "dynamicPVC",
  emptyDirWorkspaceVolume: "emptyDirVolume",
  genericEphemeralWorkspaceVolume: "genericEphemeralVolume",
  hostPathWorkspaceVolume: "hostPathVolume",
  nfsWorkspaceVolume: "nfsVolume",
  persistentVolumeClaimWorkspaceVolume: "persistentVolumeClaim",
  persistentVolumeClaimVolume: "persistentVolumeClaim",
  emptyDir: "emptyDirVolume",
  hostPath: "hostPathVolume",
  nfs: "nfsVolume",
  configMap: "configMapVolume",
  secret: "secretVolume",
  genericEphemeral: "genericEphemeralVolume",
};
const allKinds: Readonly<Record<string, Kind>> = {
  ...kinds,
  ...Object.fromEntries(
    Object.entries(alsoNamed).flatMap(([name, kind]) => (kinds[kind] === undefined ? [] : [[name, kinds[kind]]])),
  ),
};

/** Reads one entry of `volumes`. */
export function readVolume(value: Json, place: Place): PluginVolume | undefined {
  const read = readKind(value, place);
  if (read === undefined) return undefined;
  const { draft, volume, at } = read;
  if (draft.mountPath === undefined) {
    at.lost("says no mountPath; the volume was left out");
    return undefined;
  }
  const { readOnly: isReadOnly, subPath } = draft;
  return { mountPath: draft.mountPath, volume, mount: said({ readOnly: isReadOnly || undefined, subPath }) };
}

/** Reads `workspaceVolume`: the volume that holds the agent's folder, without a name. */
export function readWorkspace(value: Json, place: Place): JsonMap | undefined {
  const read = readKind(value, place);
  if (read?.draft.mountPath !== undefined) read.at.inner("mountPath").lost("the agent's folder is at its workingDir");
  return read?.volume;
}

function readKind(value: Json, place: Place): { draft: Draft; volume: JsonMap; at: Place } | undefined {
  const symbolic = symbolOf(value, place);
  const kind = symbolic === undefined ? undefined : kindOf(symbolic.symbol, allKinds, "Volume");
  if (symbolic === undefined || kind === undefined) {
    place.lost("no kind of volume that is known here; it was left out");
    return undefined;
  }
  const draft: Draft = { source: {} };
  const { place: at, fields } = symbolic;
  if (kind.needs === undefined) at.exact(`a volume of kind ${symbolic.symbol}`);
  else at.changed(`a volume of kind ${symbolic.symbol}, written down in allow as ${kind.needs}`);
  readFields(fields, at, {
    mountPath: text((read, inner) => {
      draft.mountPath = normal(read);
      inner.exact("mountPath");
    }),
    ...kind.fields(draft),
  });
  const volume = kind.volume(draft.source, at);
  if (volume === undefined) at.lost("does not say what it is; the volume was left out");
  return volume === undefined ? undefined : { draft, volume, at };
}

/** A path without what leads nowhere, as the plugin writes it. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/** The plugin takes the text for a decimal number, and the API server takes none above octal 777. */
function mode(value: Json, place: Place, draft: Draft): void {
  const number = integerOf(value) ?? -1;
  const octal = number > 0o777 ? Number.parseInt(String(number), 8) : number;
  if (!(octal >= 0 && octal <= 0o777)) {
    place.lost("no mode of a file; it was left out");
    return;
  }
  draft.source.defaultMode = octal;
  const written = `defaultMode: ${octal}, octal ${octal.toString(8)}`;
  if (octal !== number) place.changed(`${written}: as a decimal number, which the plugin takes it for, it is none`);
  else if (/^0\d/.test(String(value))) place.changed(`${written}: the plugin takes the text for a decimal number, too`);
  else place.exact(written);
}
