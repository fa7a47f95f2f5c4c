import type { AgentCause } from "@kubestack/contracts";
import { scrub } from "./scrub.ts";

/** What a log says of why its agent did not come. */
export interface Told {
  readonly cause: AgentCause;
  /** For people, to stand behind "its log says that". */
  readonly says: string;
}

interface Rule {
  readonly cause: AgentCause;
  readonly pattern: RegExp;
  readonly says: (found: readonly (string | undefined)[]) => string;
}

/** Java's class files of version 45 were those of Java 1. */
const firstClassFile = 44;

/** What is said of a Java that does not know its classes. `needed` and `has` are versions of class files. */
function tooOld(needed: string | undefined, has?: string): string {
  const want = needed === undefined ? "a newer one" : `Java ${Number(needed) - firstClassFile} or newer`;
  const is = has === undefined ? "its Java is too old" : `its Java ${Number(has) - firstClassFile} is too old`;
  return `${is}: what the master sends needs ${want}; use an image with that`;
}

const host = "([A-Za-z0-9._:-]{1,253})";

/**
 * The wordings of Java, of Jenkins' and Hudson's agents, of the Swarm client, of shells, curl and wget, and of our own
 * `start-agent`. The first rule that fits anywhere is taken: what says most comes first, for a log that is tried again and again
 * has the noise of every try.
 */
