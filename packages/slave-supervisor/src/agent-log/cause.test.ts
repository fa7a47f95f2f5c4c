import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { causeIn } from "./cause.ts";
import { scrub } from "./scrub.ts";

const classes = (needed: number, has: number) =>
  `Exception in thread "main" java.lang.UnsupportedClassVersionError: hudson/remoting/Launcher has been compiled by a more recent version of the Java Runtime (class file version ${needed}.0), this version of the Java Runtime only recognizes class file versions up to ${has}.0`;
const downloading = (why: string) =>
  `start-agent: http://ci.example.org/jnlpJars/agent.jar cannot be downloaded, tried 20 times: ${why}`;
const secret = "0123456789abcdef".repeat(4);

describe("a log tells the cause", () => {
  test.each<[string, string, string]>([
    [classes(61, 55), "java-too-old", "its Java 11 is too old: what the master sends needs Java 17 or newer"],
    [
      `Feb 14, 2026 10:29:44 AM hudson.remoting.UserRequest perform\nWARNING: LinkageError while performing UserRequest\n${classes(65, 61)}\n\tat hudson.remoting.Launcher.main`,
      "java-too-old",
      "its Java 17 is too old: what the master sends needs Java 21 or newer",
    ],
    [
      "java.lang.UnsupportedClassVersionError: Failed to load hudson.slaves.SlaveComputer$SlaveVersion",
      "java-too-old",
      "its Java is too old: what the master sends needs a newer one",
    ],
    ["hudson/remoting/Launcher : Unsupported major.minor version 52.0", "java-too-old", "needs Java 8 or newer"],
    [
      "start-agent: /usr/bin/java is older than Java 9, which jnlp-main needs to keep the secret out of its arguments",
      "java-too-old",
      "its Java is older than Java 9",
    ],
    ["start-agent: no Java: neither JAVA_HOME nor PATH has one", "no-java", "its image has no Java"],
    [
      "start-agent: no Java runs in this image: the image's own, /opt/java/bin/java, is Java 11, and the master needs Java 17, and the injected one cannot be started, since the image has another C library or the machine another processor (ld.so: not found); use an image with Java",
      "no-java",
      "no Java runs in its image: the image's own, /opt/java/bin/java, is Java 11, and the master needs Java 17, and the injected one cannot be started there; use",
    ],
    [
      "start-agent: no sh on the PATH of this image: builds could run no commands in it; use an image with a shell",
      "no-shell",
      "its image has no shell",
    ],
    [
      "start-agent: Java cannot be copied into /run/kubestack/injected: cp: error writing: No space left on device; the template's disk may be too small",
      "injection-failed",
      "No space left on device; the template's disk may be too small",
    ],
    [
      "start-agent: no busybox, which is the shell of images that have none; an agentImage must be built from images/slave",
      "injection-failed",
      "an agentImage must be built from images/slave",
    ],
    [
      "start-agent: http://ci/jnlpJars/agent.jar cannot be downloaded yet, tried 3 times: curl: (28) Connection timed out after 10001 milliseconds",
      "unreachable",
      "cannot be reached from its pod",
    ],
    ["exec /usr/local/bin/start-agent: exec format error", "misconfigured", "for another processor"],
    ["/usr/local/bin/jenkins-agent: 142: exec: java: not found", "no-java", "its image has no Java"],
    ["sh: java: command not found", "no-java", "its image has no Java"],
    ['exec: "java": executable file not found in $PATH', "no-java", "its image has no Java"],
    ["env: 'java': No such file or directory", "no-java", "its image has no Java"],
    [
      "SEVERE: Agent version 3107.v665000b_51092 or newer is required.",
      "agent-too-old",
      "the master takes version 3107.v665000b_51092 or newer",
    ],
    [
      "ConnectionRefusalException: ks-a-1 is already connected to this controller. Rejecting this connection.",
      "already-connected",
      "another agent of its name",
    ],
    ["ConnectionRefusalException: Unknown client name: ks-a-1", "no-such-node", "no node of its name"],
    ["ConnectionRefusalException: Authorization failure", "unauthorized", "the master refused it as unauthorized"],
    ["DeploymentException: Response code was not 101: 403.", "unauthorized", "the master refused it as unauthorized"],
    ["http://ci/tcpSlaveAgentListener/ is invalid: 401 Unauthorized", "unauthorized", "wants a sign-in"],
    [downloading("curl: (22) The requested URL returned error: 403"), "unauthorized", "as unauthorized"],
    [
      "RetryException: Failed to create a Swarm agent on Jenkins. Response code: 403",
      "unauthorized",
      "as unauthorized",
    ],
    [
      "RetryException: Failed to create a Swarm agent on Jenkins. Response code: 404",
      "no-swarm-plugin",
      "no Swarm plugin",
    ],
    [
      "javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path",
      "untrusted-certificate",
      "name its authority in the master's tls.ca",
    ],
    [
      downloading("curl: (60) SSL certificate problem: self-signed certificate"),
      "untrusted-certificate",
      "does not trust the master's certificate",
    ],
    ["java.net.UnknownHostException: jenkins.ci.svc", "unknown-host", "no address is known of jenkins.ci.svc"],
    [downloading("curl: (6) Could not resolve host: jenkins.ci"), "unknown-host", "no address is known of jenkins.ci"],
    ["wget: bad address 'jenkins.ci'", "unknown-host", "no address is known of jenkins.ci"],
    ["wget: unable to resolve host address ‘jenkins.ci’", "unknown-host", "no address is known of jenkins.ci"],
    ["java.nio.channels.UnresolvedAddressException", "unknown-host", "no address is known of the master"],
    ["Failed to look up the canonical hostname of this agent.", "unknown-host", "give it -name"],
    ["java.io.IOException: http://ci.example.org/ is not Jenkins", "not-jenkins", "is no Jenkins"],
    [
      "The server rejected the connection: None of the protocols were accepted",
      "misconfigured",
      "no protocol in common",
    ],
    [
      "There is insufficient memory for the Java Runtime Environment to continue.",
      "out-of-memory",
      "not enough memory",
    ],
    ["start-agent: neither curl nor wget is there to download the agent", "no-downloader", "neither curl nor wget"],
    [
      "java.io.IOException: http://ci/ provided port:50000 is not reachable on host jenkins.ci",
      "unreachable",
      "the master's port for agents, 50000 at jenkins.ci, cannot be reached",
    ],
    ["java.net.ConnectException: Connection refused", "unreachable", "cannot be reached from its pod"],
    [
      "start-agent: the working folder /w cannot be used: it must be a folder that user 1000 may write",
      "misconfigured",
      "the working folder /w cannot be used",
    ],
    [
      `INFO: connecting\nConnection refused\nConnection refused\n${classes(65, 61)}\nConnection refused`,
      "java-too-old",
      "its Java 17 is too old",
    ],
  ])("%s", (log, cause, says) => {
    const told = causeIn(log);
    expect([told?.cause, told?.says]).toEqual([cause, expect.stringContaining(says)]);
  });

  test("but no try to get the agent that failed before another one did not", () => {
    const tried =
      "start-agent: http://ci/jnlpJars/agent.jar cannot be downloaded yet, tried 1 times: curl: (7) Connection refused";
    expect(causeIn(`${tried}\n${tried}\n`)).toMatchObject({ cause: "unreachable" });
    expect(causeIn(`${tried}\n${tried}\nINFO: Connected\n`)).toBeUndefined();
  });

  test.each(["", "INFO: Connected", "INFO: Using Remoting version: 3355.v388858a_47b_33", "hello from my build"])(
    "but not: %s",
    (log) => {
      expect(causeIn(log)).toBeUndefined();
    },
  );

  test("and nothing of what else stands in it, however it is written", () => {
    const noise = fc.string({ unit: "grapheme", maxLength: 60 });
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        const log = `${before} ${secret}\nstart-agent: ${before} https://me:${secret}@ci/ ${secret} ${after}\n${secret}`;
        const says = causeIn(log)?.says ?? "";
        return !says.includes(secret.slice(0, 30)) && says.length <= 300 && !/[\n\p{Cc}]/u.test(says);
      }),
    );
  });
});

test.each([
  [`https://me:pass@ci.example.org/ is wrong`, "https://ci.example.org/ is wrong"],
  [`secret ${secret}`, "secret …"],
  [`got ${secret}`, "got …"],
  ["Authorization: Bearer abc.def", "Authorization: Bearer …"],
  ["token=abc password: hunter2", "token=… password: …"],
  [`key ${"aB3_".repeat(12)}==`, "key …"],
  ["a\u001b[31m b\r\nc", "a [31m b c"],
])("%j is kept as %j", (text, kept) => {
  expect(scrub(text)).toBe(kept);
});

test("a log of the greatest length is read in no time, whatever is in it", () => {
  for (const piece of [
    "start-agent: ",
    "class file version 1",
    "a".repeat(40),
    "doesn't match ",
    "Remoting version x ",
  ])
    expect(causeIn(piece.repeat(Math.floor((32 * 1024) / piece.length)))?.says.length ?? 0).toBeLessThan(400);
});
