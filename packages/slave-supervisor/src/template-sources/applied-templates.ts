import type { BucketInfo, Bus, ReadEntry } from "@kubestack/bus";
import {
  channels,
  hasCode,
  type KeptTemplate,
  keptTemplateVersion,
  keys,
  sentenceOf,
  subjects,
  type TemplateFault,
  type WrittenTemplate,
} from "@kubestack/contracts";
import type { Logger } from "@kubestack/runtime";
import type { WrittenEntry } from "@kubestack/templates";

/** Between two looks whether something was written, in milliseconds; whoever writes tells it besides. */
const everyMs = 5_000;

export interface AppliedTemplatesOptions {
  readonly bus: Bus;
  readonly log: Logger;
  /** Told that something is different. */
  readonly onChange: () => void;
}

type Kept = ReadonlyMap<string, ReadEntry<KeptTemplate>>;

/**
 * The templates in NATS, followed: by the word of whoever writes, and by looking at the bucket every few seconds. While it
 * can't be read what was known stays. Where it was lost it is written anew by whoever still knows what was in it.
 */
export class AppliedTemplates {
  readonly #options: AppliedTemplatesOptions;
  readonly #ends: (() => void)[] = [];
  #kept: Kept = new Map();
  #unreadable: readonly string[] = [];
  #info: BucketInfo | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AppliedTemplatesOptions) {
    this.#options = options;
  }

  /** Follows them from now on. */
  begin(): void {
    const { bus } = this.#options;
    const look = (): void => void this.look();
    const timer = setInterval(look, everyMs);
    this.#ends.push(
      () => clearInterval(timer),
      bus.subscribe(channels.templates, subjects.templates, look),
      bus.onReconnect(look),
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.splice(0)) end();
    await this.#turn;
  }

  /** Whether they were read once. */
  get isWhole(): boolean {
    return this.#info !== undefined;
  }

  /** What was applied, by name. */
  get kept(): Kept {
    return this.#kept;
  }

  entries(): WrittenEntry[] {
    return [...this.#kept.values()].flatMap(({ value }) => (isNewer(value) ? [] : [asWritten(value.entry)]));
  }

  faults(): TemplateFault[] {
    const newer = [...this.#kept.values()].flatMap(({ value }) =>
      isNewer(value)
        ? [
            {
              template: value.name,
              sentence: `template ${value.name} was applied by a newer release; upgrade this process`,
            },
          ]
        : [],
    );
    const unreadable = this.#unreadable.map((sentence) => ({ template: null, sentence }));
    return [...newer, ...unreadable].map((fault) => ({ from: "applied", ...fault }));
  }

  /** Reads them where something was written since; what fails is tried again by the next look. */
  async look(): Promise<void> {
    await this.read().catch((error: unknown) =>
      this.#options.log.debug(`the applied templates can't be read: ${sentenceOf(error)}`),
    );
  }

  /** The same; raises what fails. */
  read(): Promise<void> {
    const done = this.#turn.then(() => this.#readNow());
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #readNow(): Promise<void> {
    const { bus, log, onChange } = this.#options;
    const info = await bus.templates.info();
    const known = this.#info;
    if (known !== undefined && known.madeAt === info.madeAt && known.lastRevision === info.lastRevision) return;
    const unreadable: string[] = [];
    const list = await bus.templates.list(undefined, ({ message }) => void unreadable.push(message));
    if (known !== undefined && known.madeAt !== info.madeAt && list.length === 0 && this.#kept.size > 0) {
      log.warn({ templates: this.#kept.size }, "the store of applied templates was lost: they are written anew");
      await this.#writeAnew();
      return;
    }
    this.#kept = new Map(list.map((entry) => [entry.value.name, entry]));
    this.#unreadable = unreadable;
    this.#info = info;
    onChange();
  }

  /** Several processes may do it at once. What was written meanwhile stays. The next look reads them. */
  async #writeAnew(): Promise<void> {
    const { bus } = this.#options;
    for (const { value } of this.#kept.values())
      await bus.templates.create(keys.template(value.name), value).catch((error: unknown) => {
        if (!hasCode(error, "already-exists")) throw error;
      });
  }

  /** Keeps a template that was checked; `stale-revision` or `already-exists` where somebody else did something to it since it was read. */
  async write(name: string, entry: WrittenTemplate, by: string): Promise<void> {
    const { bus } = this.#options;
    const value = { version: keptTemplateVersion, name, entry, by, at: bus.clock.now() };
    const known = this.#kept.get(name);
    if (known === undefined) await bus.templates.create(keys.template(name), value);
    else await bus.templates.update(known, value);
  }

  /** Takes one away; `stale-revision` where somebody else did something to it since it was read. */
  async remove(name: string): Promise<void> {
    const known = this.#kept.get(name);
    if (known !== undefined) await this.#options.bus.templates.remove(known.key, known.revision);
  }

  /** Tells every process that they have changed. */
  async tell(names: readonly string[]): Promise<void> {
    const { bus } = this.#options;
    await bus.publish(channels.templates, subjects.templates, { names: [...names] }).catch(() => undefined);
  }
}

/** An entry as one that was applied. */
export function asWritten(entry: WrittenTemplate): WrittenEntry {
  return { origin: { kind: "applied" }, value: entry, place: "" };
}

function isNewer({ version }: KeptTemplate): boolean {
  return version > keptTemplateVersion;
}
