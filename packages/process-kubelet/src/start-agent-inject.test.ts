import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { AgentBed, FAKE_JAVA, SCRIPT, SECRET } from "./start-agent.fixture.ts";

let bed: AgentBed;
let to: string;

/** Of the agent image: more than an image must have that the agent is put into. */
const agentTools = [
  "chmod",
  "cp",
  "curl",
  "grep",
  "head",
  "id",
  "mkdir",
  "mktemp",
  "mv",
  "readlink",
  "rm",
  "sh",
  "sleep",
  "tail",
];
/** Of somebody's image: the injected shell brings the rest, which a test has no room for. */
const imageTools = ["cat", "cp", "grep", "head", "id", "mkdir", "mktemp", "readlink", "sed", "sh", "tail", "tr"];

/** A Java that tells its version when asked, and in `which` who it was; it runs only `if` that shell's condition holds. */
function javaOf(name: string, version: string, runsIf = "true"): string {
  const [hashBang = "", ...body] = FAKE_JAVA.split("\n");
  const asked = `if [ "$1" = -version ]; then echo 'openjdk version "${version}" 2025-01-01' >&2; exit 0; fi`;
  return [
    hashBang,
    `${runsIf} || { echo "${name}: cannot run" >&2; exit 127; }`,
    asked,
    `echo ${name} > "$OUT/which"`,
    ...body,
  ].join("\n");
}

async function putJava(home: string, script: string, release?: string): Promise<string> {
  for (const dir of ["bin", "lib/security", "conf"]) await mkdir(join(home, dir), { recursive: true });
  await writeFile(join(home, "bin", "java"), script, { mode: 0o755 });
  await writeFile(join(home, "lib", "modules"), "modules", { mode: 0o644 });
  if (release !== undefined) await writeFile(join(home, "release"), `IMPLEMENTOR="x"\nJAVA_VERSION="${release}"\n`);
  return home;
}

beforeEach(async () => {
  bed = await AgentBed.open();
  to = bed.at("injected");
  await mkdir(to);
  await bed.image("agent-image", agentTools);
  // Of what is called busybox only the shell is needed here: its other programs are the image's.
  await symlink("/bin/sh", bed.at("agent-image", "busybox"));
  await putJava(bed.at("jdk21"), javaOf("injected", "21.0.4"), "21.0.4");
  await mkdir(bed.at("libraries"));
  await bed.image("image", imageTools);
});
afterEach(() => bed.close());

const inject = (more: Record<string, string> = {}, folder = to) =>
  bed.ran(
    {
      PATH: bed.at("agent-image"),
      JAVA_HOME: bed.at("jdk21"),
      KUBESTACK_AGENT_LIBRARIES: bed.at("libraries"),
      TMPDIR: to,
      KUBESTACK_AGENT_NAME: "",
      KUBESTACK_AGENT_SECRET_FILE: "",
      ...more,
    },
    // Whatever of its files a container lets others see by default.
    ["/bin/sh", "-c", 'umask 077; exec /bin/sh "$@"', "sh", SCRIPT, "inject", folder],
  );

const started = (more: Record<string, string> = {}) =>
  bed.ran(
    {
      PATH: bed.at("image"),
      KUBESTACK_AGENT_INJECTED: to,
      KUBESTACK_AGENT_JAR: join(to, "agent.jar"),
      KUBESTACK_AGENT_JAVA_SINCE: "17",
      ...more,
    },
    [join(to, "bin/sh"), join(to, "start-agent")],
  );
const which = async () => (await bed.lines("which"))[0];

