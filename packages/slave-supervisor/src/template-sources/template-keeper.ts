import { isDeepStrictEqual } from "node:util";
import type { Bus, Service } from "@kubestack/bus";
import { commands, sentenceOf, type TemplateBookTold, type TemplateFault, toldFaults } from "@kubestack/contracts";
import type { Cluster } from "@kubestack/kubernetes";
import { type Logger, plainWords } from "@kubestack/runtime";
import {
  bookOf,
  type FileTemplates,
  imageOf,
  originWord,
  type TemplateBook,
  type TemplateConfig,
} from "@kubestack/templates";
import { AppliedTemplates } from "./applied-templates.ts";
import { applyTemplates, deleteTemplate } from "./changing-templates.ts";
import { ConfigMaps } from "./config-maps.ts";
import { toldFault } from "./told-fault.ts";

/** What comes together within this time, in milliseconds, is put together once. */
const togetherMs = 100;
/** So long a start waits for what is elsewhere, in milliseconds; it is taken up whenever it comes. */
const patienceMs = 5_000;
/** So many faults are told among what a person has to mend. */
const toldInNotes = 10;

export interface TemplateKeeperOptions {
  readonly bus: Bus;
  readonly service: Service;
  readonly cluster: Cluster;
  readonly log: Logger;
  readonly file: FileTemplates;
  /** Told of the templates whenever they are others. */
  readonly onChange: (templates: readonly TemplateConfig[]) => void;
}

/** Keeps the templates of all sources together while they change. */
export class TemplateKeeper {
  readonly #options: TemplateKeeperOptions;
  readonly #applied: AppliedTemplates;
  readonly #configMaps: ConfigMaps;
  readonly #ends: (() => void)[] = [];
  #file: FileTemplates;
  #book: TemplateBook = { templates: [], faults: [] };
  #told: ReadonlySet<string> = new Set();
  #pending: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(options: TemplateKeeperOptions) {
    this.#options = options;
    this.#file = options.file;
    const { bus, cluster, log } = options;
    const onChange = (): void => this.#soon();
    this.#applied = new AppliedTemplates({ bus, log, onChange });
    this.#configMaps = new ConfigMaps({ cluster, log, onChange });
  }

  /** Follows all sources; resolves when each was read, or after some seconds. */
  async begin(): Promise<void> {
    const { service } = this.#options;
    this.#applied.begin();
    this.#follow();
    const scope = {
      applied: this.#applied,
      log: this.#options.log,
      file: () => this.#file,
      brought: () => this.#configMaps.entries(),
    };
    let turn: Promise<unknown> = Promise.resolve();
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const done = turn.then(work);
      turn = done.catch(() => undefined);
      return done;
    };
    this.#ends.push(
      service.answer(commands.applyTemplates, (request) => inTurn(() => applyTemplates(scope, request))),
      service.answer(commands.deleteTemplate, (request) => inTurn(() => deleteTemplate(scope, request))),
      service.answer(commands.templates, () => this.told()),
    );
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    await Promise.race([late, Promise.all([this.#applied.look(), this.#configMaps.whole()])]);
    clearTimeout(timer);
    this.#putTogether();
  }

  /** Another configuration file. */
  change(file: FileTemplates): void {
    this.#file = file;
    this.#follow();
    this.#putTogether();
  }

  /** Whether every source was read: before that a template that is not known may only not be known yet. */
  get isWhole(): boolean {
    return this.#applied.isWhole && this.#configMaps.isWhole;
  }

  get templates(): readonly TemplateConfig[] {
    return this.#book.templates.map(({ config }) => config);
  }

  /** What a person has to mend, each as a sentence. */
  get notes(): readonly string[] {
    const faults = this.#faults();
    const more = faults.length - toldInNotes;
    return [
      ...faults.slice(0, toldInNotes).map(({ sentence }) => sentence),
      ...(more > 0 ? [`${more} more faults of templates; kubestackcmd templates list shows them`] : []),
    ];
  }

  /** All of it, for people. */
  told(): TemplateBookTold {
    const faults = this.#faults();
    return {
      templates: this.#book.templates.map(({ config, origin }) => {
        const { name, labels, unlabelled, masters, jobs } = config;
        const kept = origin.kind === "applied" ? this.#applied.kept.get(name)?.value : undefined;
        return {
          ...{ name, unlabelled, from: originWord(origin) },
          ...{ labels: [...labels], masters: [...masters], image: imageOf(config) ?? null },
          ...(jobs === undefined ? {} : { jobs: [...jobs] }),
          ...(kept === undefined ? {} : { applied: { by: kept.by, at: kept.at } }),
        };
      }),
      faults: faults.slice(0, toldFaults),
      moreFaults: Math.max(0, faults.length - toldFaults),
    };
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#pending);
    for (const end of this.#ends.splice(0)) end();
    await Promise.all([this.#applied.stop(), this.#configMaps.stop()]);
  }

  #follow(): void {
    this.#configMaps.follow(this.#file.sources.configMaps.map(({ namespace }) => namespace));
  }

  #faults(): TemplateFault[] {
    return [...this.#applied.faults(), ...this.#configMaps.faults(), ...this.#book.faults.map(toldFault)];
  }

  #soon(): void {
    if (this.#isOver) return;
    this.#pending ??= setTimeout(() => {
      this.#pending = undefined;
      this.#putTogether();
    }, togetherMs);
  }

  #putTogether(): void {
    const { log, onChange } = this.#options;
    const before = this.#book;
    try {
      this.#book = bookOf(this.#file, [...this.#applied.entries(), ...this.#configMaps.entries()], plainWords);
    } catch (error) {
      // What nobody thought of must not end a process that slaves hang on.
      log.error(`the templates can't be put together: ${sentenceOf(error)}; what was known before stays in force`);
      return;
    }
    this.#tell();
    if (isDeepStrictEqual(before.templates, this.#book.templates)) return;
    const elsewhere = this.#book.templates.length - this.#file.entries.length;
    log.info({ templates: this.#book.templates.length, elsewhere }, "the templates are others now");
    onChange(this.templates);
  }

  /** Each fault once, while it lasts. */
  #tell(): void {
    const { log } = this.#options;
    const faults = this.#faults();
    for (const { from, sentence } of faults) if (!this.#told.has(sentence)) log.warn({ from }, sentence);
    this.#told = new Set(faults.map(({ sentence }) => sentence));
  }
}
