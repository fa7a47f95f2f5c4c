import { readFile } from "node:fs/promises";
import {
  fileOf,
  type LoadOptions,
  type ReadConfiguration,
  type ReadFile,
  readConfiguration,
} from "@kubestack/configuration";
import { sentenceOf } from "@kubestack/contracts";
import type { Logger } from "@kubestack/runtime";
import { changesBetween, toldChanges } from "./changes.ts";
import { afterReading, type FileReadings, noReadings } from "./file-readings.ts";

export interface FollowerOptions {
  /** What runs. */
  readonly read: ReadFile;
  readonly source: LoadOptions;
  readonly log: Logger;
}

/**
 * Follows the configuration file by its content, whoever replaces it and however: an editor, or a ConfigMap, whose file is a
 * link to a folder that is swapped. What is wrong is told, and what runs goes on.
 */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #file: string;
  #read: ReadConfiguration;
  #readings: FileReadings = noReadings;
  #problem: string | undefined;
  #atNextStart: readonly string[] = [];
  readonly #told = new Set<string>();

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#read = options.read;
    this.#file = fileOf(options.source);
    this.#tellAbout(options.read);
  }

  /** What runs now. */
  get read(): ReadConfiguration {
    return this.#read;
  }

  /** What a person has to mend about the file, each as a sentence. */
  get notes(): readonly string[] {
    const keys = this.#atNextStart.join(", ");
    return [
      ...(this.#problem === undefined ? [] : [this.#problem]),
      ...(keys === ""
        ? []
        : [`${this.#file} has another ${keys}, which only a new start takes up; start this process anew`]),
    ];
  }

  /** Looks at the file; says whether something in it was taken up. */
  async look(): Promise<boolean> {
    const text = await readFile(this.#file, "utf8").catch(() => null);
    const { readings, isNews } = afterReading(this.#readings, text);
    this.#readings = readings;
    return isNews && this.#takeUp();
  }

  async #takeUp(): Promise<boolean> {
    const { log, source } = this.#options;
    let read: ReadFile;
    try {
      read = await readConfiguration(source);
    } catch (error) {
      const faults = faultsIn(sentenceOf(error));
      const problem = wrongFile(this.#file, faults);
      if (problem !== this.#problem) log.error({ file: this.#file, faults }, problem);
      this.#problem = problem;
      return false;
    }
    if (this.#problem !== undefined) log.info({ file: this.#file }, `${this.#file} is sound again`);
    this.#problem = undefined;
    this.#tellAbout(read);
    const running = this.#read.configuration;
    const changes = changesBetween(running, read.configuration);
    const told = toldChanges(changes);
    const { atNextStart } = changes;
    if (atNextStart.length > 0 && atNextStart.join() !== this.#atNextStart.join())
      log.warn(
        { file: this.#file },
        `${atNextStart.join(", ")} changed in ${this.#file}: only a new start takes that up`,
      );
    this.#atNextStart = atNextStart;
    // Those keys stay what they were at the start, so that each later reading is compared with what runs.
    const { install, nats, kubernetes, listen } = running;
    this.#read = { ...read, configuration: { ...read.configuration, install, nats, kubernetes, listen } };
    if (told === "") return false;
    if (changes.logLevel) log.level = read.configuration.log.level;
    log.info({ file: this.#file }, `the changed configuration is taken up: ${told}`);
    return true;
  }

  /** What is to be known of the file itself, each thing once while this process runs. */
  #tellAbout({ isOriginal, warnings }: ReadFile): void {
    const { log } = this.#options;
    const form = `${this.#file} has the form of the original KubeStack: its Jenkins is master default; kubestackcmd config check ${this.#file} prints it in today's form`;
    const news = [...(isOriginal ? [form] : []), ...warnings].filter((sentence) => !this.#told.has(sentence));
    for (const sentence of news) {
      this.#told.add(sentence);
      log[sentence === form ? "info" : "warn"]({ file: this.#file }, sentence);
    }
  }
}

/** Every fault of a wrong file, each as path, value, rule and remedy in one line; examples below them are left out. */
function faultsIn(told: string): string[] {
  const [head = "", ...lines] = told
    .split("\n")
    .filter((line) => !/^ {8}/.test(line))
    .map((line) => line.trim());
  if (lines.length === 0) return [head];
  return lines.flatMap((line, at) => (at % 2 === 0 ? [`${line}: ${lines[at + 1] ?? ""}`] : []));
}

/** The first fault, in one sentence. */
function wrongFile(file: string, [first, ...others]: readonly string[]): string {
  const more = others.length === 0 ? "" : `, and ${others.length} more`;
  return `${file} is wrong (${first}${more}): what ran before goes on; kubestackcmd config check ${file} tells every fault`;
}
