import { jobMatcher } from "@kubestack/contracts";
import type { LaunchTemplate } from "./shortfall.ts";

/** From which templates something may be served. */
interface Choosable {
  readonly able: readonly { readonly template: LaunchTemplate }[];
  /** The first that would serve it, if only it were another job's. */
  readonly closed?: LaunchTemplate;
}

/** Choices of one wish, by who asks. */
interface Narrowed<Choice> {
  readonly byJob: Map<string, Choice>;
  /** By which of the templates the job may use. */
  readonly byAllowed: Map<string, Choice>;
}

/** Narrows the choice of a wish to the templates that a job may use. Jobs that may use the same ones share one choice. */
export class JobChoices<Choice extends Choosable> {
  readonly #matchers = new Map<LaunchTemplate, (job: string) => boolean>();
  /** Undefined of a choice in which jobs make no difference. */
  readonly #narrowed = new Map<Choice, Narrowed<Choice> | undefined>();

  of(whole: Choice, job: string): Choice {
    if (!this.#narrowed.has(whole)) {
      const isLimited = whole.able.some(({ template }) => template.jobs !== undefined);
      this.#narrowed.set(whole, isLimited ? { byJob: new Map(), byAllowed: new Map() } : undefined);
    }
    const narrowed = this.#narrowed.get(whole);
    if (narrowed === undefined) return whole;
    const choice = narrowed.byJob.get(job) ?? this.#narrow(whole, job, narrowed.byAllowed);
    narrowed.byJob.set(job, choice);
    return choice;
  }

  #narrow(whole: Choice, job: string, byAllowed: Map<string, Choice>): Choice {
    const may = whole.able.map(({ template }) => this.#serves(template, job));
    const key = may.join(" ");
    const closed = whole.able.find((_, at) => may[at] === false)?.template;
    const choice = byAllowed.get(key) ?? {
      ...whole,
      able: whole.able.filter((_, at) => may[at] === true),
      ...(closed === undefined ? {} : { closed }),
    };
    byAllowed.set(key, choice);
    return choice;
  }

  #serves(template: LaunchTemplate, job: string): boolean {
    if (template.jobs === undefined) return true;
    const matches = this.#matchers.get(template) ?? jobMatcher(template.jobs);
    this.#matchers.set(template, matches);
    return matches(job);
  }
}
