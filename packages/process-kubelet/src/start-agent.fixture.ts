import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const SCRIPT = join(import.meta.dirname, "../../../images/slave/start-agent");
export const SECRET = 'f00d"se\\cret';
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
export const FAKE_JAVA = `#!/bin/sh
for argument in "$@"; do printf '%s\\n' "$argument"; done > "$OUT/argv"
cat /proc/$$/environ | tr '\\0' '\\n' > "$OUT/environ"
cat /proc/$$/cmdline | tr '\\0' '\\n' > "$OUT/cmdline"
case $1 in @*) cp "\${1#@}" "$OUT/arguments" 2>/dev/null || cat "\${1#@}" > "$OUT/arguments" ;; esac
echo running
[ -z "\${STAY:-}" ] || exec sleep 600
exit 5
`;

/** A folder with an image's programs, a Java that only writes down how it was called, and a master that has the agent's jar. */
export class AgentBed {
  readonly folder: string;
  /** What the master was asked for. */
  readonly requests: string[] = [];
  /** What it answers next; then 200. */
  readonly answers: number[] = [];
  readonly #server: Server;
  readonly #children: ChildProcess[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? "");
      response.writeHead(this.answers.shift() ?? 200).end("the jar");
    });
  }

  static async open(): Promise<AgentBed> {
    const bed = new AgentBed(await mkdtemp(join(tmpdir(), "start-agent-")));
    for (const name of ["bin", "out", "tmp"]) await mkdir(bed.at(name));
    await bed.image("bin", TOOLS);
    await writeFile(bed.at("bin", "java"), FAKE_JAVA, { mode: 0o755 });
    await writeFile(bed.at("secret"), `${SECRET}\n`, { mode: 0o400 });
    bed.#server.listen(0, "127.0.0.1");
    await once(bed.#server, "listening");
    return bed;
  }

  async close(): Promise<void> {
    for (const child of this.#children) if (child.exitCode === null) child.kill("SIGKILL");
    this.#server.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  at(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** Links these programs of the machine into a folder. */
  async image(name: string, tools: readonly string[]): Promise<string> {
    await mkdir(this.at(name), { recursive: true });
    for (const tool of tools)
      for (const path of ["/usr/bin", "/bin"].map((dir) => join(dir, tool)))
        if ((await stat(path).catch(() => undefined)) !== undefined)
          await symlink(path, this.at(name, tool)).catch(() => undefined);
    return this.at(name);
  }

  /** The script, or a command in its place, as a process of its own. */
  start(more: Record<string, string> = {}, command: readonly string[] = ["/bin/sh", SCRIPT]) {
    const env: Record<string, string> = {
      PATH: this.at("bin"),
      OUT: this.at("out"),
      TMPDIR: this.at("tmp"),
      KUBESTACK_AGENT_URL: `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ci`,
      KUBESTACK_AGENT_NAME: "ks-one-0000a",
      KUBESTACK_AGENT_WORKDIR: this.at("work"),
      KUBESTACK_AGENT_SECRET_FILE: this.at("secret"),
      KUBESTACK_AGENT_TRIES: "1",
      ...more,
    };
    const [program = "", ...rest] = command;
    const child = spawn(program, rest, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.#children.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const ended = once(child, "close").then(([code]) => code as number | null);
    return { child, ended, said: () => said };
  }

  async ran(more: Record<string, string> = {}, command?: readonly string[]) {
    const agent = this.start(more, command);
    return { code: await agent.ended, said: agent.said() };
  }

  /** What the fake Java wrote down. */
  async lines(name: string): Promise<string[]> {
    return (await readFile(this.at("out", name), "utf8")).trimEnd().split("\n");
  }
}