describe("injecting", () => {
  test("puts a shell, the script, Java with its libraries and the master's jar there, for everybody to read", async () => {
    await writeFile(bed.at("libraries", "ld.so"), "the loader", { mode: 0o755 });
    expect(await inject()).toEqual({ code: 0, said: "" });
    expect(bed.requests).toEqual(["/ci/jnlpJars/agent.jar"]);
    expect((await readdir(to)).toSorted()).toEqual(["agent.jar", "bin", "java", "lib", "start-agent"]);
    expect(await readFile(join(to, "agent.jar"), "utf8")).toBe("the jar");
    expect(await readFile(join(to, "java/lib/modules"), "utf8")).toBe("modules");
    expect(await readFile(join(to, "start-agent"), "utf8")).toBe(await readFile(SCRIPT, "utf8"));
    const modeOf = async (name: string) => (await stat(join(to, name))).mode & 0o777;
    for (const name of ["bin/sh", "start-agent", "java/bin/java", "lib/ld.so"]) expect(await modeOf(name)).toBe(0o755);
    for (const name of ["agent.jar", "java/lib/modules"]) expect(await modeOf(name)).toBe(0o644);
  });

  test("may be done again, as after a pod whose containers were lost", async () => {
    expect([(await inject()).code, (await inject()).code]).toEqual([0, 0]);
    expect((await readdir(to)).toSorted()).toEqual(["agent.jar", "bin", "java", "lib", "start-agent"]);
  });

  test.each<[string, () => Promise<unknown>, Record<string, string>, number, RegExp]>([
    ["no address", async () => undefined, { KUBESTACK_AGENT_URL: "" }, 10, /KUBESTACK_AGENT_URL is not set/],
    [
      "no folder",
      () => rm(to, { recursive: true }),
      { TMPDIR: "/tmp" },
      17,
      /nothing can be put into .*injected: it must be/,
    ],
    ["no shell", () => rm(bed.at("agent-image", "busybox")), {}, 17, /no busybox.*built from images\/slave/],
    ["no Java", () => rm(bed.at("jdk21"), { recursive: true }), {}, 12, /no Java.*built from images\/slave/],
    [
      "what cannot be copied",
      () => symlink("/no/such", bed.at("libraries", "x.so")),
      {},
      17,
      /Java cannot be copied into .*No such file/,
    ],
    [
      "authorities that are not there",
      async () => undefined,
      { KUBESTACK_AGENT_CA_FILE: "/no/such" },
      16,
      /authorities in \/no\/such/,
    ],
    [
      "a master that has no jar",
      async () => bed.answers.push(404),
      {},
      14,
      /jnlpJars\/agent\.jar cannot be downloaded, tried 1 times: .*404/,
    ],
  ])("says of %s what is wrong, in one sentence", async (_what, spoil, more, code, sentence) => {
    await spoil();
    const result = await inject(more);
    expect(result.said).toMatch(sentence);
    expect(result.said.trimEnd().split("\n")).toHaveLength(1);
    expect(result.code).toBe(code);
  });

  test("ends at once when its pod is to end", async () => {
    bed.answers.push(...Array.from({ length: 50 }, () => 503));
    const more = { PATH: bed.at("agent-image"), JAVA_HOME: bed.at("jdk21"), KUBESTACK_AGENT_TRIES: "100" };
    const injecting = bed.start(more, ["/bin/sh", SCRIPT, "inject", to]);
    await vi.waitFor(() => expect(bed.requests.length).toBeGreaterThan(0), 20_000);
    injecting.child.kill("SIGTERM");
    expect(await injecting.ended).toBe(143);
  });
});

