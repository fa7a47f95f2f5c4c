import { type TemplateConfig, usual } from "../config.ts";
import type { TemplateEntry } from "../entry.ts";
import { looseningOf } from "../loosening.ts";
import { referencesOf } from "./references.ts";
import { type Grant, isMeant } from "./sources.ts";

interface Found {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** By what a template from elsewhere is judged. */
export interface GrantScope {
  readonly grant: Grant;
  /** The masters that the configuration names. */
  readonly masters: readonly string[];
  /** Whose ConfigMaps bring it; undefined: it was applied. */
  readonly namespace: string | undefined;
}

const all = "*";

/** The masters that a template serves, out of those that it says and those that it may. */
export function grantedMasters(said: readonly string[], granted: readonly string[]): readonly string[] {
  if (said.includes(all)) return granted;
  return granted.includes(all) ? said : said.filter((name) => granted.includes(name));
}

/**
 * What a template has that its source is not granted. The whole pod is judged, with what it has from templates of the file: who
 * may choose the image gets at all that the pod gets at.
 */
export function grantFaults(entry: TemplateEntry, config: TemplateConfig, scope: GrantScope): readonly Found[] {
  const { grant, namespace } = scope;
  const key = (name: string): string =>
    namespace === undefined
      ? `templateSources.applied.${name}`
      : `${name} of namespace ${namespace} in templateSources.configMaps`;
  const isLaunched = entry.labels.length > 0 || entry.unlabelled;
  return [
    ...labelFaults(entry, grant, key("labels")),
    ...masterFaults(entry, config, { ...scope, key: key("masters") }),
    ...(isLaunched
      ? [
          ...podFaults(config, grant, key),
          ...retentionFaults(config, grant, key("retainMax")),
          ...warmFaults(config, grant, key("warm")),
          ...turnFaults(config, grant, key),
        ]
      : []),
  ];
}

function labelFaults({ labels, unlabelled }: TemplateEntry, { labels: granted }: Grant, key: string): Found[] {
  if (granted === undefined) return [];
  const told = `${key}, which has ${granted.join(", ")}`;
  return [
    ...labels.flatMap((label, at) =>
      granted.some((pattern) => isMeant(pattern, label))
        ? []
        : [{ path: ["labels", at], message: `is not granted by ${told}; use one of those, or have it granted` }],
    ),
    ...(unlabelled
      ? [{ path: ["unlabelled"], message: `is not granted beside ${told}; remove it, or have that removed` }]
      : []),
  ];
}

function masterFaults(
  { masters: said = [] }: TemplateEntry,
  config: TemplateConfig,
  { grant, masters, key }: GrantScope & { readonly key: string },
): Found[] {
  const granted = grant.masters;
  const refused = said.flatMap((name, at) =>
    name === all || granted.includes(all) || granted.includes(name)
      ? []
      : [
          {
            path: ["masters", at],
            message: `is not granted by ${key}, which has ${granted.join(", ")}; use one of those, or have it granted`,
          },
        ],
  );
  if (refused.length > 0) return refused;
  const served = grantedMasters(config.masters, granted);
  if (served.some((name) => name === all || masters.includes(name))) return [];
  const message = `leaves no master of the configuration (${masters.join(", ")}) that it serves and may serve by ${key}; correct it`;
  return [{ path: ["masters"], message }];
}

function retentionFaults({ retain, retainMax }: TemplateConfig, { retainMax: granted }: Grant, key: string): Found[] {
  if (retain === "never" || retainMax <= granted) return [];
  if (granted === 0) return [{ path: ["retain"], message: `is not granted by ${key}; remove it, or have it granted` }];
  const message = `is ${retainMax}, and ${key} grants ${granted}; lower it, or have it granted`;
  return [{ path: ["retainMax"], message }];
}

function warmFaults({ warm }: TemplateConfig, { warm: isGranted = false }: Grant, key: string): Found[] {
  if (warm === undefined || isGranted) return [];
  return [{ path: ["warm"], message: `is not granted by ${key}; remove it, or have it granted` }];
}

function turnFaults(config: TemplateConfig, grant: Grant, key: (name: string) => string): Found[] {
  return (["weight", "priority"] as const).flatMap((name) => {
    const most = grant[name] ?? usual[name];
    if (config[name] <= most) return [];
    const message = `is ${config[name]}, and ${key(name)} grants ${most}; lower it, or have it granted`;
    return [{ path: [name], message }];
  });
}

/** Each thing once, however often the pod has it. */
function podFaults({ pod }: TemplateConfig, grant: Grant, key: (name: string) => string): Found[] {
  const loose = new Map(looseningOf(pod).filter(([needs]) => !grant.allow.includes(needs)));
  const objects = new Map(
    referencesOf(pod)
      .filter(({ object }) => !grant.objects.some((pattern) => isMeant(pattern, object)))
      .map(({ object, path }) => [object, path]),
  );
  return [
    ...[...loose].map(([needs, path]) => ({
      path: ["allow"],
      message: `may not have ${needs}, which the pod's ${path.join(".")} needs; remove that, or have it granted by ${key("allow")}`,
    })),
    ...[...objects].map(([object, path]) => ({
      path: ["pod"],
      message: `names ${object} (${path.join(".")}), which is not granted; remove it, or have it granted by ${key("objects")}`,
    })),
  ];
}
