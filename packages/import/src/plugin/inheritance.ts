import { type JsonMap, mapsIn } from "@kubestack/templates";
import { mapAt } from "../reading/symbols.ts";
import { by, mergedBy } from "./keyed.ts";
import type { PluginTemplate } from "./plugin-template.ts";

/** A template with all that it inherits, by the plugin's rules. */
export interface Resolved {
  readonly template: PluginTemplate;
  /** Names that lead nowhere: the plugin passes them over. */
  readonly unknown: readonly string[];
  /** A name that leads back to a template on the way; the plugin would never come to an end. */
  readonly circle?: string | undefined;
  /** Names of all that it inherits from. */
  readonly from: readonly string[];
}

/**
 * What the plugin makes of a template: first `defaults`, the template that its cloud names for all, then the parents from left
 * to right, each with its own parents, then the template itself. Of several templates of a name the first one counts.
 */
export function resolved(template: PluginTemplate, all: readonly PluginTemplate[], defaults?: string): Resolved {
  const named = new Map<string, PluginTemplate>();
  for (const one of all) if (one.name !== undefined && !named.has(one.name)) named.set(one.name, one);
  const unknown = new Set<string>();
  const from = new Set<string>();
  // Each template is put together once, however many ways lead to it.
  const known = new Map<PluginTemplate, PluginTemplate>();
  let circle: string | undefined;

  function whole(one: PluginTemplate, names: readonly string[], way: ReadonlySet<PluginTemplate>): PluginTemplate {
    let parent: PluginTemplate | undefined;
    for (const name of names) {
      const next = named.get(name);
      if (next === undefined) unknown.add(name);
      else if (way.has(next)) circle ??= name;
      else {
        from.add(name);
        const inherited = known.get(next) ?? whole(next, next.inheritFrom, new Set([...way, next]));
        known.set(next, inherited);
        parent = parent === undefined ? inherited : combined(parent, inherited);
      }
    }
    return parent === undefined ? one : combined(parent, one);
  }

  // The plugin applies the template for all even to itself, which changes nothing.
  const names = [...(defaults === undefined || defaults === template.name ? [] : [defaults]), ...template.inheritFrom];
  const result = whole(template, names, new Set([template]));
  return { template: result, unknown: [...unknown], circle, from: [...from] };
}

/** A child over its parent, field by field, as the plugin does it. */
export function combined(parent: PluginTemplate, child: PluginTemplate): PluginTemplate {
  const { name: _name, retention: _retention, mergesYaml, ...inherited } = parent;
  return {
    ...inherited,
    ...child,
    nodeSelector: child.nodeSelector ?? parent.nodeSelector ?? {},
    isInjected: child.isInjected || parent.isInjected,
    containers: mergedBy(parent.containers, child.containers, { key: by("name"), merge: combinedContainer }),
    volumes: mergedBy(parent.volumes, child.volumes, { key: ({ mountPath }) => mountPath, merge: (_, one) => one }),
    env: mergedBy(parent.env, child.env, { key: by("name"), merge: (_, one) => one }),
    // Properties of nodes stand one behind the other: of variables the last one counts, of where tools are the first one.
    nodeEnv: { ...parent.nodeEnv, ...child.nodeEnv },
    tools: parent.tools.length > 0 ? parent.tools : child.tools,
    annotations: { ...parent.annotations, ...child.annotations },
    imagePullSecrets: [...new Set([...parent.imagePullSecrets, ...child.imagePullSecrets])],
    yamls: lastOfEach([...parent.yamls, ...child.yamls]),
    ...(child.mergesYaml === undefined && parent.handsDownMerging && mergesYaml !== undefined ? { mergesYaml } : {}),
    handsDownMerging: parent.handsDownMerging,
  };
}

/** What is met on several ways counts where it is met last: there it is strongest. */
function lastOfEach<T>(list: readonly T[]): readonly T[] {
  return [...new Set(list.toReversed())].toReversed();
}

/** Of a container that both name, what the child says; only what is true of the parent can't be taken back. */
function combinedContainer(parent: JsonMap, child: JsonMap): JsonMap {
  const env = mergedBy(mapsIn(parent.env), mapsIn(child.env), { key: by("name"), merge: (_, one) => one });
  const ports = mergedBy(mapsIn(parent.ports), mapsIn(child.ports), { key: by("name"), merge: (_, one) => one });
  const resources = Object.fromEntries(
    ["requests", "limits"].map((kind) => [
      kind,
      { ...mapAt(mapAt(parent, "resources"), kind), ...mapAt(mapAt(child, "resources"), kind) },
    ]),
  );
  return {
    ...parent,
    ...child,
    env,
    ports,
    resources,
    securityContext: { ...mapAt(parent, "securityContext"), ...mapAt(child, "securityContext") },
  };
}