describe("an injected agent", () => {
  test("starts in an image with neither Java nor a downloader, with the jar that came along", async () => {
    await inject();
    bed.requests.length = 0;
    expect(await started()).toMatchObject({ code: 5 });
    expect(await which()).toBe("injected");
    const argv = await bed.lines("argv");
    expect(argv.slice(argv.indexOf("-jar"), argv.indexOf("-jar") + 2)).toEqual(["-jar", join(to, "agent.jar")]);
    expect(bed.requests).toEqual([]);
    for (const seen of ["argv", "environ", "cmdline"]) expect((await bed.lines(seen)).join("\n")).not.toContain(SECRET);
    // Builds find their own tools as if nothing had been put in.
    expect(await bed.lines("environ")).toContain(`PATH=${bed.at("image")}`);
  });

  test.each<[string, { version: string; release?: string; runsIf?: string }, Record<string, string>, string]>([
    ["the image's own where it is new enough", { version: "17.0.9", release: "17.0.9" }, {}, "own"],
    ["or newer", { version: "25", release: "25" }, {}, "own"],
    ["or says so when it is asked only", { version: "17.0.9" }, {}, "own"],
    ["the injected one where that is too old", { version: "11.0.1", release: "11.0.1" }, {}, "injected"],
    ["or very old", { version: "1.8.0_392", release: "1.8.0_392" }, {}, "injected"],
    ["or says that when it is asked only", { version: "1.8.0_392" }, {}, "injected"],
    ["or does not run", { version: "17", runsIf: "false" }, {}, "injected"],
    [
      "the image's own, of whatever age, where the master takes any",
      { version: "1.8.0_1" },
      { KUBESTACK_AGENT_JAVA_SINCE: "" },
      "own",
    ],
    [
      "but for the older entry class from Java 9 on",
      { version: "1.8.0_1" },
      { KUBESTACK_AGENT_JAVA_SINCE: "8", KUBESTACK_AGENT_LAUNCH: "jnlp-main" },
      "injected",
    ],
  ])("takes %s", async (_what, { version, release, runsIf }, more, expected) => {
    await inject();
    const home = await putJava(bed.at("own"), javaOf("own", version, runsIf), release);
    await symlink(join(home, "bin/java"), bed.at("image", "java"));
    expect(await started(more)).toMatchObject({ code: 5 });
    expect(await which()).toBe(expected);
    await rm(bed.at("image", "java"));
    await rm(bed.at("out", "which"));
    expect(await started({ ...more, JAVA_HOME: home })).toMatchObject({ code: 5 });
    expect(await which()).toBe(expected);
  });

  test.each(["agent-jar", "jnlp-main"])(
    "runs Java by its own libraries where the image's are others: %s",
    async (launch) => {
      await putJava(bed.at("jdk21"), javaOf("injected", "21.0.4", '[ -n "$BY" ]'), "21.0.4");
      const loader = `#!/bin/sh\necho "$@" > "$OUT/loader"\n[ "$1 $2" = "--inhibit-cache --library-path" ] || exit 1\nshift 3\nBY=1 exec "$@"\n`;
      await writeFile(bed.at("libraries", "ld.so"), loader, { mode: 0o755 });
      await inject();
      expect(await started({ KUBESTACK_AGENT_LAUNCH: launch })).toMatchObject({ code: 5 });
      expect(await which()).toBe("injected");
      expect((await bed.lines("loader"))[0]).toContain(`--library-path ${to}/lib ${to}/java/bin/java `);
      // Java's own helper for starting processes names a loader that is not there.
      const given = (await bed.lines(launch === "agent-jar" ? "argv" : "arguments")).map((line) =>
        line.replaceAll('"', ""),
      );
      expect(given).toContain("-Djdk.lang.Process.launchMechanism=VFORK");
    },
  );

  test.each<[string, { own?: string; version?: string }, string]>([
    ["no other Java", {}, "the image has none"],
    ["too old a Java", { own: "true", version: "11" }, "own/bin/java, is Java 11, and the master needs Java 17"],
    ["a broken one", { own: "false", version: "21" }, "own/bin/java, does not run"],
  ])("says why no Java runs where the image has %s", async (_what, { own, version = "" }, says) => {
    await putJava(bed.at("jdk21"), javaOf("injected", "21.0.4", "false"), "21.0.4");
    await inject();
    const more = own === undefined ? {} : { JAVA_HOME: await putJava(bed.at("own"), javaOf("own", version, own)) };
    const { code, said } = await started(more);
    expect(code).toBe(12);
    expect(said).toContain(says);
    expect(said).toContain("the injected one cannot be started, since the image has another C library");
    expect(said).toContain("injected: cannot run");
    expect(said.trimEnd().split("\n")).toHaveLength(1);
  });

  test("says of an image without a shell that builds could do nothing there", async () => {
    await inject();
    await rm(bed.at("image", "sh"));
    expect(await started()).toMatchObject({
      code: 18,
      said: expect.stringContaining("no sh on the PATH of this image"),
    });
  });
});
