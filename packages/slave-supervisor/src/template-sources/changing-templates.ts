import { isDeepStrictEqual } from "node:util";
import {
  type Applied,
  type ApplyRequest,
  type DeleteTemplateRequest,
  hasCode,
  KubestackError,
  type WrittenTemplate,
} from "@kubestack/contracts";
import { type Logger, plainWords } from "@kubestack/runtime";
import { type BookFault, bookOf, type FileTemplates, toldOrigin, type WrittenEntry } from "@kubestack/templates";
import { type AppliedTemplates, asWritten } from "./applied-templates.ts";
import { toldFault } from "./told-fault.ts";

/** What templates are changed with. */
export interface ChangingScope {
  readonly applied: AppliedTemplates;
  readonly log: Logger;
  /** The file's part, by what this process knows now. */
  readonly file: () => FileTemplates;
  /** What ConfigMaps bring. */
  readonly brought: () => readonly WrittenEntry[];
}

/** So often what was read is read again because somebody else was faster. */
const mostTries = 5;

/** Checks templates together with all others and keeps them, or none of them. */
export async function applyTemplates(scope: ChangingScope, request: ApplyRequest): Promise<{ templates: Applied[] }> {
  const { applied, log } = scope;
  const named = request.templates.map((entry) => ({ name: nameOf(entry), entry }));
  // Also of a try that somebody else came into.
  const done = new Map<string, Applied["change"]>();
  await unlessOvertaken(scope, async () => {
    check(scope, named);
    for (const { name, entry } of named) {
      const known = applied.kept.get(name)?.value.entry;
      const change = known === undefined ? "created" : "changed";
      if (isDeepStrictEqual(known, entry)) continue;
      if (!request.dryRun) await applied.write(name, entry, request.by);
      done.set(name, done.get(name) ?? change);
    }
  });
  if (!request.dryRun && done.size > 0) await told(scope, [...done.keys()]);
  if (!request.dryRun)
    for (const [name, change] of done) log.info({ template: name, by: request.by }, `template ${name} is ${change}`);
  return { templates: named.map(({ name }) => ({ name, change: done.get(name) ?? "unchanged" })) };
}

/** Takes an applied template away, unless another one that was applied stands on it. */
export function deleteTemplate(scope: ChangingScope, request: DeleteTemplateRequest): Promise<{ name: string }> {
  return unlessOvertaken(scope, async () => {
    const { applied, log } = scope;
    const { name, by } = request;
    if (!applied.kept.has(name)) throw notApplied(scope, name);
    const heirs = [...applied.kept.values()].flatMap(({ value: { name: heir, entry } }) =>
      Array.isArray(entry.inheritFrom) && entry.inheritFrom.includes(name) && heir !== name ? [heir] : [],
    );
    if (heirs.length > 0)
      throw refused(
        "already-exists",
        `Template ${name} stays: ${heirs.toSorted().slice(0, 5).join(", ")} ${heirs.length === 1 ? "stands" : "stand"} on it; delete or change ${heirs.length === 1 ? "that" : "those"} first.`,
      );
    await applied.remove(name);
    await told(scope, [name]);
    log.info({ template: name, by }, `template ${name} is deleted`);
    return { name };
  });
}

async function told({ applied }: ChangingScope, names: readonly string[]): Promise<void> {
  await applied.read();
  await applied.tell(names);
}

/** Reads what there is, and does it; again where somebody else wrote in between. */
async function unlessOvertaken<T>({ applied }: ChangingScope, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    await applied.read();
    try {
      return await work();
    } catch (error) {
      const isOvertaken = hasCode(error, "stale-revision", "already-exists") && error.retry !== "never";
      if (!isOvertaken || tries >= mostTries) throw error;
    }
  }
}

/** Raises `invalid-config` with every fault of these templates, and of those that were sound before. */
function check(
  { applied, file, brought }: ChangingScope,
  named: readonly { readonly name: string; readonly entry: WrittenTemplate }[],
): void {
  const names = new Set(named.map(({ name }) => name));
  if (names.size < named.length)
    throw refused("invalid-config", "Two of these templates have the same name; give each its own.");
  const part = file();
  const others = applied.entries().filter(({ value }) => !names.has(nameOf(value as WrittenTemplate)));
  const written = [...others, ...named.map(({ entry }) => asWritten(entry))];
  const isApplied = ({ origin }: BookFault): boolean => origin.kind === "applied";
  const before = bookOf(part, [...applied.entries(), ...brought()], plainWords).faults.filter(isApplied);
  const wrongBefore = new Set(before.map(({ template }) => template));
  const faults = bookOf(part, [...written, ...brought()], plainWords)
    .faults.filter(isApplied)
    .filter(({ template }) => template === null || names.has(template) || !wrongBefore.has(template));
  if (faults.length === 0) return;
  const lines = faults.slice(0, 50).map((fault) => `  ${toldFault(fault).sentence}`);
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  throw refused("invalid-config", `Nothing is applied: ${count}\n${lines.join("\n")}`);
}

function nameOf({ name }: WrittenTemplate): string {
  if (typeof name === "string" && name !== "" && name.length <= 100) return name;
  throw refused("invalid-config", "Each template must have a name of at most 100 characters; give it one.");
}

/** Why a template can't be deleted that was not applied. */
function notApplied({ file, brought, applied }: ChangingScope, name: string): KubestackError {
  const { templates } = bookOf(file(), [...applied.entries(), ...brought()], plainWords);
  const found = templates.find(({ config }) => config.name === name);
  return refused(
    "not-found",
    found === undefined
      ? `No template that was applied is called '${name}'; kubestackcmd templates list shows all.`
      : `Template ${name} is of ${toldOrigin(found.origin)}: remove it there.`,
  );
}

function refused(code: "invalid-config" | "not-found" | "already-exists", sentence: string): KubestackError {
  return new KubestackError(code, sentence, { retry: "never" });
}
