import { isList, isMap, type Json, type JsonMap, mapOf } from "./merge/json.ts";

/** What a template may do beyond the restricted pod security standard, if its `allow` says so. */
export const allowances = [
  "capabilities",
  "hostNamespaces",
  "hostPath",
  "hostPorts",
  "privilegeEscalation",
  "privileged",
  "procMount",
  "root",
  "seccomp",
  "serviceAccount",
  "sysctls",
  "volumes",
  "windowsHostProcess",
] as const;
export type Allowance = (typeof allowances)[number];

type Path = readonly (string | number)[];
type Found = readonly [needs: Allowance, path: Path];

const hostNamespaces = ["hostNetwork", "hostPID", "hostIPC"];
const containerLists = ["containers", "initContainers"];
/** Kinds of volume that a restricted pod may have; `hostPath` has a word of its own in `allow`. */
const soundVolumes = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
];
const soundSeccomp: readonly unknown[] = ["RuntimeDefault", "Localhost"];
const soundCapability = "NET_BIND_SERVICE";

/** Where a finished pod is not restricted, by the standard of that name, and what it needs for it. */
export function looseningOf({ spec }: JsonMap): readonly Found[] {
  if (!isMap(spec)) return [];
  const account = spec.serviceAccountName ?? spec.serviceAccount ?? "default";
  return [
    ...hostNamespaces.flatMap((name): Found[] => (spec[name] === true ? [["hostNamespaces", ["spec", name]]] : [])),
    ...(account === "default" ? [] : [["serviceAccount", ["spec", "serviceAccountName"]] as const]),
    ...(spec.automountServiceAccountToken === false
      ? []
      : [["serviceAccount", ["spec", "automountServiceAccountToken"]] as const]),
    ...entries(spec.volumes).flatMap(([place, volume]) => ofVolume(volume, ["spec", "volumes", place])),
    ...sysctlsOf(spec),
    ...containerLists.flatMap((list) =>
      entries(spec[list]).flatMap(([place, container]) => ofContainer(container, spec, ["spec", list, place])),
    ),
  ];
}

function ofVolume({ name: _, ...kinds }: JsonMap, path: Path): readonly Found[] {
  const loose = Object.keys(kinds).filter((kind) => !soundVolumes.includes(kind));
  return loose.map((kind) => [kind === "hostPath" ? "hostPath" : "volumes", [...path, kind]]);
}

function sysctlsOf({ securityContext }: JsonMap): readonly Found[] {
  const sysctls = isMap(securityContext) ? securityContext.sysctls : undefined;
  return isList(sysctls) && sysctls.length > 0 ? [["sysctls", ["spec", "securityContext", "sysctls"]]] : [];
}

function ofContainer({ securityContext, ports }: JsonMap, spec: JsonMap, path: Path): readonly Found[] {
  const own = mapOf(securityContext);
  const pods = mapOf(spec.securityContext);
  const at = (...fields: Path): Path => [...path, "securityContext", ...fields];
  const isHostProcess = [own, pods].some(({ windowsOptions }) => mapOf(windowsOptions).hostProcess === true);
  const open = entries(ports).filter(([, { hostPort = 0 }]) => hostPort !== 0);
  const found: (Found | false)[] = [
    isHostProcess && ["windowsHostProcess", at("windowsOptions", "hostProcess")],
    own.privileged === true && ["privileged", at("privileged")],
    (own.runAsNonRoot ?? pods.runAsNonRoot) !== true && ["root", at("runAsNonRoot")],
    (own.runAsUser ?? pods.runAsUser) === 0 && ["root", at("runAsUser")],
    (own.procMount ?? "Default") !== "Default" && ["procMount", at("procMount")],
    ...open.map(([place]): Found => ["hostPorts", [...path, "ports", place, "hostPort"]]),
  ];
  // A privileged container has all of these, and a Windows one knows none of them.
  if (own.privileged !== true && !isForWindows(spec))
    found.push(
      own.allowPrivilegeEscalation !== false && ["privilegeEscalation", at("allowPrivilegeEscalation")],
      isWide(mapOf(own.capabilities)) && ["capabilities", at("capabilities")],
      !soundSeccomp.includes(mapOf(own.seccompProfile ?? pods.seccompProfile).type) && [
        "seccomp",
        at("seccompProfile"),
      ],
    );
  return found.filter((one) => one !== false);
}

/** Whether the pod is for machines that run Windows, by its own word. */
export function isForWindows({ os, nodeSelector }: JsonMap): boolean {
  return mapOf(os).name === "windows" || mapOf(nodeSelector)["kubernetes.io/os"] === "windows";
}

function isWide({ add, drop }: JsonMap): boolean {
  const isAdded = isList(add) && add.some((one) => one !== soundCapability);
  return isAdded || !(isList(drop) && drop.includes("ALL"));
}

function entries(list: Json | undefined): readonly (readonly [number, JsonMap])[] {
  return isList(list) ? list.flatMap((item, at) => (isMap(item) ? [[at, item] as const] : [])) : [];
}
