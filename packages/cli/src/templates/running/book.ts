import type { Bus } from "@kubestack/bus";
import { commands, type TemplateBookTold } from "@kubestack/contracts";

const answerMs = 5000;

/** The templates in force, as all slave-supervisors tell them; undefined where none answers. */
export async function askBook(bus: Bus): Promise<TemplateBookTold | undefined> {
  return mergedBook(await bus.requestAll(commands.templates, {}, { timeoutMs: answerMs }));
}

/**
 * What all processes tell, as one: each template and each fault once. Between two of them there is a difference for some seconds
 * after a change, and for as long as one can't read what the other reads.
 */
export function mergedBook(books: readonly TemplateBookTold[]): TemplateBookTold | undefined {
  if (books.length === 0) return undefined;
  const templates = new Map(
    books.flatMap((book) => book.templates.map((one) => [one.name, one] as const)).toReversed(),
  );
  const faults = new Map(books.flatMap((book) => book.faults.map((fault) => [fault.sentence, fault] as const)));
  const names = new Set(books.flatMap((book) => book.templates.map(({ name }) => name)));
  return {
    templates: [...names].flatMap((name) => templates.get(name) ?? []),
    faults: [...faults.values()],
    moreFaults: Math.max(...books.map(({ moreFaults }) => moreFaults)),
  };
}
