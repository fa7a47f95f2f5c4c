/** One value, as it was told. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Measures as they were told, with their samples. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What was told, for tests. */
export interface Told {
  readonly families: ReadonlyMap<string, Family>;
  /** The sum of the samples of this name whose labels are these, among others; undefined where there is none. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number | undefined;
}

const sampleForm = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const labelForm = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
const suffixes = { histogram: ["_bucket", "_sum", "_count"], counter: [""], gauge: [""] } as const;

/** Reads the text form of Prometheus, strictly: raises at the first line that is not as it must be. For tests. */
export function readExposition(text: string): Told {
  if (!text.endsWith("\n")) throw new SyntaxError("The text does not end with a line feed.");
  const families = new Map<string, Family & { samples: Sample[] }>();
  const helps = new Map<string, string>();
  let family: (Family & { samples: Sample[] }) | undefined;
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [, word, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === "HELP") helps.set(name, rest);
    else if (word === "TYPE") {
      const help = helps.get(name);
      if (help === undefined || families.has(name)) throw new SyntaxError(`No HELP before, or told twice: ${line}`);
      family = { name, type: rest, help, samples: [] };
      families.set(name, family);
    } else family?.samples.push(sampleOf(line, family));
    if (word === undefined && family === undefined) throw new SyntaxError(`It belongs to no TYPE: ${line}`);
  }
  for (const { type, samples, name } of families.values()) if (type === "histogram") checkHistogram(name, samples);
  const all = [...families.values()].flatMap(({ samples }) => samples);
  return {
    families,
    sum: (name, labels = {}) => {
      const meant = all.filter(
        (one) => one.name === name && Object.entries(labels).every(([label, value]) => one.labels[label] === value),
      );
      return meant.length === 0 ? undefined : meant.reduce((total, { value }) => total + value, 0);
    },
  };
}

function sampleOf(line: string, { name: of, type }: Family): Sample {
  const [, name = "", inner = "", written = ""] = sampleForm.exec(line) ?? [];
  const allowed: readonly string[] = suffixes[type as keyof typeof suffixes] ?? [];
  const value = written === "+Inf" ? Number.POSITIVE_INFINITY : Number(written);
  if (!allowed.some((suffix) => name === `${of}${suffix}`) || (Number.isNaN(value) && written !== "NaN"))
    throw new SyntaxError(`It is no sample of ${of}, a ${type}: ${line}`);
  return { name, labels: labelsOf(inner, line), value };
}

function labelsOf(inner: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  labelForm.lastIndex = 0;
  let at = 0;
  while (at < inner.length) {
    const [found = "", name = "", value = ""] = labelForm.exec(inner) ?? [];
    if (found === "" || Object.hasOwn(labels, name))
      throw new SyntaxError(`Its labels are not as they must be: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    at += found.length;
  }
  return labels;
}

/** Buckets count up, and the last one holds all. */
function checkHistogram(name: string, samples: readonly Sample[]): void {
  const series = Map.groupBy(samples, ({ labels: { le: _, ...labels } }) => JSON.stringify(labels));
  for (const [labels, of] of series) {
    const buckets = of.filter((one) => one.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels: { le = "" } }) => (le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le)));
    const count = of.find((one) => one.name === `${name}_count`)?.value;
    const isRising = buckets.every(
      ({ value }, at) =>
        at === 0 || (value >= (buckets[at - 1]?.value ?? 0) && (bounds[at] ?? 0) > (bounds[at - 1] ?? 0)),
    );
    if (!isRising || bounds.at(-1) !== Number.POSITIVE_INFINITY || buckets.at(-1)?.value !== count)
      throw new SyntaxError(`The buckets of ${name} ${labels} do not add up.`);
  }
}
