import type { Place } from "../report/report.ts";

const longest = 90;

/** Gives each template a name of its own that our configuration takes. */
export class Names {
  readonly #taken = new Set<string>();

  /** The name itself where it can be; what had to be changed is told at `name` of the place. */
  unlike(wanted: string, place: Place): string {
    const sound = wanted.replace(/[\s\p{Cc}]+/gu, "-").slice(0, longest) || "template";
    let name = sound;
    for (let number = 2; this.#taken.has(name); number += 1) name = `${sound}-${number}`;
    this.#taken.add(name);
    if (name !== wanted)
      place.inner("name").changed(`called ${name}: a name is a word, and another template's can't be taken`);
    return name;
  }
}
