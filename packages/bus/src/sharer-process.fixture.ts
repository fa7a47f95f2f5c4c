import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const fixture = fileURLToPath(new URL("sharer.fixture.ts", import.meta.url));

interface Change {
  readonly master: string;
  readonly held: boolean;
  readonly at: number;
  readonly predecessor?: { readonly process: string; readonly silentMs: number };
}

/** When a process began or ceased to believe in a lease. */
export interface Belief {
  readonly master: string;
  readonly believes: boolean;
  readonly at: number;
}

/** A process of its own that shares masters, as `sharer.fixture.ts` does, and what it said so far. */
export class Sharer {
  readonly child: ChildProcess;
  /** What it was told of its leases. */
  readonly changes: Change[] = [];
  readonly beliefs: Belief[] = [];
  name = "";
  readonly #masters: readonly string[];

  constructor(url: string, masters: readonly string[]) {
    this.#masters = masters;
    this.child = spawn(process.execPath, [fixture, url, String(masters.length)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => {
      const said = JSON.parse(line) as Partial<Change & Belief> & { process?: string };
      if (said.process !== undefined) this.name = said.process;
      else if (said.believes === undefined) this.changes.push(said as Change);
      else this.beliefs.push(said as Belief);
    });
  }

  get holds(): string[] {
    return this.#masters.filter((master) => this.changes.findLast((change) => change.master === master)?.held === true);
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGCONT");
    this.child.kill(signal);
    await ended;
  }
}
