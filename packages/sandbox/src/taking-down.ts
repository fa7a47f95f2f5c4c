import { existsSync, rmSync } from "node:fs";
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { sentenceOf } from "@kubestack/contracts";
import { systemTiming } from "@kubestack/runtime";
import { killProcessesOf, processesOf } from "./process-search.ts";

interface End {
  /** In words for people; empty where it is not worth a word. */
  readonly what: string;
  readonly end: () => Promise<unknown>;
}

/** One that takes longer is left behind for the servers' end, which is by force. */
const endLimitMs = 6000;
/** How long processes that were told to end may take until they are found to be left over. */
const goneLimitMs = 3000;

/** Knows how everything that was started ends, in the opposite order, and looks afterwards whether it did. */
export class TakingDown {
  readonly #ends: End[] = [];
  readonly #say: (line: string) => void;
  #folder: string | undefined;
  #logFile: string | undefined;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  add(what: string, end: () => Promise<unknown>): void {
    this.#ends.push({ what, end });
  }

  /** The folder that everything of this world names. */
  watchFolder(folder: string): void {
    this.#folder = folder;
  }

  /** The log that is worth keeping where something went wrong. */
  keepLog(file: string): void {
    this.#logFile = file;
  }

  /** Copies the log to where the next failure's will replace it. Returns whether there is one. */
  async saveLog(file: string): Promise<boolean> {
    if (this.#logFile === undefined) return false;
    await mkdir(dirname(file), { recursive: true });
    return copyFile(this.#logFile, file).then(
      () => true,
      () => false,
    );
  }

  /** Ends everything. Returns whether all ended in good order and nothing is left, and says in lines what did not. */
  async run(): Promise<boolean> {
    let isGood = true;
    for (const { what, end } of this.#ends.splice(0).toReversed()) {
      const fault = await within(endLimitMs, end).then(() => undefined, sentenceOf);
      if (fault !== undefined) isGood = false;
      if (fault !== undefined) this.#say(`  ${what || "a part"}: ${fault}`);
      else if (what !== "") this.#say(`  ${what} ended`);
    }
    const left = await this.#look();
    for (const sentence of left) this.#say(sentence);
    if (left.length === 0) this.#say("nothing was left behind");
    return isGood && left.length === 0;
  }

  /** Ends what there is at once, without a word to anybody. */
  force(): void {
    if (this.#folder === undefined) return;
    killProcessesOf(this.#folder);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #look(): Promise<string[]> {
    const folder = this.#folder;
    if (folder === undefined) return [];
    const deadline = systemTiming.monotonic() + goneLimitMs;
    while (processesOf(folder).length > 0 && systemTiming.monotonic() < deadline) await systemTiming.sleep(50);
    const faults = killProcessesOf(folder).map(
      ({ pid, command }) => `Process ${pid} was left and had to be killed: ${command}`,
    );
    if (!existsSync(folder)) return faults;
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined);
    return [...faults, `The folder ${folder} was left${existsSync(folder) ? "" : " and is removed now"}.`];
  }
}

async function within(limitMs: number, end: () => Promise<unknown>): Promise<void> {
  const limit = new AbortController();
  const late = systemTiming.sleep(limitMs, limit.signal).then(() => {
    if (!limit.signal.aborted) throw new Error(`did not end within ${limitMs / 1000} s`);
  });
  try {
    await Promise.race([end(), late]);
  } finally {
    limit.abort();
  }
}
