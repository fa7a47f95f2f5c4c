import { printPath } from "@kubestack/runtime";

/** What becomes of a field: the same, something else, or nothing. */
export type Verdict = "exact" | "changed" | "lost";
export const verdicts: readonly Verdict[] = ["exact", "changed", "lost"];

/** Keys and positions, from the top of what is imported. */
export type Path = readonly (string | number)[];

/** What became of one field. */
export interface ReportLine {
  /** Where it stands, from the top of the file (of the document in it, where that is not the whole file). */
  readonly path: Path;
  readonly verdict: Verdict;
  /** What it is now, or why not; no value that might be a secret. */
  readonly says: string;
}

/** The lines of one template or cloud. */
export interface ReportGroup {
  readonly name: string;
  /** Where it stands; its lines are below that. */
  readonly path: Path;
  readonly lines: readonly ReportLine[];
}

/** What was read, field by field. */
export interface ImportReport {
  readonly groups: readonly ReportGroup[];
  /** What holds for all of it, and what was not read at all. */
  readonly notes: readonly string[];
  /** What somebody has to fill in, by the place in the result. */
  readonly toDo: readonly ToDo[];
  readonly counts: Readonly<Record<Verdict, number>>;
}

/** Something that the file could not say. */
export interface ToDo {
  readonly path: Path;
  readonly says: string;
}

interface OpenGroup extends ReportGroup {
  name: string;
  readonly lines: ReportLine[];
  /** Places in `lines` by the printed path. */
  readonly places: Map<string, number>;
}

function rank(verdict: Verdict): number {
  return verdicts.indexOf(verdict);
}

/** Collects a report while something is read. */
export class Reporter {
  readonly #groups: OpenGroup[] = [];
  readonly #notes: string[] = [];
  readonly #toDo: ToDo[] = [];

  /** A group; what is read below it tells its lines there. */
  group(name: string, path: Path): Place {
    const group: OpenGroup = { name, path, lines: [], places: new Map() };
    this.#groups.push(group);
    return new Place(path, group);
  }

  note(says: string): void {
    if (!this.#notes.includes(says)) this.#notes.push(says);
  }

  toDo(path: Path, says: string): void {
    this.#toDo.push({ path, says });
  }

  report(): ImportReport {
    const counts = { exact: 0, changed: 0, lost: 0 };
    for (const { lines } of this.#groups) for (const { verdict } of lines) counts[verdict] += 1;
    const groups = this.#groups.map(({ name, path, lines }) => ({ name, path, lines }));
    return { groups, notes: this.#notes, toDo: this.#toDo, counts };
  }
}

/** A place in what is imported, where something can be said of it. */
export class Place {
  readonly path: Path;
  readonly #group: OpenGroup;

  constructor(path: Path, group: OpenGroup) {
    this.path = path;
    this.#group = group;
  }

  inner(...keys: Path): Place {
    return new Place([...this.path, ...keys], this.#group);
  }

  /** The group's name, once it is known. */
  rename(name: string): void {
    this.#group.name = name;
  }

  exact(says: string): void {
    this.#say("exact", says);
  }

  changed(says: string): void {
    this.#say("changed", says);
  }

  lost(says: string): void {
    this.#say("lost", says);
  }

  say(verdict: Verdict, says: string): void {
    this.#say(verdict, says);
  }

  /** Of one field the worst is told once: that it is lost says more than that it was read. */
  #say(verdict: Verdict, says: string): void {
    const { lines, places } = this.#group;
    const key = printPath(this.path);
    const at = places.get(key);
    const before = at === undefined ? undefined : lines[at];
    if (at === undefined || before === undefined) {
      places.set(key, lines.length);
      lines.push({ path: this.path, verdict, says });
    } else if (rank(verdict) > rank(before.verdict) && before.verdict === "exact")
      lines[at] = { ...before, verdict, says };
    else if (verdict !== "exact" && before.says !== says)
      lines[at] = {
        ...before,
        verdict: verdicts[Math.max(rank(verdict), rank(before.verdict))] ?? verdict,
        says: `${before.says}; ${says}`,
      };
  }

  toString(): string {
    return printPath(this.path);
  }
}
