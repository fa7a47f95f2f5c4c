import { type Configuration, isJenkins, type MasterConfig } from "@kubestack/configuration";
import { plain } from "../text/plain.ts";

/** What a sound configuration holds, in a few lines; no secret, only where each is. */
export function summaryOf(file: string, { masters, templates, nats, kubernetes }: Configuration): string[] {
  const line = (what: string, text: string): string => `  ${what.padEnd(10)} ${plain(text)}`;
  const parents = templates.filter(({ labels, unlabelled }) => labels.length === 0 && !unlabelled);
  return [
    `${file}: no fault`,
    line("masters", masters.map(addressOf).join(", ")),
    line("templates", templates.map(({ name, labels }) => `${name} [${labels.join(" ")}]`).join(", ")),
    line("cluster", `namespace ${kubernetes.namespace}${kubernetes.url === undefined ? "" : ` at ${kubernetes.url}`}`),
    line("NATS", nats.servers?.join(", ") ?? "an embedded nats-server"),
    ...parents.map(({ name }) => line("note", `template ${name} has no labels: nothing is launched from it`)),
  ];
}

function addressOf(master: MasterConfig): string {
  const { name, type, demand } = master;
  return isJenkins(master)
    ? `${name} (${master.url})`
    : `${name} (${type}: ${demand.map((one) => one.type).join(", ")})`;
}
