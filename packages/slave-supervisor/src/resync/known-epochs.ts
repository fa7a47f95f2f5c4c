/** The epochs that each master's slaves have had: a set for each master, the newest last. */
export type KnownEpochs = ReadonlyMap<string, readonly string[]>;

/** So many epochs of a master are kept, the newest: each but the first took a store that was lost or put back. */
const epochLimit = 16;
/** So much text is kept, in characters: the API server allows 256 KiB of annotations on one object. */
const textLimit = 128 * 1024;

/** What an annotation says; nothing where it is none of ours to read. Whatever can't be an epoch is left out. */
export function epochsIn(text: string | undefined): KnownEpochs {
  try {
    const read: unknown = JSON.parse(text ?? "{}");
    if (typeof read !== "object" || read === null) return new Map();
    return new Map(
      Object.entries(read).map(([master, epochs]) => [
        master,
        Array.isArray(epochs) ? epochs.filter((epoch) => typeof epoch === "string" && /^[0-9a-v]{4}$/.test(epoch)) : [],
      ]),
    );
  } catch {
    return new Map();
  }
}

/** Both, and without the masters that are left. */
export function merged(one: KnownEpochs, other: KnownEpochs, left: ReadonlySet<string> = new Set()): KnownEpochs {
  const masters = new Set([...one.keys(), ...other.keys()]);
  return new Map(
    [...masters]
      .filter((master) => !left.has(master))
      .map((master) => {
        const epochs = new Set([...(one.get(master) ?? []), ...(other.get(master) ?? [])]);
        return [master, [...epochs].slice(-epochLimit)];
      }),
  );
}

/** Whether all of these are known of the master. */
export function knows(known: KnownEpochs, master: string, epochs: readonly string[]): boolean {
  const its = new Set(known.get(master));
  return epochs.slice(-epochLimit).every((epoch) => its.has(epoch));
}

/** The annotation's text. Where it would be too long, the oldest epochs are left out, of every master alike. */
export function textOf(known: KnownEpochs): string {
  for (let limit = epochLimit; ; limit = Math.floor(limit / 2)) {
    const text = JSON.stringify(
      Object.fromEntries([...known].map(([master, epochs]) => [master, epochs.slice(-limit)])),
    );
    if (text.length <= textLimit || limit === 1) return text;
  }
}
