import { execFile } from "node:child_process";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { java } from "@kubestack/real-parts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selfSigned } from "./certificate.ts";
import { AgentBed, SCRIPT, SECRET } from "./start-agent.fixture.ts";

const run = promisify(execFile);
/** An agent that tells where its Java is, and whether it can start what builds start. */
const agentSource = `
public class Agent {
  public static void main(String[] arguments) throws Exception {
    System.out.println("home " + System.getProperty("java.home") + " arguments " + String.join(" ", arguments));
    System.exit(new ProcessBuilder("sh", "-c", "echo a step of a build").inheritIO().start().waitFor());
  }
}`;

let bed: AgentBed;
let to: string;
let home: string;

beforeAll(async () => {
  bed = await AgentBed.open();
  to = bed.at("injected");
  home = dirname(dirname(await java()));
  await mkdir(to);
  const image = await bed.image("agent-image", [
    "chmod",
    "cp",
    "curl",
    "mkdir",
    "mktemp",
    "mv",
    "readlink",
    "rm",
    "sh",
    "tail",
  ]);
  await symlink("/bin/sh", bed.at("agent-image", "busybox"));
  await run(join(dirname(SCRIPT), "collect-libraries"), [home, bed.at("libraries")]);
  const env = { PATH: image, JAVA_HOME: home, KUBESTACK_AGENT_LIBRARIES: bed.at("libraries"), TMPDIR: to };
  expect(await bed.ran(env, ["/bin/sh", SCRIPT, "inject", to])).toEqual({ code: 0, said: "" });
  await writeFile(bed.at("Agent.java"), agentSource);
  await run(join(home, "bin/javac"), ["-d", bed.at("classes"), bed.at("Agent.java")]);
  await run(join(home, "bin/jar"), ["cfe", bed.at("agent.jar"), "Agent", "-C", bed.at("classes"), "Agent.class"]);
}, 60_000);
afterAll(() => bed?.close());

async function started(more: Record<string, string> = {}) {
  await rm(bed.at("image"), { recursive: true, force: true });
  const image = await bed.image("image", [
    "awk",
    "cat",
    "grep",
    "head",
    "id",
    "mkdir",
    "mktemp",
    "readlink",
    "sed",
    "sh",
    "tail",
  ]);
  const env = {
    PATH: image,
    KUBESTACK_AGENT_INJECTED: to,
    KUBESTACK_AGENT_JAR: bed.at("agent.jar"),
    KUBESTACK_AGENT_JAVA_SINCE: "17",
  };
  return bed.ran({ ...env, ...more }, [join(to, "bin/sh"), join(to, "start-agent")]);
}

test("a real Java that was injected starts, and so do the steps of builds", async () => {
  const { code, said } = await started();
  expect(said).toContain(`home ${to}/java arguments -url`);
  expect(said).toContain("a step of a build");
  expect(said).not.toContain(SECRET);
  expect(code).toBe(0);
}, 30_000);

/** As an image without this machine's C library has it: the loader that the program names is not there. */
async function takeLoaderAway(program: string): Promise<void> {
  const bytes = await readFile(program, "latin1");
  const [named = ""] = /\/lib[^\0]*\/ld-[^\0]+\.so\.\d/.exec(bytes) ?? [];
  expect(named).not.toBe("");
  await writeFile(program, bytes.replaceAll(named, `${"/no".padEnd(named.length, "x")}`), "latin1");
}

test("where the image has another C library Java runs by its own, authorities included", async () => {
  for (const program of ["bin/java", "bin/keytool", "lib/jspawnhelper"])
    await takeLoaderAway(join(to, "java", program));
  await expect(run(join(to, "java/bin/java"), ["-version"])).rejects.toMatchObject({ code: "ENOENT" });
  await writeFile(bed.at("ca.pem"), selfSigned("master", Date.now()).certPem);
  const { code, said } = await started({ KUBESTACK_AGENT_CA_FILE: bed.at("ca.pem") });
  expect(said).toContain(`home ${to}/java arguments -url`);
  expect(said).toContain("a step of a build");
  expect(code).toBe(0);
}, 30_000);
