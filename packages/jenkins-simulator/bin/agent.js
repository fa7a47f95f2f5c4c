#!/usr/bin/env node
/**
 * The agent of one node of a simulated master: connected while its stream is open. It runs the scripts that builds bring along. It
 * reads what start-agent reads, and ends with the same codes: 10 a needed variable is missing, 11 no secret, 14 the master does not
 * take it, 143 asked to end.
 *
 *   KUBESTACK_AGENT_URL          the master, as pods reach it                              (needed)
 *   KUBESTACK_AGENT_NAME         the master's node                                         (needed)
 *   KUBESTACK_AGENT_SECRET_FILE  file whose first line is the node's secret                (needed)
 *   KUBESTACK_AGENT_WEBSOCKET    true: connect by WebSocket, as a Jenkins' own agents do, instead of by a plain stream
 *   KUBESTACK_AGENT_RECONNECT    always (default) | never | a duration such as 10m
 *   KUBESTACK_AGENT_TRIES        how often the first connection is tried; default 20
 *   KUBESTACK_AGENT_START_MS     waits so long before it connects, as a Java would; default 0
 */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";

const { env } = process;
/** Nothing heard for so long: the way is dead. */
const silenceMs = 15_000;

function fail(code, sentence) {
  process.stderr.write(`agent: ${sentence}\n`);
  process.exit(code);
}

function needed(name) {
  const value = env[name];
  return value ? value : fail(10, `${name} is not set`);
}

function firstLine(path) {
  try {
    return readFileSync(path, "utf8").split("\n", 1)[0].trim();
  } catch {
    return "";
  }
}

const durationUnits = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** How long it goes on trying after the connection was lost, in ms. */
function patience(text) {
  if (text === "always") return Number.POSITIVE_INFINITY;
  if (text === "never") return 0;
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? fail(10, `KUBESTACK_AGENT_RECONNECT is ${text}`);
  return Number(count) * durationUnits[unit];
}

const root = new URL(needed("KUBESTACK_AGENT_URL").replace(/\/?$/, "/"));
const name = needed("KUBESTACK_AGENT_NAME");
const secretFile = needed("KUBESTACK_AGENT_SECRET_FILE");
const secret = firstLine(secretFile) || fail(11, `no secret in ${secretFile}`);
const reconnectMs = patience(env.KUBESTACK_AGENT_RECONNECT ?? "always");
const tries = Number(env.KUBESTACK_AGENT_TRIES ?? 20);
const usesWebSocket = env.KUBESTACK_AGENT_WEBSOCKET === "true";

function say(sentence) {
  process.stdout.write(`${sentence}\n`);
}

/** Scripts that run now, by build. */
const scripts = new Map();
const buildOf = ({ job, number }) => `${job} #${number}`;

function startScript(told) {
  const child = spawn("sh", ["-ec", told.script], { stdio: "ignore" });
  scripts.set(buildOf(told), child);
  let isOver = false;
  const end = (result) => {
    if (isOver) return;
    isOver = true;
    // One that was stopped is no longer there, and its end is nothing new to the master.
    if (scripts.get(buildOf(told)) === child && scripts.delete(buildOf(told))) tellEnd(told, result);
  };
  child.once("error", () => end("FAILURE"));
  child.once("exit", (code) => end(code === 0 ? "SUCCESS" : "FAILURE"));
}

function stopScript(build) {
  const child = scripts.get(build);
  scripts.delete(build);
  child?.kill("SIGKILL");
}

function tellEnd({ job, number }, result) {
  const query = new URLSearchParams({ name, job, number: String(number), result });
  const address = new URL(`simulator/agent/ended?${query}`, root);
  const request = http.request(address, { method: "POST", headers: { "x-agent-secret": secret }, agent: false });
  request.setTimeout(silenceMs, () => request.destroy());
  request.on("response", (response) => response.resume());
  request.on("error", (error) => say(`WARNING: the end of ${job} #${number} could not be told: ${error.message}`));
  request.end();
}

function tell(line) {
  const told = JSON.parse(line);
  if (told.type === "connected") say("INFO: Connected");
  const what = [told.job, told.part].filter(Boolean).join(" ");
  if (told.type === "started" && told.script) startScript(told);
  if (told.type === "ended") stopScript(buildOf(told));
  if (told.type === "started") say(`started ${what} #${told.number}`);
  if (told.type === "ended") say(`ended ${what} #${told.number}: ${told.result}`);
}

