import { type ChildProcess, spawn } from "node:child_process";

/**
 * A shell that outlives this process by a moment. It reads what is to be ended or removed from a pipe; when the pipe closes, for
 * whatever reason (a normal end, a crash, SIGKILL), it ends those process groups and removes those folders. A shell and not a timer or
 * an exit hook: neither of them runs after SIGKILL. It has its own session, so that Ctrl-C in a terminal does not reach it first.
 */
const SCRIPT = `
trap '' INT TERM HUP
groups= ; folders= ; nl='
'
without() { kept= ; IFS=$nl ; for entry in $1; do [ "$entry" = "$2" ] || kept="$kept$entry$nl" ; done ; unset IFS ; }
while IFS=' ' read -r verb what; do
  case $verb in
    group) groups="$groups$what$nl" ;;
    no-group) without "$groups" "$what" ; groups=$kept ;;
    folder) folders="$folders$what$nl" ;;
    no-folder) without "$folders" "$what" ; folders=$kept ;;
  esac
done
IFS=$nl
set -f
for group in $groups; do kill -s TERM -- "-$group" 2>/dev/null; done
tries=0
while [ $tries -lt 20 ]; do
  left=
  for group in $groups; do kill -s 0 -- "-$group" 2>/dev/null && left=yes; done
  [ -z "$left" ] && break
  sleep 0.1
  tries=$((tries + 1))
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
for folder in $folders; do rm -rf -- "$folder"; done
exit 0
`;

/** What is watched now: kept here too, so that a guard that was itself killed is replaced by one that knows everything. */
const watched = new Set<string>();
let guard: ChildProcess | undefined;

/** From now on the process group `pgid` is ended when this process is gone, however it goes. */
export function guardGroup(pgid: number): void {
  watch(`group ${pgid}`);
}

/** Call when the group is known to be gone: its number may then belong to somebody else. */
export function releaseGroup(pgid: number): void {
  release("group", String(pgid));
}

/** From now on `folder` (absolute, without a line break) is removed when this process is gone, after its process groups were ended. */
export function guardFolder(folder: string): void {
  watch(`folder ${folder}`);
}

/** `folder` was removed, or is to be kept. */
export function releaseFolder(folder: string): void {
  release("folder", folder);
}

function watch(line: string): void {
  watched.add(line);
  if (guard === undefined) startGuard();
  else guard.stdin?.write(`${line}\n`);
}

function release(verb: string, what: string): void {
  if (watched.delete(`${verb} ${what}`)) guard?.stdin?.write(`no-${verb} ${what}\n`);
}

function startGuard(): void {
  const started = spawn("/bin/sh", ["-c", SCRIPT], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  guard = started;
  const lost = () => {
    if (guard !== started) return;
    guard = undefined;
    if (watched.size > 0) startGuard();
  };
  started.once("exit", lost);
  started.once("error", () => undefined); // no shell: children are still ended by an orderly stop
  started.stdin?.on("error", () => undefined); // a broken pipe means that the guard is gone, which "exit" tells
  for (const line of watched) started.stdin?.write(`${line}\n`);
  started.unref();
  (started.stdin as unknown as { unref?: () => void } | null)?.unref?.();
}
