import { hasCode } from "@kubestack/contracts";

interface Page<T> {
  readonly items: readonly T[];
  readonly metadata?: { readonly _continue?: string };
}

const pageSize = 500;
const mostRestarts = 3;

/** Reads all pages of a list; begins again, at most three times, where the next page has expired. */
export async function readPages<T>(
  read: (page: { limit: number; _continue?: string }) => Promise<Page<T>>,
): Promise<T[]> {
  for (let restarts = 0; ; restarts += 1) {
    const all: T[] = [];
    let next: string | undefined;
    try {
      do {
        const page = await read({ limit: pageSize, ...(next === undefined ? {} : { _continue: next }) });
        all.push(...page.items);
        next = page.metadata?._continue || undefined;
      } while (next !== undefined);
      return all;
    } catch (error) {
      if (!hasCode(error, "stale-revision") || restarts >= mostRestarts) throw error;
    }
  }
}
