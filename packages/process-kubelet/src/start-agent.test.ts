import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

const SCRIPT = join(import.meta.dirname, "../../../images/slave/start-agent");
const SECRET = 'f00d"se\\cret';
/** The few programs that the script may use. */
const TOOLS = [
  "awk",
  "cat",
  "curl",
  "grep",
  "head",
  "id",
  "mkdir",
  "mktemp",
  "readlink",
  "sed",
  "sh",
  "sleep",
  "tail",
  "tr",
];

/** Writes down how it was called and what its own environment and argument file hold; stays when it is told to. */
const FAKE_JAVA = `#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument"; done > "$OUT/argv"
cat /proc/$$/environ | tr '\\0' '\\n' > "$OUT/environ"
cat /proc/$$/cmdline | tr '\\0' '\\n' > "$OUT/cmdline"
case $1 in @*) cp "\${1#@}" "$OUT/arguments" 2>/dev/null || cat "\${1#@}" > "$OUT/arguments" ;; esac
echo running
[ -z "\${STAY:-}" ] || exec sleep 600
exit 5
`;

let folder = "";
let server: Server;
let requests: string[] = [];
let answers: number[] = [];
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "start-agent-"));
  for (const name of ["bin", "out", "tmp"]) await mkdir(join(folder, name));
  for (const tool of TOOLS) {
    const found = ["/usr/bin", "/bin"].map((dir) => join(dir, tool));
    for (const path of found)
      if ((await stat(path).catch(() => undefined)) !== undefined)
        await symlink(path, join(folder, "bin", tool)).catch(() => undefined);
  }
  await writeFile(join(folder, "bin", "java"), FAKE_JAVA, { mode: 0o755 });
  await writeFile(join(folder, "secret"), `${SECRET}\n`, { mode: 0o400 });
  requests = [];
  answers = [];
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    response.writeHead(answers.shift() ?? 200).end("the jar");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function start(more: Record<string, string> = {}) {
  const env: Record<string, string> = {
    PATH: join(folder, "bin"),
    OUT: join(folder, "out"),
    TMPDIR: join(folder, "tmp"),
    KUBESTACK_AGENT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/ci`,
    KUBESTACK_AGENT_NAME: "ks-one-0000a",
    KUBESTACK_AGENT_WORKDIR: join(folder, "work"),
    KUBESTACK_AGENT_SECRET_FILE: join(folder, "secret"),
    KUBESTACK_AGENT_TRIES: "1",
    ...more,
  };
  const child = spawn("/bin/sh", [SCRIPT], { env, stdio: ["ignore", "pipe", "pipe"] });
  children.push(child);
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, ended, said: () => said };
}

async function ran(more: Record<string, string> = {}) {
  const agent = start(more);
  return { code: await agent.ended, said: agent.said() };
}

const lines = async (name: string) => (await readFile(join(folder, "out", name), "utf8")).trimEnd().split("\n");

test("the agent's jar is got from the master, and the secret is in no argument and no variable", async () => {
  const { code } = await ran();
  expect(code).toBe(5);
  expect(requests).toEqual(["/ci/jnlpJars/agent.jar"]);
  const argv = await lines("argv");
  const secretFile = argv[argv.indexOf("-secret") + 1]?.slice(1) ?? "";
  expect(argv).toEqual([
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-jar",
    expect.stringMatching(/agent\.jar$/),
    "-url",
    expect.stringMatching(/\/ci\/$/),
    "-name",
    "ks-one-0000a",
    "-secret",
    `@${secretFile}`,
    "-workDir",
    join(folder, "work"),
  ]);
  expect(await readFile(secretFile, "utf8")).toBe(`${SECRET}\n`);
  expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
  for (const seen of ["argv", "environ", "cmdline"]) expect((await lines(seen)).join("\n")).not.toContain(SECRET);
});

test("the older entry class gets everything from an argument file that only its user may read", async () => {
  const more = {
    KUBESTACK_AGENT_LAUNCH: "jnlp-main",
    KUBESTACK_AGENT_JAR_PATH: "/jnlpJars/remoting.jar",
    KUBESTACK_JAVA_OPTS: "-Xmx64m",
  };
  const { code } = await ran({ ...more, KUBESTACK_AGENT_TUNNEL: "agents:50000" });
  expect(code).toBe(5);
  expect(requests).toEqual(["/ci/jnlpJars/remoting.jar"]);
  const argv = await lines("argv");
  expect(argv).toEqual([expect.stringMatching(/^@.*arguments$/)]);
  expect((await stat(argv[0]?.slice(1) ?? "")).mode & 0o777).toBe(0o600);
  expect(await lines("arguments")).toEqual([
    '"-Xmx64m"',
    '"--add-opens"',
    '"java.base/java.lang=ALL-UNNAMED"',
    '"-cp"',
    expect.stringMatching(/agent\.jar"$/),
    '"hudson.remoting.jnlp.Main"',
    '"-headless"',
    '"-url"',
    expect.stringMatching(/\/ci\/"$/),
    '"-tunnel"',
    '"agents:50000"',
    '"f00d\\"se\\\\cret"',
    '"ks-one-0000a"',
  ]);
  for (const seen of ["argv", "environ", "cmdline"]) expect((await lines(seen)).join("\n")).not.toContain("f00d");
});

test.each<[Record<string, string>, string[]]>([
  [{ KUBESTACK_AGENT_WEBSOCKET: "true", KUBESTACK_AGENT_TUNNEL: "a:1" }, ["-webSocket"]],
  [{ KUBESTACK_AGENT_TUNNEL: "a:1" }, ["-tunnel", "a:1"]],
  [{ KUBESTACK_AGENT_INSECURE: "true" }, ["-noCertificateCheck"]],
  [{ KUBESTACK_AGENT_INSECURE: "false" }, []],
  [{ KUBESTACK_AGENT_WEBSOCKET: "true", KUBESTACK_AGENT_INSECURE: "true" }, ["-webSocket", "-noCertificateCheck"]],
  [{ KUBESTACK_AGENT_RECONNECT: "never" }, ["-noReconnect"]],
  [{ KUBESTACK_AGENT_RECONNECT: "10m" }, ["-noReconnectAfter", "10m"]],
])("%j adds %j", async (more, expected) => {
  await ran(more);
  const argv = await lines("argv");
  expect(argv.slice(argv.indexOf("-workDir") + 2)).toEqual(expected);
});

/** Writes down what it is asked, and keeps what it takes in. */
const FAKE_KEYTOOL = `#!/bin/sh
printf '%s ' "$@" >> "$OUT/keytool"; echo >> "$OUT/keytool"
while [ $# -gt 0 ]; do case $1 in -file) file=$2 ;; -keystore) store=$2 ;; esac; shift; done
cat "$file" >> "$store"
`;
const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;

test.each(["agent-jar", "jnlp-main"])(
  "authorities are trusted besides Java's own and the image's, by %s",
  async (launch) => {
    const home = join(folder, "jdk");
    for (const dir of ["bin", "lib/security"]) await mkdir(join(home, dir), { recursive: true });
    await writeFile(join(home, "bin", "java"), FAKE_JAVA, { mode: 0o755 });
    await writeFile(join(home, "bin", "keytool"), FAKE_KEYTOOL, { mode: 0o755 });
    await writeFile(join(home, "lib/security/cacerts"), "Java's own\n", { mode: 0o444 });
    await writeFile(join(folder, "ca.pem"), `a comment\n${pem("one")}${pem("two")}`);
    await rm(join(folder, "bin", "curl"));
    const curl = `#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in --cacert) cat "$2" > "$OUT/bundle" ;; -o) echo jar > "$2" ;; esac; shift; done\n`;
    await writeFile(join(folder, "bin", "curl"), curl, { mode: 0o755 });
    const more = { JAVA_HOME: home, KUBESTACK_AGENT_CA_FILE: join(folder, "ca.pem"), KUBESTACK_AGENT_LAUNCH: launch };
    expect(await ran(more)).toMatchObject({ code: 5 });
    const given = (await lines(launch === "agent-jar" ? "argv" : "arguments")).map((line) => line.replaceAll('"', ""));
    const store = given.find((line) => line.startsWith("-Djavax.net.ssl.trustStore="))?.split("=")[1] ?? "";
    expect(given).toContain("-Djavax.net.ssl.trustStorePassword=changeit");
    expect(await readFile(store, "utf8")).toBe(`Java's own\n${pem("one")}${pem("two")}`);
    expect(await lines("keytool")).toHaveLength(2);
    expect(await readFile(join(folder, "out", "bundle"), "utf8")).toMatch(
      /\na comment\n-----BEGIN.*\none\n.*\n.*\ntwo\n/,
    );
  },
);

test("a file without a certificate, and a Java without keytool, are said in one sentence", async () => {
  await writeFile(join(folder, "ca.pem"), "nothing");
  const more = { KUBESTACK_AGENT_CA_FILE: join(folder, "ca.pem") };
  expect(await ran(more)).toMatchObject({ code: 16, said: expect.stringContaining("no keytool beside Java") });
  await writeFile(join(folder, "bin", "keytool"), FAKE_KEYTOOL, { mode: 0o755 });
  expect(await ran(more)).toMatchObject({ code: 16, said: expect.stringContaining("no certificate in") });
});

test("where any certificate is taken the jar is got so, too, and the older entry class has a word of its own for it", async () => {
  await rm(join(folder, "bin", "curl"));
  await writeFile(
    join(folder, "bin", "curl"),
    `#!/bin/sh\nprintf '%s\\n' "$@" > "$OUT/curl"\nwhile [ "$1" != -o ]; do shift; done\necho jar > "$2"\n`,
    { mode: 0o755 },
  );
  await ran({ KUBESTACK_AGENT_INSECURE: "true", KUBESTACK_AGENT_LAUNCH: "jnlp-main" });
  expect(await lines("curl")).toContain("--insecure");
  expect(await lines("arguments")).toContain('"-disableHttpsCertValidation"');
  await ran();
  expect(await lines("curl")).not.toContain("--insecure");
});

test("a jar that is here already is not got again", async () => {
  await writeFile(join(folder, "here.jar"), "x");
  await ran({ KUBESTACK_AGENT_JAR: join(folder, "here.jar") });
  expect(requests).toEqual([]);
  expect(await lines("argv")).toContain(join(folder, "here.jar"));
});

test("a master that is just starting is asked again", async () => {
  answers = [503];
  const { code } = await ran({ KUBESTACK_AGENT_TRIES: "2" });
  expect(code).toBe(5);
  expect(requests).toHaveLength(2);
});

test.each<[string, Record<string, string>, number, RegExp]>([
  ["no address", { KUBESTACK_AGENT_URL: "" }, 10, /KUBESTACK_AGENT_URL is not set/],
  ["no name", { KUBESTACK_AGENT_NAME: "" }, 10, /KUBESTACK_AGENT_NAME is not set/],
  ["no secret file named", { KUBESTACK_AGENT_SECRET_FILE: "" }, 10, /KUBESTACK_AGENT_SECRET_FILE is not set/],
  ["an unknown launch", { KUBESTACK_AGENT_LAUNCH: "other" }, 10, /must be agent-jar or jnlp-main/],
  ["a secret that is not there", { KUBESTACK_AGENT_SECRET_FILE: "/no/such" }, 11, /no secret in \/no\/such/],
  ["no working folder", { KUBESTACK_AGENT_WORKDIR: "/dev/null/x" }, 15, /working folder \/dev\/null\/x cannot be used/],
  ["no authorities", { KUBESTACK_AGENT_CA_FILE: "/no/such" }, 16, /authorities in \/no\/such cannot be read/],
])("%s is said in one sentence", async (_what, more, code, sentence) => {
  const result = await ran(more);
  expect(result.said).toMatch(sentence);
  expect(result.said.trimEnd().split("\n")).toHaveLength(1);
  expect(result.code).toBe(code);
  expect(await readdir(join(folder, "out"))).toEqual([]);
});

test("an empty secret, a missing Java and a master that refuses each have their own end", async () => {
  await chmod(join(folder, "secret"), 0o600);
  await writeFile(join(folder, "secret"), "");
  expect(await ran()).toMatchObject({ code: 11 });
  await writeFile(join(folder, "secret"), SECRET);
  answers = [404];
  const refused = await ran();
  expect(refused).toMatchObject({ code: 14, said: expect.stringContaining("404") });
  expect(refused.said).not.toContain(SECRET);
  await rm(join(folder, "bin", "java"));
  expect(await ran()).toMatchObject({ code: 12, said: expect.stringContaining("no Java") });
});

test("without curl wget is used, and without both it says so", async () => {
  await rm(join(folder, "bin", "curl"));
  expect(await ran()).toMatchObject({ code: 13 });
  await writeFile(
    join(folder, "bin", "wget"),
    '#!/bin/sh\nprintf "%s " "$@" > "$OUT/wget"\nfor last in "$@"; do :; done\nwhile [ "$1" != -O ]; do shift; done\necho jar > "$2"\n',
    { mode: 0o755 },
  );
  expect(await ran()).toMatchObject({ code: 5 });
  expect((await lines("wget")).join()).toMatch(/\/ci\/jnlpJars\/agent\.jar$/);
});

test("SIGTERM ends it while it waits for the master", async () => {
  answers = [503];
  const agent = start({ KUBESTACK_AGENT_TRIES: "100" });
  answers = Array.from({ length: 50 }, () => 503);
  await vi.waitFor(() => expect(requests.length).toBeGreaterThan(0));
  agent.child.kill("SIGTERM");
  expect(await agent.ended).toBe(143);
});

test("once Java runs it is the process itself: SIGTERM reaches it", async () => {
  const agent = start({ STAY: "1" });
  await vi.waitFor(() => expect(agent.said()).toContain("running"));
  expect(agent.child.pid).toBeDefined();
  agent.child.kill("SIGTERM");
  await agent.ended;
  expect(agent.child.signalCode).toBe("SIGTERM");
});

test("an old Java is refused where the secret would have to be an argument", async () => {
  const home = join(folder, "jre8");
  await mkdir(join(home, "bin"), { recursive: true });
  await writeFile(join(home, "bin", "java"), FAKE_JAVA, { mode: 0o755 });
  await writeFile(join(home, "release"), 'JAVA_VERSION="1.8.0_392"\n');
  const result = await ran({ JAVA_HOME: home, KUBESTACK_AGENT_LAUNCH: "jnlp-main" });
  expect(result).toMatchObject({ code: 12, said: expect.stringContaining("older than Java 9") });
  expect(await ran({ JAVA_HOME: home })).toMatchObject({ code: 5 });
});
