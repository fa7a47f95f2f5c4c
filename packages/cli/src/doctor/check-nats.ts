import { inspectNats, type NatsReport, offsetAlertMs } from "@kubestack/bus";
import { allServiceNames, serviceNames } from "@kubestack/contracts";
import type { NatsAddress } from "../address/find-nats.ts";
import { clockSentence, printOffset } from "./clock-verdict.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn, fail } = findingsOf("nats");
/** Somebody waits at a prompt. */
const connectMs = 5000;

/** Looks at NATS: is it there, of a release that will do, whose clock, what it keeps, and who answers there. */
export async function checkNats(address: NatsAddress, needed: Needed = {}): Promise<readonly Finding[]> {
  const { servers, credentialsFile, caFile } = address;
  try {
    const report = await inspectNats({ servers, name: "kubestackcmd", credentialsFile, caFile, connectMs });
    return natsFindings(report, needed);
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error);
    return [fail(sentence, address.hint ?? "start nats-server there, or correct nats.servers in the configuration")];
  }
}

/** What the configuration needs besides what every one does. */
interface Needed {
  /** Node pools are of no use without who decides on them. */
  readonly hasNodePools?: boolean;
}

/** What a report means. */
export function natsFindings(report: NatsReport, needed: Needed = {}): Finding[] {
  const { version, server, offsetMs, missing, unreadable } = report;
  const clock = offsetMs === null ? "" : `, clock ${printOffset(offsetMs)}`;
  return [
    ok(`nats-server ${version} with JetStream (${server})${clock}`),
    ...clockFindings(offsetMs),
    ...(missing.length === 0
      ? []
      : [ok(`not kept there yet: ${missing.join(", ")}; the first service that starts makes them`)]),
    ...(unreadable.length === 0
      ? []
      : [
          fail(
            `this user can't look at ${unreadable.join(", ")}`,
            "grant it $JS.API.> in NATS, or name another user's file in nats.credentials",
          ),
        ]),
    ...serviceFindings(report, needed),
  ];
}

function clockFindings(offsetMs: number | null): Finding[] {
  if (offsetMs === null || Math.abs(offsetMs) <= offsetAlertMs) return [];
  return [warn(clockSentence("NATS's", offsetMs), "set both by NTP: what is kept bears NATS's time")];
}

function serviceFindings({ services }: NatsReport, { hasNodePools = false }: Needed): Finding[] {
  const wanted = [...serviceNames, ...(hasNodePools ? (["capacity-autoscaler"] as const) : [])];
  const running = allServiceNames.flatMap((name) => {
    const found = services.filter((service) => service.name === name);
    const versions = [...new Set(found.map(({ version }) => version))].join(", ");
    return found.length === 0 ? [] : [`${name} ${versions}${found.length > 1 ? ` (${found.length} processes)` : ""}`];
  });
  const silent = wanted.filter((name) => !services.some((service) => service.name === name));
  const releases = new Set(
    services.filter(({ name }) => (allServiceNames as readonly string[]).includes(name)).map(({ version }) => version),
  );
  return [
    ...(running.length === 0 ? [] : [ok(`running: ${running.join(", ")}`)]),
    ...(silent.length === 0
      ? []
      : [
          warn(
            silent.length === wanted.length ? "no service of KubeStack runs" : `not running: ${silent.join(", ")}`,
            silent.length === wanted.length ? "start them: kubestackd" : `start it: kubestackd ${silent.join(" ")}`,
          ),
        ]),
    ...(releases.size > 1
      ? [warn(`services of ${releases.size} releases run`, "run the same release everywhere")]
      : []),
  ];
}