function tellLines() {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) tell(line);
  };
}

const refused = (status) => ({ stood: false, why: `the master answered ${status}`, final: status === 403 });
const lost = { stood: true, why: "the connection was lost", final: false };

/** How many bytes stand before the payload of the first frame, and its size, as a server sends it: whole, and without a mask. */
function frameHead(bytes) {
  const short = bytes[1] & 0x7f;
  if (short === 126) return { from: 4, size: bytes.length < 4 ? 0 : bytes.readUInt16BE(2) };
  if (short === 127) return { from: 10, size: bytes.length < 10 ? 0 : Number(bytes.readBigUInt64BE(2)) };
  return { from: 2, size: short };
}

/** Calls with the opcode and the payload of each frame. */
function frames(take) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 2) {
      const { from, size } = frameHead(rest);
      if (rest.length < from + size) return;
      take(rest[0] & 0x0f, rest.subarray(from, from + size));
      rest = rest.subarray(from + size);
    }
  };
}

/** A frame without payload, masked as a client must. */
const emptyFrame = (opcode) => Buffer.from([0x80 | opcode, 0x80, 0, 0, 0, 0]);

function connectByWebSocket() {
  return new Promise((resolve) => {
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": randomBytes(16).toString("base64"),
      "node-name": name,
      "secret-key": secret,
      "x-remoting-capability": "simulated",
    };
    const request = http.get(new URL("wsagents/", root), { headers, agent: false });
    request.setTimeout(silenceMs, () => request.destroy());
    request.on("error", (error) => resolve({ stood: false, why: error.message, final: false }));
    request.on("response", (response) => {
      response.resume();
      resolve(refused(response.statusCode));
    });
    request.on("upgrade", (_, socket, head) => {
      const take = tellLines();
      const receive = frames((opcode, payload) => {
        if (opcode === 1) take(payload.toString());
        if (opcode === 9) socket.write(emptyFrame(10));
        if (opcode === 8) socket.end(emptyFrame(8));
      });
      socket.setTimeout(silenceMs, () => socket.destroy());
      socket.on("data", receive);
      socket.on("error", () => {});
      socket.on("close", () => resolve(lost));
      receive(head);
    });
  });
}

/** One connection: whether it stood, and why it is none (any more). `final`: trying again is of no use. */
function connectOnce() {
  if (usesWebSocket) return connectByWebSocket();
  return new Promise((resolve) => {
    const address = new URL(`simulator/agent?name=${encodeURIComponent(name)}`, root);
    const request = http.get(address, { headers: { "x-agent-secret": secret }, agent: false }, (response) => {
      response.setEncoding("utf8");
      if (response.statusCode !== 200) {
        response.resume();
        resolve(refused(response.statusCode));
        return;
      }
      response.on("data", tellLines());
      response.on("error", () => {});
      response.on("close", () => resolve(lost));
    });
    request.setTimeout(silenceMs, () => request.destroy());
    request.on("error", (error) => resolve({ stood: false, why: error.message, final: false }));
  });
}

process.on("exit", () => {
  for (const build of [...scripts.keys()]) stopScript(build);
});
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"]) process.on(signal, () => process.exit(143));

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
await wait(Number(env.KUBESTACK_AGENT_START_MS ?? 0));
let hasStood = false;
let failed = 0;
let lostAt = Date.now();
for (;;) {
  const end = await connectOnce();
  for (const build of [...scripts.keys()]) stopScript(build); // a build does not outlive its channel
  if (end.stood) {
    hasStood = true;
    failed = 0;
    lostAt = Date.now();
  } else failed += 1;
  say(`WARNING: ${end.why}`);
  if (end.final || (!hasStood && failed >= tries)) fail(14, `${root.href} does not take ${name}: ${end.why}`);
  if (hasStood && Date.now() - lostAt >= reconnectMs) process.exit(0);
  // 0.1 s at first, so that a master that only blinked has it back at once; five at most.
  await wait(Math.min(100 * 2 ** failed, 5_000));
}
