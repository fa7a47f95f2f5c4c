import { type ChildProcess, spawn } from "node:child_process";

/**
 * A shell that knows every process group of the kubelet and ends them all when its input closes: that happens however the
 * kubelet ends, by SIGKILL too, where no handler of its own would run. It has a session of its own, so that Ctrl-C does
 * not reach it. Processes that left their group are found by the mark in their environment, where the system shows it.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups=' '
while read -r verb id; do
  case $verb in
    +) groups="$groups$id " ;;
    -) case $groups in *" $id "*) groups="\${groups%%" $id "*} \${groups#*" $id "}" ;; esac ;;
    quit) exit 0 ;;
  esac
done
for id in $groups; do kill -KILL -- "-$id" 2>/dev/null; done
for round in 1 2; do
  for environ in /proc/[0-9]*/environ; do
    grep -aqsF "$1" "$environ" 2>/dev/null || continue
    pid=\${environ#/proc/}
    kill -KILL "\${pid%/environ}" 2>/dev/null
  done
done
exit 0
`;

/** Ends what the kubelet started when the kubelet is gone. */
export interface Watchdog {
  /** Resolves when the watchdog has been told of the process group, which must not do anything before. */
  watch(group: number): Promise<void>;
  /** Call when the group is known to be gone: its number may then belong to somebody else. */
  release(group: number): void;
  /** Lets the watchdog end; call it when nothing runs any more. Resolves when it is gone. */
  close(): Promise<void>;
  /** Its process id, or nothing while none runs. */
  pid(): number | undefined;
}

/** Starts a watchdog for processes that carry `mark` in their environment. One that is killed is replaced at once. */
export function startWatchdog(mark: string): Watchdog {
  const groups = new Set<number>();
  let isClosed = false;
  let child: ChildProcess;
  let ended: Promise<void>;
  const start = () => {
    child = spawn("/bin/sh", ["-c", SCRIPT, "watchdog", mark], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      cwd: "/",
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
    ended = new Promise((resolve) => {
      child.once("exit", () => {
        if (isClosed) return resolve();
        start();
        return resolve(ended);
      });
      // Without a shell nothing can be started here at all, and that fails with its own words.
      child.once("error", () => resolve());
    });
    child.stdin?.on("error", () => undefined); // a broken pipe means that it is gone, which "exit" tells
    child.unref();
    (child.stdin as { unref?: () => void } | null)?.unref?.();
    for (const group of groups) child.stdin?.write(`+ ${group}\n`);
  };
  start();
  const tell = (line: string) => new Promise<void>((resolve) => child.stdin?.write(line, () => resolve()) ?? resolve());
  return {
    watch: (group) => {
      groups.add(group);
      return tell(`+ ${group}\n`);
    },
    release: (group) => {
      if (groups.delete(group)) void tell(`- ${group}\n`);
    },
    close: () => {
      isClosed = true;
      child.ref();
      child.stdin?.end("quit\n");
      return ended;
    },
    pid: () => child.pid,
  };
}
