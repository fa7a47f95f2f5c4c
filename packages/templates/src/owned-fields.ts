import { retentionNames } from "./marks.ts";
import type { Fault } from "./merge/faults.ts";
import { isList, isMap, type Json, type JsonMap } from "./merge/json.ts";

const elsewhere = "is KubeStack's to say";

/** Fields that a template can't say, and why not. */
const owned: readonly (readonly [path: readonly string[], why: string])[] = [
  [["metadata", "name"], `${elsewhere}: each slave's pod has a name of its own`],
  [["metadata", "generateName"], `${elsewhere}: each slave's pod has a name of its own`],
  [["metadata", "namespace"], `${elsewhere}: pods go where kubernetes.namespace says`],
  [["metadata", "ownerReferences"], `${elsewhere}: a pod that something else owns may go at any time`],
  [["metadata", "finalizers"], `${elsewhere}: a pod with a finalizer outlives its slave`],
  [
    ["metadata", "annotations", retentionNames.until],
    `${elsewhere}: a pod is kept only once it was stopped; use retain`,
  ],
  [["spec", "restartPolicy"], `${elsewhere}: a build is never started again behind its master's back`],
  [["spec", "nodeName"], `${elsewhere}: the scheduler finds the node; use nodeSelector or affinity`],
  [["spec", "ephemeralContainers"], `${elsewhere}: the API server takes none in a new pod`],
];

/** The parts of a pod that a template may have. */
const parts = ["metadata", "spec"];

/** What a template's pod says that is not for it to say. */
export function ownedFieldFaults(pod: JsonMap): readonly Fault[] {
  const strangers = Object.keys(pod).filter((name) => !parts.includes(name));
  const forms = parts.filter((name) => pod[name] !== undefined && pod[name] !== null && !isMap(pod[name]));
  return [
    ...strangers.map((name) => ({
      path: [name],
      message: "is no part of a template's pod, which are metadata and spec; remove it",
    })),
    ...forms.map((name) => ({ path: [name], message: "must be a map; correct it" })),
    ...owned.flatMap(([path, why]) => (isSaid(pod, path) ? [{ path, message: `${why}; remove it` }] : [])),
    ...ownedNameFaults(pod),
  ];
}

/** The volume that holds the agent's secret. */
export const secretVolume = "agent-secret";
export const secretVolumeRule = "is the volume of the agent's secret; give it another name";
/** Where files of KubeStack's are in the agent's container. */
const ownFolder = "/run/kubestack/agent";
export const ownFolderRule = `lies where KubeStack's own files are (${ownFolder}); choose another`;
const lists = ["initContainers", "containers"];

/** Whoever has a volume of this name would have the agent's secret in it, or take the agent's files from it. */
function ownedNameFaults({ spec }: JsonMap): readonly Fault[] {
  if (!isMap(spec)) return [];
  const volumes = mapsAt(spec, "volumes").flatMap(([{ name }, at]): Fault[] => {
    const path = ["spec", "volumes", at, "name"];
    return name === secretVolume ? [{ path, message: secretVolumeRule }] : [];
  });
  const mounts = lists.flatMap((list) =>
    mapsAt(spec, list).flatMap(([container, at]) =>
      mapsAt(container, "volumeMounts").flatMap(([mount, of]): Fault[] => {
        const path = ["spec", list, at, "volumeMounts", of];
        if (mount.name === secretVolume)
          return [{ path: [...path, "name"], message: "is the agent's secret, which only the agent has; remove it" }];
        return isOwnFolder(mount.mountPath) ? [{ path: [...path, "mountPath"], message: ownFolderRule }] : [];
      }),
    ),
  );
  return [...volumes, ...mounts];
}

/** However the path is written: kubelets and runtimes read it as this does, from the root on. */
export function isOwnFolder(path: Json | undefined): boolean {
  return typeof path === "string" && `${fromRoot(path)}/`.startsWith(`${ownFolder}/`);
}

function fromRoot(path: string): string {
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "..") steps.pop();
    else if (step !== "" && step !== ".") steps.push(step);
  }
  return `/${steps.join("/")}`;
}

function mapsAt(map: JsonMap, name: string): readonly (readonly [item: JsonMap, at: number])[] {
  const list = map[name];
  return isList(list) ? list.flatMap((item, at) => (isMap(item) ? [[item, at] as const] : [])) : [];
}

function isSaid(pod: JsonMap, path: readonly string[]): boolean {
  const said = path.reduce<Json | undefined>((within, field) => (isMap(within) ? within[field] : undefined), pod);
  return said !== undefined && said !== null && !(path.at(-1) === "restartPolicy" && said === "Never");
}
