import type { JsonMap } from "@kubestack/templates";

/** What is read of a list that is written as one text, and the parts that could not be. */
export interface ListInText<T> {
  readonly sound: T;
  readonly unsound: readonly string[];
}

/** What our configuration takes for a label. */
const labelForm = /^[^\s"\\\p{Cc}]{1,256}$/u;
const mostLabels = 100;

/** The words of a template's `label`, each once. */
export function labelsOf(label: string): ListInText<readonly string[]> {
  const words = [...new Set(label.split(/\s+/).filter((word) => word !== ""))];
  const fitting = words.filter((word) => labelForm.test(word));
  const sound = fitting.slice(0, mostLabels);
  return { sound, unsound: words.filter((word) => !sound.includes(word)) };
}

/** `key=value,key=value`. */
export function nodeSelectorOf(selector: string): ListInText<JsonMap> {
  const parts = selector.split(",").map((part) => part.trim());
  const pairs = parts.map((part) => ({ part, words: part.split("=") }));
  const isPair = ({ words: [key, ...value] }: (typeof pairs)[number]): boolean => key !== "" && value.length === 1;
  return {
    sound: Object.fromEntries(pairs.filter(isPair).map(({ words: [key, value] }) => [key?.trim(), value?.trim()])),
    unsound: pairs.flatMap((pair) => (isPair(pair) || pair.part === "" ? [] : [pair.part])),
  };
}
