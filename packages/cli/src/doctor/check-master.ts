import type { JenkinsMasterConfig } from "@kubestack/configuration";
import { hasCode, type KubestackError } from "@kubestack/contracts";
import { printSpan } from "@kubestack/explain";
import { type Examination, hasWebSocket, type Master, type MasterClock, type Probe } from "@kubestack/jenkins";
import { clockSentence, printOffset } from "./clock-verdict.ts";
import { type Finding, findingsOf } from "./finding.ts";

const { ok, warn, fail } = findingsOf("master");

/** The header that tells the time has whole seconds: what is off by less than 2 s and that can't be told from nothing. */
export const masterClockAlertMs = 3000;

/** Who a master is; `probe` is undefined where it does not let us in, and nothing else can be asked. */
export interface MasterCheck {
  readonly findings: readonly Finding[];
  readonly probe: Probe | undefined;
}

/** A master and the questions to it. */
export interface AskedMaster {
  readonly config: JenkinsMasterConfig;
  readonly master: Master;
  readonly examination: Examination;
}

/** Asks a master who it is. */
export async function checkMaster({ config, master, examination }: AskedMaster): Promise<MasterCheck> {
  try {
    const probe = await master.probe();
    const clock = await examination.clock().catch(() => null);
    return { probe, findings: masterFindings(config, { probe, clock }) };
  } catch (error) {
    return { probe: undefined, findings: [unreachable(config, error)] };
  }
}

/** What is wrong with a master that does not let us in, and what to do. */
export function unreachable({ name, url, user, token }: JenkinsMasterConfig, error: unknown): Finding {
  return fail(saidBy(error), fixFor(error, { name, url, user, isToken: token !== undefined }));
}

/** The error's own sentence: it says already what its cause would repeat. */
export function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function fixFor(
  error: unknown,
  { name, url, user, isToken }: { name: string; url: string; user: string; isToken: boolean },
): string {
  const place = `masters[${name}].${isToken ? "token" : "password"}`;
  if (hasCode(error, "invalid-config")) return `see ${place}, and tls where it is given`;
  if (hasCode(error, "credential-refused")) return credentialFix(error, { user, place, isToken });
  if (hasCode(error, "not-a-master", "not-found"))
    return `masters[${name}].url is ${url}: give the address of the master itself, with its context path`;
  return `see that the master runs, and that masters[${name}].url reaches it from here: ${url}`;
}

function credentialFix(
  { message }: KubestackError,
  { user, place, isToken }: { user: string; place: string; isToken: boolean },
): string {
  if (/grant it/.test(message)) return `give user ${user} Overall/Read and Job/Read there`;
  return isToken
    ? `make a new API token for user ${user} on the master, and put it where ${place} points`
    : `put the password of user ${user} where ${place} points`;
}

/** What a master's answers mean. */
export function masterFindings(
  config: JenkinsMasterConfig,
  { probe, clock }: { readonly probe: Probe; readonly clock: MasterClock | null },
): Finding[] {
  const { name } = config;
  const { flavour, version, slaveAgentPort: port, quietingDown } = probe;
  const kind = flavour === "jenkins" ? "Jenkins" : "Hudson";
  const time = clock === null ? "" : `, clock ${printOffset(clock.offsetMs)}, answers in ${printSpan(clock.answerMs)}`;
  const tcp = port === null || port < 0 ? "" : `, TCP agents on ${port === 0 ? "a port chosen at each start" : port}`;
  return [
    ok(`${name}: ${kind} ${version}${time}${tcp}`),
    ...(quietingDown
      ? [warn(`${name} is about to shut down: nothing is launched for it`, "cancel that on the master, or wait")]
      : []),
    ...(clock !== null && Math.abs(clock.offsetMs) > masterClockAlertMs
      ? [warn(clockSentence(`${name}'s`, clock.offsetMs), "set both by NTP: waiting times are wrong by that")]
      : []),
    ...wayFindings(config, probe),
  ];
}

/** Which way agents have to the master, where there is something to say about it. */
function wayFindings(config: JenkinsMasterConfig, probe: Probe): Finding[] {
  const { name, transport, agentTunnel, attach } = config;
  const isTunnelled = agentTunnel !== undefined;
  if (attach === "self") return [];
  if (transport === "websocket") return hasWebSocket(probe) ? [] : [noWebSocket(name, probe)];
  const port = probe.slaveAgentPort;
  const isWithoutPort = transport === "auto" && !isTunnelled && port === -1;
  if (isWithoutPort && hasWebSocket(probe))
    return [ok(`${name} takes no agents by TCP: they come by WebSocket, to agentUrl`)];
  return portFindings(name, { port, isTunnelled });
}

function noWebSocket(name: string, { version }: Probe): Finding {
  return fail(
    `${name} (${version}) takes no agents by WebSocket: no slave can ever connect`,
    `remove masters[${name}].transport, and let the master take agents by TCP; WebSocket needs Jenkins 2.217 or later`,
  );
}

function portFindings(name: string, { port, isTunnelled }: { port: number | null; isTunnelled: boolean }): Finding[] {
  if (port === -1)
    return [
      fail(
        `${name} takes no agents by TCP: no slave can ever connect`,
        "switch it on: Manage Jenkins, Security, Agents, TCP port for inbound agents (fixed, 50000 for example)",
      ),
    ];
  if (port === null)
    return [warn(`${name} does not tell the port of its TCP agents`, "see that agents by TCP are switched on there")];
  if (port === 0 && !isTunnelled)
    return [
      warn(
        `${name} chooses the port of its TCP agents anew at each start`,
        "give it a fixed one, so that services and firewalls can let it through",
      ),
    ];
  return [];
}
