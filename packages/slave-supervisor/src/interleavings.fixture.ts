/** Waits for this process's turn: called before everything that leaves it. */
export type Turn = () => Promise<void>;

/** What one run shows: called after each step, and at the end; raises where something is wrong. */
export interface Interleaved {
  readonly processes: readonly ((turn: Turn) => Promise<void>)[];
  readonly afterStep: () => void;
  readonly atEnd: () => void;
}

class Stepped {
  readonly #waiting: (() => void)[] = [];
  #isOver = false;
  error: unknown;

  constructor(process: (turn: Turn) => Promise<void>) {
    process(() => new Promise((resolve) => this.#waiting.push(resolve)))
      .catch((error: unknown) => {
        this.error = error;
      })
      .finally(() => {
        this.#isOver = true;
      });
  }

  get isReady(): boolean {
    return this.#waiting.length > 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  step(): void {
    this.#waiting.shift()?.();
  }
}

/** Everything that came of the last step is done: nothing in these processes waits for anything but its turn. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Runs processes that are alike in every order in which their steps can follow each other, from the beginning each time, and
 * returns how many orders there are. Whichever begins is called the first. What fails is raised with the order in which it did: the number of the process at each step.
 */
export async function everyInterleaving(begin: () => Interleaved): Promise<number> {
  let count = 0;
  for (let next: number[] | undefined = []; next !== undefined; count += 1) next = await runOnce(begin(), next);
  return count;
}

/** Runs one order: the given one as far as it goes, then always the first that can go on. Returns the order to try after it. */
async function runOnce({ processes, afterStep, atEnd }: Interleaved, prefix: readonly number[]) {
  const stepped = processes.map((process) => new Stepped(process));
  const order: number[] = [];
  const couldGo: number[][] = [];
  try {
    for (;;) {
      await settled();
      afterStep();
      const ready = stepped.flatMap((one, number) => (one.isReady ? [number] : []));
      const [first] = ready;
      if (first === undefined) break;
      const chosen = prefix[order.length] ?? first;
      order.push(chosen);
      couldGo.push(ready);
      stepped[chosen]?.step();
    }
    for (const { error, isOver } of stepped) if (error !== undefined || !isOver) throw error ?? new Error("it hangs");
    atEnd();
  } catch (cause) {
    throw new Error(`steps of the processes: ${order.join("")}`, { cause });
  }
  return after(order, couldGo);
}

function after(order: readonly number[], couldGo: readonly number[][]): number[] | undefined {
  for (let at = order.length - 1; at > 0; at -= 1) {
    const other = couldGo[at]?.find((number) => number > (order[at] ?? 0));
    if (other !== undefined) return [...order.slice(0, at), other];
  }
  return undefined;
}
