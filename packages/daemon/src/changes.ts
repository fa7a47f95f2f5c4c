import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "@kubestack/configuration";

/** Names of a list's entries that came, went, and say something else. */
export interface ListChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** What is different between two configurations. */
export interface Changes {
  readonly masters: ListChanges;
  readonly templates: ListChanges;
  /** Whether the file's templates are in another order, or say otherwise what only templates from elsewhere can have of them. */
  readonly templateEntries: boolean;
  /** Whether templates from elsewhere may be something else. */
  readonly templateSources: boolean;
  readonly limits: boolean;
  readonly nodePools: ListChanges;
  /** Whether what holds for all node pools together is something else. */
  readonly capacity: boolean;
  readonly logLevel: boolean;
  /** Keys that only a new start takes up: connections and names that everything hangs on. */
  readonly atNextStart: readonly string[];
}

const fixed = ["install", "nats", "kubernetes", "listen"] as const;

/** Compares what runs with what the file says now. Pure. */
export function changesBetween(running: Configuration, file: Configuration): Changes {
  return {
    masters: listChanges(running.masters, file.masters),
    templates: listChanges(running.templates, file.templates),
    templateEntries: !isDeepStrictEqual(running.templateEntries, file.templateEntries),
    templateSources:
      !isDeepStrictEqual(running.templateSources, file.templateSources) ||
      !isDeepStrictEqual(running.templateDefaults, file.templateDefaults),
    limits: !isDeepStrictEqual(running.limits, file.limits),
    nodePools: listChanges(running.nodePools, file.nodePools),
    capacity: !isDeepStrictEqual(running.capacity, file.capacity),
    logLevel: running.log.level !== file.log.level,
    atNextStart: fixed.filter((key) => !isDeepStrictEqual(running[key], file[key])),
  };
}

/** The same for people: `masters added: b; templates changed: maven`; empty where nothing is different. */
export function toldChanges(changes: Changes): string {
  const { masters, templates, templateEntries, templateSources, limits, logLevel } = changes;
  const { nodePools, capacity } = changes;
  const told = (list: string, of: ListChanges): string[] =>
    (["added", "removed", "changed"] as const).flatMap((kind) =>
      of[kind].length === 0 ? [] : [`${list} ${kind}: ${of[kind].join(", ")}`],
    );
  const listed = told("templates", templates);
  return [
    ...told("masters", masters),
    ...listed,
    ...(templateEntries && listed.length === 0 ? ["templates put in another order, or written otherwise"] : []),
    ...(templateSources ? ["templateSources changed"] : []),
    ...(limits ? ["limits changed"] : []),
    ...told("node pools", nodePools),
    ...(capacity ? ["capacity changed"] : []),
    ...(logLevel ? ["log.level changed"] : []),
  ].join("; ");
}

function listChanges(
  before: readonly { readonly name: string }[],
  after: readonly { readonly name: string }[],
): ListChanges {
  const old = new Map(before.map((entry) => [entry.name, entry]));
  const now = new Set(after.map(({ name }) => name));
  return {
    added: after.flatMap(({ name }) => (old.has(name) ? [] : [name])),
    removed: before.flatMap(({ name }) => (now.has(name) ? [] : [name])),
    changed: after.flatMap((entry) => {
      const known = old.get(entry.name);
      return known === undefined || isDeepStrictEqual(known, entry) ? [] : [entry.name];
    }),
  };
}
