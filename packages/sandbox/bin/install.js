import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { withInstallLock } from "./install-lock.js";

// Plain JavaScript that imports nothing but Node: it runs before anything is installed, on the system's Node.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ownNode = `${root}node_modules/node/bin/node`;
const oldestNode = 20;
const sayEveryMs = 10_000;
const forceAfterMs = 5_000;

/**
 * Installs the dependencies where they are missing or differ from package-lock.json; otherwise does nothing, in a few
 * milliseconds. Ends the process with one sentence where that fails. Several processes at once install once.
 */
export async function ensureInstalled() {
  const [major] = process.versions.node.split(".");
  if (Number(major) < oldestNode)
    fail(`KubeStack needs Node ${oldestNode} or newer to start, this is ${process.version}: install a newer one.`);
  if (isInstalled()) return;
  await withInstallLock(root, say, async () => {
    if (!isInstalled()) await install();
  });
}

/**
 * Runs a program with the project's own Node and resolves with its exit code (128 + n after signal n). Signals are
 * passed on, Ctrl-C too: a program may get it twice, from the terminal and from here.
 * @param {URL | string} program
 * @param {readonly string[]} args
 * @returns {Promise<number>}
 */
export function runWithOwnNode(program, args = []) {
  const path = program instanceof URL ? fileURLToPath(program) : program;
  return ended(spawn(ownNode, [path, ...args], { stdio: "inherit" }));
}

/** Whether everything that the lock file asks for on this machine is there, as npm itself wrote it down. */
function isInstalled() {
  const wanted = packagesOf(`${root}package-lock.json`);
  const present = packagesOf(`${root}node_modules/.package-lock.json`);
  if (wanted === undefined || present === undefined || !existsSync(ownNode)) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith("node_modules/")) return true;
    const found = present[path];
    // What is for another machine is optional, and left out.
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

async function install() {
  const count = Object.keys(packagesOf(`${root}package-lock.json`) ?? {}).length;
  say(`Installing the dependencies, once (npm ci, ${count} packages; usually about a minute)`);
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  // npm draws a progress of its own, but on a terminal only.
  const ticking = process.stderr.isTTY
    ? undefined
    : setInterval(() => say(`  still installing, ${seconds()} s`), sayEveryMs);
  const [command, ...args] = npmCommand();
  // A group of its own, so that Ctrl-C ends what npm started, too.
  const npm = spawn(command, [...args, "ci", "--include=dev", "--no-fund", "--no-audit"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
    detached: true,
  });
  const code = await ended(npm, { group: true }).catch((error) =>
    fail(`npm can't be started (${error.message}): install npm, it comes with Node, then try again.`),
  );
  clearInterval(ticking);
  if (code > 128) process.exit(code);
  if (code !== 0)
    fail(
      "The dependencies could not be installed; npm's words are above. " +
        "Most often its registry can't be reached from here: look at the network, the proxy and `npm config get registry`, then try again.",
    );
  if (!isInstalled())
    fail(
      "The dependencies are installed, yet the project's own Node is not among them: " +
        "npm must be allowed to run the install script of the package `node` (npm config ignore-scripts), then try again.",
    );
  say(`Installed in ${seconds()} s`);
}

/** The npm that started this, where one did. */
function npmCommand() {
  const path = process.env.npm_execpath;
  return path !== undefined && /npm-cli\.c?js$/.test(path) ? [process.execPath, path] : ["npm"];
}

/** The exit code of a child; passes signals to it meanwhile, and to its whole group where it leads one. */
function ended(child, { group = false } = {}) {
  const send = (signal) => {
    try {
      if (child.pid !== undefined) process.kill(group ? -child.pid : child.pid, signal);
    } catch {
      // It has ended already.
    }
  };
  let interrupted;
  const handlers = ["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => {
    const pass = () => {
      send(signal);
      interrupted ??= signal;
      if (group) setTimeout(send, forceAfterMs, "SIGKILL").unref();
    };
    process.on(signal, pass);
    return () => process.off(signal, pass);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      const by = signal ?? (group ? interrupted : undefined);
      resolve(by === undefined || by === null ? code : 128 + constants.signals[by]);
    });
  }).finally(() => {
    for (const remove of handlers) remove();
  });
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exit(1);
}
