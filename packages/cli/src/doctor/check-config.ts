import type { Configuration, ReadFile } from "@kubestack/configuration";
import { hasCode, sentenceOf } from "@kubestack/contracts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn, fail } = findingsOf("config");

/** The configuration, or the findings that say why there is none. */
export interface ConfigCheck {
  readonly findings: readonly Finding[];
  readonly configuration: Configuration | undefined;
}

/** Loads the configuration as the services would. */
export async function checkConfig(file: string, load: () => Promise<ReadFile>): Promise<ConfigCheck> {
  try {
    const { configuration, warnings } = await load();
    return { configuration, findings: [...configFindings(file, configuration), ...warnings.map((text) => warn(text))] };
  } catch (error) {
    const sentence = sentenceOf(error);
    const [first = sentence, ...faults] = hasCode(error, "invalid-config") ? sentence.split("\n") : [sentence];
    // What is indented further shows how something might be written, which is nothing without its lines.
    const lines = faults.filter((line) => !/^ {8}/.test(line)).map((line) => line.trim());
    const more = lines.length < faults.length ? [`kubestackcmd config check ${file} shows it line by line`] : [];
    const told = [...lines.filter((line) => line !== ""), ...more];
    return { configuration: undefined, findings: [fail(first.replace(/:$/, ""), ...told)] };
  }
}

/** What a sound configuration holds, and what in it launches nothing. */
export function configFindings(file: string, { masters, templates }: Configuration): Finding[] {
  const count = (number: number, word: string): string => `${number} ${word}${number === 1 ? "" : "s"}`;
  const idle = templates.filter(({ labels, unlabelled }) => labels.length === 0 && !unlabelled);
  const unserved = masters.filter(
    ({ name }) => !templates.some((template) => template.masters.includes("*") || template.masters.includes(name)),
  );
  return [
    ok(`${file}: ${count(masters.length, "master")}, ${count(templates.length, "template")}, no fault`),
    ...idle.map(({ name }) =>
      warn(`template ${name} has no labels: nothing is launched from it`, `give it labels, or unlabelled: true`),
    ),
    ...unserved.map(({ name }) =>
      warn(`master ${name} is served by no template: nothing is launched for it`, "name it in a template's masters"),
    ),
  ];
}
