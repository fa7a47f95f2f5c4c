import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { hookedJobSchema } from "@kubestack/contracts";
import { authenticate, longestBody, readJobEvent, schemes } from "@kubestack/hooks";
import { type FuzzedParser, refusal, times } from "../parser.ts";

const time = "2026-01-31T12:00:00Z";
const own = {
  kubestack: "job",
  id: "build-7",
  state: "waiting",
  name: "nightly",
  labels: ["maven"],
  attempt: 2,
  at: time,
};
const github = {
  action: "queued",
  workflow_job: {
    id: 2_832_853_555,
    run_attempt: 1,
    name: "test",
    html_url: "https://github.example.org/o/r/actions/runs/9/job/2832853555",
    labels: ["self-hosted", "maven"],
    created_at: time,
    started_at: time,
    completed_at: null,
  },
  repository: { full_name: "o/r" },
};
const gitlab = {
  object_kind: "build",
  build_id: 1977,
  build_name: "test",
  build_status: "pending",
  build_started_at: null,
  build_finished_at: "2026-01-31 12:00:00 UTC",
  project_name: "o / r",
  repository: { homepage: "https://gitlab.example.org/o/r" },
};
const buildkite = {
  event: "job.scheduled",
  job: {
    id: "0181-b",
    type: "script",
    name: "test",
    web_url: "https://buildkite.example.org/o/r/builds/1#0181-b",
    agent_query_rules: ["queue=default", "os=*"],
    runnable_at: time,
    scheduled_at: time,
  },
  pipeline: { slug: "r" },
};

/** The bodies of one sender, as the server of webhooks reads them; what the listener keeps is in order, or nothing is. */
function bodiesOf(sender: string, headers: Readonly<Record<string, string>>, body: object): FuzzedParser {
  const sample = JSON.stringify(body);
  return {
    name: `webhook-${sender}`,
    isJson: true,
    samples: [sample, sample.replace("queued", "in_progress").replace("waiting", "over").replace("pending", "failed")],
    words: [
      '"id":',
      '"labels":',
      '"state":',
      '"at":',
      "waiting",
      "queued",
      "job.finished",
      time,
      "http://",
      "{}",
      "null",
    ],
    read: (input) => {
      let json: unknown;
      try {
        json = JSON.parse(input);
      } catch {
        return refusal;
      }
      const reading = readJobEvent(headers, json);
      if (!("event" in reading)) {
        assert.match("ignored" in reading ? reading.ignored : reading.unreadable, /^.{1,512}$/su);
        return refusal;
      }
      const { at, ...job } = reading.event;
      hookedJobSchema.parse({ ...job, since: at ?? 0, op: "x" });
      return undefined;
    },
    growing: {
      brackets: (size) => `${times("[", size / 2)}${times("]", size / 2)}`,
      keys: (size) => `{${Array.from({ length: size / 12 }, (_, at) => `"k${at}":1`).join()}}`,
      labels: (size) => sample.replace(/\[.*?\]/s, `[${times('"l",', size)}"l"]`),
      "unreadable labels": (size) => sample.replace(/\[.*?\]/s, `[${times("7,", size)}7]`),
      "one name": (size) => sample.replace(/test|nightly/, times("n", size)),
      "one address": (size) => sample.replace(/"https:[^"]*"/, `"${times("http://", size)}"`),
      "one time": (size) => sample.replace(/"2026[^"]*"/, `"${times("2", size)}"`),
    },
    longest: longestBody,
  };
}

/** Each sender's bodies. */
export const webhookParsers: readonly FuzzedParser[] = [
  bodiesOf("own", {}, own),
  bodiesOf("github", { "x-github-event": "workflow_job" }, github),
  bodiesOf("gitlab", { "x-gitlab-event": "Job Hook" }, gitlab),
  bodiesOf("buildkite", { "x-buildkite-event": "job.scheduled" }, buildkite),
];

const secret = "a secret of the test";
const now = 1_800_000_000_000;
const seconds = now / 1000;
const body = '{"a":1}';
const digest = (of: string) => createHmac("sha256", secret).update(of).digest("hex");
/** A right one in each form, but for its body: that is always another one. */
const samples = [
  `x-hub-signature-256: sha256=${digest(body)}\n\n${body} `,
  `x-kubestack-signature: t=${seconds},v1=${digest(`${seconds}.${body}`)}\n\n${body} `,
  `x-buildkite-signature: timestamp=${seconds},signature=${digest(`${seconds}.${body}`)}\n\n${body} `,
  `x-gitlab-token: another secret\n\n${body}`,
  `x-buildkite-token: another secret\n\n${body}`,
  `authorization: Basic ${Buffer.from("anybody:another secret").toString("base64")}\n\n${body}`,
];

/** Signatures, times and tokens in the headers that stand before the body: nothing is accepted, and no secret is told. */
export const signatureParser: FuzzedParser = {
  name: "webhook-signature",
  refusesAll: true,
  samples,
  words: [
    ...schemes,
    ": ",
    "sha256=",
    "t=",
    ",v1=",
    "timestamp=",
    ",signature=",
    "Basic ",
    "=",
    String(seconds),
    "\n\n",
  ],
  read: (input) => {
    const end = input.indexOf("\n\n");
    const lines = input.slice(0, end < 0 ? input.length : end).split("\n");
    const headers = Object.fromEntries(
      lines.map((line) => [line.split(":", 1)[0], line.slice(line.indexOf(":") + 1).trim()]),
    );
    const sent = Buffer.from(end < 0 ? "" : input.slice(end + 2), "latin1");
    const found = authenticate({ headers, body: sent }, { secret, now });
    // Who leaves the right body behind a right signature has found nothing out.
    assert.ok(!found.ok || sent.toString("latin1") === body);
    assert.ok(!JSON.stringify(found).includes(secret));
    return found.ok ? undefined : refusal;
  },
  growing: {
    "digits of a time": (size) => `x-kubestack-signature: t=${times("1", size)}\n\n`,
    "digits of a signature": (size) => `x-hub-signature-256: sha256=${times("a", size)}\n\n`,
    "a password": (size) => `authorization: Basic ${times("a", size)}\n\n`,
    blanks: (size) => `authorization: Basic${times(" ", size)}\n\n`,
    "a token": (size) => `x-gitlab-token: ${times("a", size)}\n\n`,
    "a body": (size) => `${samples[0]}${times("a", size)}`,
  },
  longest: longestBody,
};
