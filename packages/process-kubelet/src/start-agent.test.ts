import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AgentBed, FAKE_JAVA, SECRET } from "./start-agent.fixture.ts";

let bed: AgentBed;
beforeEach(async () => {
  bed = await AgentBed.open();
});
afterEach(() => bed.close());

test("the agent's jar is got from the master, and the secret is in no argument and no variable", async () => {
  const { code } = await bed.ran();
  expect(code).toBe(5);
  expect(bed.requests).toEqual(["/ci/jnlpJars/agent.jar"]);
  const argv = await bed.lines("argv");
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
    bed.at("work"),
  ]);
  expect(await readFile(secretFile, "utf8")).toBe(`${SECRET}\n`);
  expect((await stat(secretFile)).mode & 0o777).toBe(0o600);
  for (const seen of ["argv", "environ", "cmdline"]) expect((await bed.lines(seen)).join("\n")).not.toContain(SECRET);
});

test("the older entry class gets everything from an argument file that only its user may read", async () => {
  const more = {
    KUBESTACK_AGENT_LAUNCH: "jnlp-main",
    KUBESTACK_AGENT_JAR_PATH: "/jnlpJars/remoting.jar",
    KUBESTACK_JAVA_OPTS: "-Xmx64m",
  };
  const { code } = await bed.ran({ ...more, KUBESTACK_AGENT_TUNNEL: "agents:50000" });
  expect(code).toBe(5);
  expect(bed.requests).toEqual(["/ci/jnlpJars/remoting.jar"]);
  const argv = await bed.lines("argv");
  expect(argv).toEqual([expect.stringMatching(/^@.*arguments$/)]);
  expect((await stat(argv[0]?.slice(1) ?? "")).mode & 0o777).toBe(0o600);
  expect(await bed.lines("arguments")).toEqual([
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
  for (const seen of ["argv", "environ", "cmdline"]) expect((await bed.lines(seen)).join("\n")).not.toContain("f00d");
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
  await bed.ran(more);
  const argv = await bed.lines("argv");
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
    const home = bed.at("jdk");
    for (const dir of ["bin", "lib/security"]) await mkdir(join(home, dir), { recursive: true });
    await writeFile(join(home, "bin", "java"), FAKE_JAVA, { mode: 0o755 });
    await writeFile(join(home, "bin", "keytool"), FAKE_KEYTOOL, { mode: 0o755 });
    await writeFile(join(home, "lib/security/cacerts"), "Java's own\n", { mode: 0o444 });
    await writeFile(bed.at("ca.pem"), `a comment\n${pem("one")}${pem("two")}`);
    await rm(bed.at("bin", "curl"));
    const curl = `#!/bin/sh\nwhile [ $# -gt 0 ]; do case $1 in --cacert) cat "$2" > "$OUT/bundle" ;; -o) echo jar > "$2" ;; esac; shift; done\n`;
    await writeFile(bed.at("bin", "curl"), curl, { mode: 0o755 });
    const more = { JAVA_HOME: home, KUBESTACK_AGENT_CA_FILE: bed.at("ca.pem"), KUBESTACK_AGENT_LAUNCH: launch };
    expect(await bed.ran(more)).toMatchObject({ code: 5 });
    const given = (await bed.lines(launch === "agent-jar" ? "argv" : "arguments")).map((line) =>
      line.replaceAll('"', ""),
    );
    const store = given.find((line) => line.startsWith("-Djavax.net.ssl.trustStore="))?.split("=")[1] ?? "";
    expect(given).toContain("-Djavax.net.ssl.trustStorePassword=changeit");
    expect(await readFile(store, "utf8")).toBe(`Java's own\n${pem("one")}${pem("two")}`);
    expect(await bed.lines("keytool")).toHaveLength(2);
    expect(await readFile(bed.at("out", "bundle"), "utf8")).toMatch(/\na comment\n-----BEGIN.*\none\n.*\n.*\ntwo\n/);
  },
);

test("a file without a certificate, and a Java without keytool, are said in one sentence", async () => {
  await writeFile(bed.at("ca.pem"), "nothing");
  const more = { KUBESTACK_AGENT_CA_FILE: bed.at("ca.pem") };
  expect(await bed.ran(more)).toMatchObject({ code: 16, said: expect.stringContaining("no keytool beside Java") });
  await writeFile(bed.at("bin", "keytool"), FAKE_KEYTOOL, { mode: 0o755 });
  expect(await bed.ran(more)).toMatchObject({ code: 16, said: expect.stringContaining("no certificate in") });
});

test("where any certificate is taken the jar is got so, too, and the older entry class has a word of its own for it", async () => {
  await rm(bed.at("bin", "curl"));
  await writeFile(
    bed.at("bin", "curl"),
    `#!/bin/sh\nprintf '%s\\n' "$@" > "$OUT/curl"\nwhile [ "$1" != -o ]; do shift; done\necho jar > "$2"\n`,
    { mode: 0o755 },
  );
  await bed.ran({ KUBESTACK_AGENT_INSECURE: "true", KUBESTACK_AGENT_LAUNCH: "jnlp-main" });
  expect(await bed.lines("curl")).toContain("--insecure");
  expect(await bed.lines("arguments")).toContain('"-disableHttpsCertValidation"');
  await bed.ran();
  expect(await bed.lines("curl")).not.toContain("--insecure");
});

test("a jar that is here already is not got again", async () => {
  await writeFile(bed.at("here.jar"), "x");
  await bed.ran({ KUBESTACK_AGENT_JAR: bed.at("here.jar") });
  expect(bed.requests).toEqual([]);
  expect(await bed.lines("argv")).toContain(bed.at("here.jar"));
});

test("a master that is just starting is asked again", async () => {
  bed.answers.push(503);
  const { code, said } = await bed.ran({ KUBESTACK_AGENT_TRIES: "2" });
  expect(code).toBe(5);
  expect(said).toMatch(
    /^start-agent: http:\S+ cannot be downloaded yet, tried 1 times: curl: \(22\).* 503\nrunning\n$/,
  );
  expect(bed.requests).toHaveLength(2);
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
  const result = await bed.ran(more);
  expect(result.said).toMatch(sentence);
  expect(result.said.trimEnd().split("\n")).toHaveLength(1);
  expect(result.code).toBe(code);
  expect(await readdir(bed.at("out"))).toEqual([]);
});

test("an empty secret, a missing Java and a master that refuses each have their own end", async () => {
  await chmod(bed.at("secret"), 0o600);
  await writeFile(bed.at("secret"), "");
  expect(await bed.ran()).toMatchObject({ code: 11 });
  await writeFile(bed.at("secret"), SECRET);
  bed.answers.push(404);
  const refused = await bed.ran();
  expect(refused).toMatchObject({ code: 14, said: expect.stringContaining("404") });
  expect(refused.said).not.toContain(SECRET);
  await rm(bed.at("bin", "java"));
  expect(await bed.ran()).toMatchObject({ code: 12, said: expect.stringContaining("no Java") });
});

test("without curl wget is used, and without both it says so", async () => {
  await rm(bed.at("bin", "curl"));
  expect(await bed.ran()).toMatchObject({ code: 13 });
  await writeFile(
    bed.at("bin", "wget"),
    '#!/bin/sh\nprintf "%s " "$@" > "$OUT/wget"\nfor last in "$@"; do :; done\nwhile [ "$1" != -O ]; do shift; done\necho jar > "$2"\n',
    { mode: 0o755 },
  );
  expect(await bed.ran()).toMatchObject({ code: 5 });
  expect((await bed.lines("wget")).join()).toMatch(/\/ci\/jnlpJars\/agent\.jar$/);
});

test("SIGTERM ends it while it waits for the master", async () => {
  bed.answers.push(503);
  const agent = bed.start({ KUBESTACK_AGENT_TRIES: "100" });
  bed.answers.push(...Array.from({ length: 50 }, () => 503));
  await vi.waitFor(() => expect(bed.requests.length).toBeGreaterThan(0));
  agent.child.kill("SIGTERM");
  expect(await agent.ended).toBe(143);
});

test("once Java runs it is the process itself: SIGTERM reaches it", async () => {
  const agent = bed.start({ STAY: "1" });
  await vi.waitFor(() => expect(agent.said()).toContain("running"));
  expect(agent.child.pid).toBeDefined();
  agent.child.kill("SIGTERM");
  await agent.ended;
  expect(agent.child.signalCode).toBe("SIGTERM");
});

test("an old Java is refused where the secret would have to be an argument", async () => {
  const home = bed.at("jre8");
  await mkdir(join(home, "bin"), { recursive: true });
  await writeFile(join(home, "bin", "java"), FAKE_JAVA, { mode: 0o755 });
  await writeFile(join(home, "release"), 'JAVA_VERSION="1.8.0_392"\n');
  const result = await bed.ran({ JAVA_HOME: home, KUBESTACK_AGENT_LAUNCH: "jnlp-main" });
  expect(result).toMatchObject({ code: 12, said: expect.stringContaining("older than Java 9") });
  expect(await bed.ran({ JAVA_HOME: home })).toMatchObject({ code: 5 });
});
