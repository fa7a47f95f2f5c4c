import { type Configuration, isJenkins, type MasterConfig } from "@kubestack/configuration";
import { plain } from "../text/plain.ts";

/** What is to be known of the file itself. */
export interface FileNotes {
  /** Whether it is written in the form of the original KubeStack. */
  readonly isOriginal: boolean;
  readonly warnings: readonly string[];
}

/** What a sound configuration holds, in a few lines; no secret, only where each is. */
export function summaryOf(
  file: string,
  { masters, templates, nats, kubernetes }: Configuration,
  { isOriginal, warnings }: FileNotes,
): string[] {
  const line = (what: string, text: string): string => `  ${what.padEnd(10)} ${plain(text)}`;
  const parents = templates.filter(({ labels, unlabelled }) => labels.length === 0 && !unlabelled);
  return [
    `${file}: no fault`,
    line("masters", masters.map(addressOf).join(", ")),
    line("templates", templates.map(({ name, labels }) => `${name} [${labels.join(" ")}]`).join(", ")),
    line("cluster", `namespace ${kubernetes.namespace}${kubernetes.url === undefined ? "" : ` at ${kubernetes.url}`}`),
    line("NATS", nats.servers?.join(", ") ?? "an embedded nats-server"),
    ...parents.map(({ name }) => line("note", `template ${name} has no labels: nothing is launched from it`)),
    ...(isOriginal ? originalNotes.map((note) => line("note", note)) : []),
    ...warnings.map((warning) => line("warning", warning)),
  ];
}

function addressOf(master: MasterConfig): string {
  const { name, type, demand } = master;
  return isJenkins(master)
    ? `${name} (${master.url})`
    : `${name} (${type}: ${demand.map((one) => one.type).join(", ")})`;
}

const originalNotes = [
  "it has the form of the original KubeStack and is taken as it stands; below is the same in today's form (alone: -o yaml)",
  "agents are not started as the original's were: each image has to run images/slave/start-agent, or in today's form have it put in by agentImage (README, What to know first)",
];
