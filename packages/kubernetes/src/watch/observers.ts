import type { ObjectChange } from "./object-cache.ts";

type Handler<T> = (change: ObjectChange<T>) => void;

/** Who is told of changes, kept apart from each other: what one throws reaches `onError` and nobody else. */
export function createObservers<T>(first: {
  readonly onEvent?: Handler<T>;
  readonly onError?: (error: unknown) => void;
}) {
  const handlers = new Set<Handler<T>>(first.onEvent ? [first.onEvent] : []);

  function report(error: unknown): void {
    try {
      first.onError?.(error);
    } catch {
      // The place to report to is itself broken: nobody is left to tell, and the source must live.
    }
  }

  return {
    report,
    tell(changes: readonly ObjectChange<T>[]): void {
      for (const change of changes)
        for (const handler of handlers)
          try {
            handler(change);
          } catch (error) {
            report(error);
          }
    },
    /** Answers a function that takes the handler away. */
    add(handler: Handler<T>): () => void {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    clear: () => handlers.clear(),
  };
}