const rules: readonly Rule[] = [
  {
    cause: "java-too-old",
    pattern: /class file version (\d+)(?:\.\d+)?\)[\s\S]{0,200}?versions up to (\d+)/,
    says: ([, needed, has]) => tooOld(needed, has),
  },
  {
    cause: "java-too-old",
    pattern: /Unsupported major\.minor version (\d+)|UnsupportedClassVersionError/,
    says: ([, needed]) => tooOld(needed),
  },
  {
    cause: "java-too-old",
    pattern: /start-agent: \S+ is older than Java (\d+)/,
    says: ([, needed]) =>
      `its Java is older than Java ${needed}, which an agent of this master needs; use an image with that`,
  },
  {
    cause: "no-java",
    pattern: /start-agent: no Java runs in this image: ([^\n]{1,200}?), and the injected one/,
    says: ([, has]) =>
      `no Java runs in its image: ${scrub(has ?? "")}, and the injected one cannot be started there; use an image with Java, or an agentImage built from images/slave for such machines`,
  },
  {
    cause: "no-shell",
    pattern: /start-agent: no sh on the PATH/,
    says: () => "its image has no shell, so builds could run no commands there; use one that has",
  },
  {
    cause: "injection-failed",
    pattern:
      /start-agent: ((?:nothing can be put into|no busybox|Java cannot be copied into|the agent's jar cannot be put into)[^\n]*)/,
    says: ([, line]) => scrub(line ?? ""),
  },
  {
    cause: "no-java",
    pattern:
      /start-agent: no Java|\bjava['"’]?: (?:command )?not found|\bjava['"’]?: (?:executable file not found|No such file or directory)|exec[: ]+\S*java\S*: not found/,
    says: () => "its image has no Java; use one that has",
  },
  {
    cause: "agent-too-old",
    pattern: /Agent version ([A-Za-z0-9._-]{1,60}) or newer is required/,
    says: ([, version]) =>
      `its agent program is too old: the master takes version ${version} or newer; have start-agent get it from the master, or use a newer image`,
  },
  {
    cause: "agent-too-old",
    pattern: /[Rr]emoting version \S+ .{0,80}(?:older than|lower than|below) .{0,40}(?:minimum|required|supported)/,
    says: () =>
      "its agent program is too old for the master; have start-agent get it from the master, or use a newer image",
  },
  {
    cause: "already-connected",
    pattern: /is already connected to this (?:controller|master)/,
    says: () => "the master holds another agent of its name for connected, and refuses this one",
  },
  {
    cause: "no-such-node",
    pattern: /Unknown client name/,
    says: () => "the master has no node of its name; something at the master removes nodes",
  },
  {
    cause: "no-swarm-plugin",
    pattern: /Failed to create a Swarm agent on Jenkins\. Response code: 404/,
    says: () => "the master has no Swarm plugin, which its Swarm client needs",
  },
  {
    cause: "unauthorized",
    pattern:
      /Authori[sz]ation failure|Authentication failure|Failed to create a Swarm agent on Jenkins\. Response code: 40[13]|Response code was not 101: 40[13]|(?:is invalid:|response code=|returned error:|HTTP\/1\.[01]|ERROR) 40[13]\b|HTTP Error 40[13]|\b[Uu]nauthorized\b/,
    says: () =>
      "the master refused it as unauthorized: another secret, or a proxy before the master that wants a sign-in",
  },
  {
    cause: "untrusted-certificate",
    pattern:
      /PKIX path|unable to find valid certification path|certificate verify failed|unable to (?:locally verify|get local issuer)|self[- ]signed certificate|SSLHandshakeException|certificate has expired|curl: \(60\)|No subject alternative|doesn[’']t match .{0,80}certificate/,
    says: () =>
      "it does not trust the master's certificate; name its authority in the master's tls.ca, and an address that the certificate is for in agentUrl",
  },
  {
    cause: "unknown-host",
    pattern: new RegExp(
      `UnknownHostException:? ${host}|Could not resolve host: ${host}|unable to resolve host address [‘'"\`]${host}|bad address '${host}'`,
    ),
    says: ([, ...names]) =>
      `no address is known of ${names.find((name) => name !== undefined)}; give an agentUrl that pods can resolve`,
  },
  {
    cause: "unknown-host",
    pattern: /UnknownHostException|UnresolvedAddressException/,
    says: () => "no address is known of the master; give an agentUrl that pods can resolve",
  },
  {
    cause: "unknown-host",
    pattern: /Failed to look up the canonical hostname/,
    says: () => "its Swarm client found no name of its own host; give it -name",
  },
  {
    cause: "not-jenkins",
    pattern: /https?:\/\/\S+ is not Jenkins/,
    says: () => "what answers at agentUrl is no Jenkins; give the master's own address",
  },
  {
    cause: "misconfigured",
    pattern: /None of the protocols (?:were accepted|are enabled)/,
    says: () => "the master and the agent have no protocol in common; switch JNLP4-connect on at the master",
  },
  {
    cause: "misconfigured",
    pattern: /exec format error/i,
    says: () => "its image is for another processor than the machine has; use an image for both, or a node selector",
  },
  {
    cause: "out-of-memory",
    pattern: /OutOfMemoryError|insufficient memory for the Java Runtime|Could not reserve enough space/,
    says: () => "Java had not enough memory; give the template more",
  },
  {
    cause: "no-downloader",
    pattern: /start-agent: neither curl nor wget/,
    says: () => "its image has neither curl nor wget to get the agent with; use one that has",
  },
  {
    cause: "unreachable",
    pattern: new RegExp(`provided port:(\\d{1,5}) is not reachable on host ${host}`),
    says: ([, port, name]) =>
      `the master's port for agents, ${port} at ${name}, cannot be reached; open it to pods, name agentTunnel, or use transport: websocket`,
  },
  {
    cause: "unreachable",
    pattern:
      /Connection refused|ConnectException|[Cc]onnect(?:ion)? timed out|SocketTimeoutException|NoRouteToHostException|No route to host|Network is unreachable|curl: \((?:7|28)\)/,
    says: () => "the master cannot be reached from its pod; agentUrl must be an address that pods can reach",
  },
  {
    cause: "misconfigured",
    pattern: /start-agent: ([^\n]+)/,
    says: ([, line]) => scrub(line ?? ""),
  },
];

/** What a log says of why its agent did not come; undefined where it says nothing that is known. Pure. */
export function causeIn(whole: string): Told | undefined {
  const log = withoutOvercome(whole);
  for (const { cause, pattern, says } of rules) {
    const found = pattern.exec(log);
    if (found !== null) return { cause, says: says(found) };
  }
  return undefined;
}

/** A try of `start-agent` that failed is no reason once another one did not: only as the last word it counts. */
function withoutOvercome(log: string): string {
  const lines = log.trimEnd().split("\n");
  return lines
    .filter((line, at) => at === lines.length - 1 || !line.includes(" cannot be downloaded yet, "))
    .join("\n");
}
