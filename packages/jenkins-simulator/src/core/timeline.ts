/** What is to happen at some time of the master's own clock. */
interface Appointment {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Things to come, earliest first; those of one instant in the order in which they were made. */
export interface Timeline {
  /** Calls `run` once at `atMs`; the answer takes it back. */
  at(atMs: number, run: () => void): () => void;
  /** The time of the next thing to come, or null. */
  nextAtMs(): number | null;
  /** Takes out what is due by `nowMs`, one at a time; null where nothing is. */
  take(nowMs: number): { readonly atMs: number; readonly run: () => void } | null;
  /** Calls `listener` whenever the next thing to come is another, earlier one. */
  watch(listener: () => void): void;
}

/** A binary heap: a master of thousands of builds makes thousands of appointments. */
export function createTimeline(): Timeline {
  const heap: Appointment[] = [];
  const cancelled = new WeakSet<Appointment>();
  let made = 0;
  let watcher: (() => void) | undefined;

  const isEarlier = (a: Appointment, b: Appointment) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
  const swap = (a: number, b: number) => {
    const kept = heap[a] as Appointment;
    heap[a] = heap[b] as Appointment;
    heap[b] = kept;
  };
  function rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!isEarlier(heap[at] as Appointment, heap[parent] as Appointment)) return;
      swap(at, parent);
      at = parent;
    }
  }
  function sink(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isEarlier(heap[child] as Appointment, heap[least] as Appointment)) least = child;
      }
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  }
  function pop(): Appointment | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && last !== first) {
      heap[0] = last;
      sink();
    }
    return first;
  }
  function dropCancelled(): void {
    while (heap[0] !== undefined && cancelled.has(heap[0])) pop();
  }

  return {
    at(atMs, run) {
      const appointment = { atMs, order: made++, run };
      heap.push(appointment);
      rise(heap.length - 1);
      if (heap[0] === appointment) watcher?.();
      return () => cancelled.add(appointment);
    },
    nextAtMs() {
      dropCancelled();
      return heap[0]?.atMs ?? null;
    },
    take(nowMs) {
      dropCancelled();
      const first = heap[0];
      if (first === undefined || first.atMs > nowMs) return null;
      pop();
      return first;
    },
    watch(listener) {
      watcher = listener;
    },
  };
}
