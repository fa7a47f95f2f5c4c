import { hasCode } from "@kubestack/contracts";
import type { Connection } from "../connection/connection.ts";

interface Page<T> {
  readonly items?: readonly T[] | null;
  readonly metadata?: { readonly continue?: string };
}

const pageSize = 500;
const mostRestarts = 3;

/** Reads all pages of a collection; begins again, at most three times, where the next page has expired. */
export async function readPages<T>(
  connection: Connection,
  path: string,
  labelSelector: string | undefined,
): Promise<T[]> {
  for (let restarts = 0; ; restarts += 1) {
    const all: T[] = [];
    let next: string | undefined;
    try {
      do {
        const query = { labelSelector, limit: pageSize, continue: next };
        const page: Page<T> = await connection.request<Page<T>>({ method: "GET", path, query });
        all.push(...(page.items ?? []));
        next = page.metadata?.continue || undefined;
      } while (next !== undefined);
      return all;
    } catch (error) {
      if (!hasCode(error, "stale-revision") || restarts >= mostRestarts) throw error;
    }
  }
}
