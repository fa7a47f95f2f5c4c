import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ended } from "./child.js";
import { withInstallLock } from "./install-lock.js";
import { npmTrouble } from "./npm-trouble.js";

// Plain JavaScript that imports nothing but Node: it runs before anything is installed, on the system's Node.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const ownNode = `${root}node_modules/node/bin/node`;
const oldestNode = 20;
const tailBytes = 20_000;

/**
 * Installs the dependencies where they are missing or differ from package-lock.json; otherwise does nothing, in a few
 * milliseconds. Ends the process with one sentence where that fails. Several processes at once install once.
 */
export async function ensureInstalled() {
  const [major] = process.versions.node.split(".");
  if (Number(major) < oldestNode)
    fail(`KubeStack needs Node ${oldestNode} or newer to start, and this is ${process.version}: install a newer one.`);
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
  const progress = startProgress("Installing the dependencies (only the first time)");
  let result = await npm("ci");
  // npm ci insists on an entry for each optional package of every system, which a lock file need not have.
  if (result.code !== 0 && result.said.includes("EUSAGE")) result = await npm("install", "--no-save");
  const seconds = progress.end();
  if (result.code > 128) process.exit(result.code);
  if (result.code !== 0) fail(npmTrouble(result));
  if (!isInstalled())
    fail(
      "npm has installed the dependencies, yet the project's own Node is not among them: npm must be allowed to run " +
        "the install script of the package `node` (npm config set ignore-scripts false), then start again.",
    );
  say(`Installed in ${seconds} s`);
}

/** Runs npm in a group of its own, so that Ctrl-C ends what npm started, too. */
async function npm(...verb) {
  const [command, ...before] = npmCommand();
  const args = [...before, ...verb, "--include=dev", "--no-fund", "--no-audit", "--no-progress", "--loglevel=error"];
  const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-tailBytes);
    });
  try {
    return { code: await ended(child, { group: true }), said };
  } catch (error) {
    fail(`npm can't be started (${error.message}): install npm, which comes with Node, then start again.`);
  }
}

/** The npm that started this, where one did. */
function npmCommand() {
  const path = process.env.npm_execpath;
  return path !== undefined && /npm-cli\.c?js$/.test(path) ? [process.execPath, path] : ["npm"];
}

/** Says that it lives and for how long: on a terminal in one line, else in a line now and then. */
function startProgress(title) {
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const isTerminal = process.stderr.isTTY === true;
  const draw = () => process.stderr.write(`\r${title}  ${seconds()} s`);
  if (isTerminal) draw();
  else say(title);
  const ticking = setInterval(
    () => (isTerminal ? draw() : say(`  still installing, ${seconds()} s`)),
    isTerminal ? 1000 : 10_000,
  );
  return {
    end: () => {
      clearInterval(ticking);
      if (isTerminal) process.stderr.write("\r\u001b[K");
      return seconds();
    },
  };
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(sentence) {
  say(sentence);
  process.exit(1);
}
