import { quantity } from "@kubestack/contracts";
import { z } from "zod";
import { isOwnFolder, ownFolderRule, secretVolume, secretVolumeRule } from "../owned-fields.ts";

const longestName = 63;
const nameForm = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const word = (what: string) =>
  z
    .string({ error: `must be ${what}` })
    .min(1, `must be ${what}; add it`)
    .max(253);

/** How a volume is mounted; the same for every kind. */
const mountFields = {
  /** Where. Absent: as the parents say; where none says, it is not mounted by itself. */
  mountPath: z
    .string({ error: "must be an absolute path" })
    .regex(/^\/[^:]*$/, "must be an absolute path without colons, such as /cache; correct it")
    .refine((path) => !isOwnFolder(path), ownFolderRule)
    .optional(),
  /** Default: whether the volume can be written to. */
  readOnly: z.boolean({ error: "must be true or false" }).optional(),
  /** Into which containers of the pod; `*` is all. Default: the agent's. */
  containers: z
    .array(z.union([z.literal("*"), z.string().regex(nameForm, "is no name of a container; correct it")]))
    .min(1, "must name a container; name one, or * for all")
    .optional(),
};

/** A claim that the cluster makes for one pod, and removes with it. */
const ownClaim = {
  /** Must be given, here or by a parent. */
  size: quantity.optional(),
  /** Default, and after null: the cluster's default class. */
  storageClass: z.string().max(253).nullable().optional(),
  accessMode: z
    .enum(["ReadWriteOnce", "ReadWriteOncePod", "ReadWriteMany"], {
      error: "must be ReadWriteOnce, ReadWriteOncePod or ReadWriteMany; correct it",
    })
    .optional(),
};

/** What each kind of volume says beside how it is mounted. */
const kindFields = {
  ephemeral: ownClaim,
  /** The same, of a slave that runs one build. */
  perBuild: ownClaim,
  /** A claim that is there. */
  claim: { name: word("the name of a claim").optional() },
  emptyDir: {
    /** A pod that writes more is evicted. Default: no limit. */
    size: quantity.nullable().optional(),
    /** `Memory` counts as memory of the container that writes. */
    medium: z.enum(["", "Memory"], { error: "must be Memory, or left out for the machine's disk" }).optional(),
  },
  configMap: { name: word("the name of a ConfigMap").optional() },
  secret: { name: word("the name of a Secret").optional() },
  nfs: { server: word("a host").optional(), path: word("a path of the server's").optional() },
  hostPath: {
    path: word("a path of the machine's").optional(),
    type: z
      .enum(["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"])
      .optional(),
  },
} as const;

export type VolumeKind = keyof typeof kindFields;
export const volumeKinds = Object.keys(kindFields) as VolumeKind[];

const kinds = {
  ephemeral: z.strictObject({ ...kindFields.ephemeral, ...mountFields }).optional(),
  perBuild: z.strictObject({ ...kindFields.perBuild, ...mountFields }).optional(),
  claim: z.strictObject({ ...kindFields.claim, ...mountFields }).optional(),
  emptyDir: z.strictObject({ ...kindFields.emptyDir, ...mountFields }).optional(),
  configMap: z.strictObject({ ...kindFields.configMap, ...mountFields }).optional(),
  secret: z.strictObject({ ...kindFields.secret, ...mountFields }).optional(),
  nfs: z.strictObject({ ...kindFields.nfs, ...mountFields }).optional(),
  hostPath: z.strictObject({ ...kindFields.hostPath, ...mountFields }).optional(),
} satisfies Record<VolumeKind, unknown>;

const written = z.strictObject({
  name: z.string().max(longestName).regex(nameForm, "is no name of a volume; correct it").optional(),
  /** As in a pod: takes away what the parents say of the volume of this name. */
  $patch: z.literal("delete", { error: "must be delete, or left out; correct it" }).optional(),
  ...kinds,
});

const entry = written.superRefine((said, context) => {
  const message = faultOf(said);
  if (message !== undefined) context.addIssue({ code: "custom", message });
});
/** One entry of `volumes` as it is written. */
export type VolumeEntry = z.output<typeof written>;

/** The kinds that an entry is of; one, if it is sound. */
export function kindsOf(said: VolumeEntry): readonly VolumeKind[] {
  return volumeKinds.filter((kind) => said[kind] !== undefined);
}

/** Whether an entry says itself into which containers of the pod it is mounted. */
export function namesContainers(said: VolumeEntry): boolean {
  return kindsOf(said).some((kind) => said[kind]?.containers !== undefined);
}

/** By which an entry is known among its own and its parents'; undefined where it does not say. */
export function nameOf(said: VolumeEntry): string | undefined {
  const [mountPath] = kindsOf(said).flatMap((kind) => said[kind]?.mountPath ?? []);
  return said.name ?? (mountPath === undefined ? undefined : nameOfPlace(mountPath));
}

function faultOf(said: VolumeEntry): string | undefined {
  const { length } = kindsOf(said);
  if (said.$patch !== undefined)
    return said.name === undefined || length > 0 ? "must say a name and nothing else to delete; correct it" : undefined;
  if (length !== 1) return `must say exactly one of ${volumeKinds.join(", ")}; correct it`;
  const name = nameOf(said);
  if (name === undefined) return "must say a mountPath, or a name; add one";
  return name === secretVolume ? secretVolumeRule : undefined;
}

/** The name of a volume that says none: by where it is mounted, so that a child's at the same place is the same one. */
function nameOfPlace(mountPath: string): string {
  const text = mountPath
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, longestName + 1)
    .replace(/^-+/, "")
    .slice(0, longestName)
    .replace(/-+$/, "");
  return text === "" ? "root" : text;
}

/** The key `volumes` of a template. */
export const volumesSchema = z
  .array(entry, { error: "must be a list of volumes; correct it" })
  .max(50)
  .superRefine((entries, context) => {
    const names = entries.map(nameOf);
    names.forEach((name, at) => {
      const before = names.indexOf(name);
      if (name !== undefined && before !== at)
        context.addIssue({
          code: "custom",
          path: [at],
          message: `has the name of entry ${before} (${name}); give each its own`,
        });
    });
  });
