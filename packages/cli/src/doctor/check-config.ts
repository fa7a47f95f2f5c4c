import type { Configuration } from "@kubestack/configuration";
import { hasCode, sentenceOf } from "@kubestack/contracts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn, fail } = findingsOf("config");

/** The configuration, or the findings that say why there is none. */
export interface ConfigCheck {
  readonly findings: readonly Finding[];
  readonly configuration: Configuration | undefined;
}

/** Loads the configuration as the services would. */
export async function checkConfig(file: string, load: () => Promise<Configuration>): Promise<ConfigCheck> {
  try {
    const configuration = await load();
    return { configuration, findings: configFindings(file, configuration) };
  } catch (error) {
    const sentence = sentenceOf(error);
    const [first = sentence, ...faults] = hasCode(error, "invalid-config") ? sentence.split("\n") : [sentence];
    const lines = faults.map((line) => line.trim()).filter((line) => line !== "");
    return { configuration: undefined, findings: [fail(first.replace(/:$/, ""), ...lines)] };
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
