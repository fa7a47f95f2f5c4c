import { describe, expect, test } from "vitest";
import { timeOf } from "./fields.ts";
import { readJobEvent } from "./read-job-event.ts";

const at = Date.parse("2026-01-31T12:00:00Z");
const read = (headers: Record<string, string>, body: unknown) =>
  readJobEvent(headers, JSON.parse(JSON.stringify(body)));

describe("KubeStack's own form", () => {
  const whole = {
    kubestack: "job",
    id: "build-7",
    state: "waiting",
    name: "nightly",
    url: "https://ci.example.org/7",
    labels: ["maven", "linux", "maven"],
    attempt: 2,
    at: "2026-01-31T12:00:00Z",
  };

  test("is taken as it is, and no label twice", () => {
    const { kubestack: _kind, ...rest } = whole;
    expect(read({}, whole)).toEqual({ event: { ...rest, labels: ["maven", "linux"], source: "own", at } });
  });

  test("needs an id and a state", () => {
    expect(read({}, { kubestack: "job", id: 7, state: "over" })).toEqual({
      event: { id: "7", source: "own", state: "over", name: "7", url: "", labels: [], attempt: 0, at: null },
    });
  });

  test.each([
    ["no object", 7],
    ["nothing", null],
    ["a list", [whole]],
    ["no mark of its form", { ...whole, kubestack: undefined }],
    ["an unknown state", { ...whole, state: "queued" }],
    ["an unknown key", { ...whole, label: "maven" }],
    ["a label with a line break", { ...whole, labels: ["a\nb"] }],
    ["too many labels", { ...whole, labels: Array.from({ length: 65 }, (_, number) => `l${number}`) }],
    [
      "labels that are too long together",
      { ...whole, labels: Array.from({ length: 60 }, (_, n) => `${n}${"x".repeat(250)}`) },
    ],
    ["a time that is none", { ...whole, at: "yesterday" }],
    ["an id that is too long", { ...whole, id: "x".repeat(201) }],
  ])("is refused with %s", (_name, body) => {
    expect(read({}, body)).toEqual({ unreadable: expect.stringMatching(/ is not as expected: /) });
  });
});

describe("GitHub's workflow_job", () => {
  const headers = { "x-github-event": "workflow_job" };
  const event = (action: string, changed: object = {}) => ({
    action,
    workflow_job: {
      id: 2_832_853_555,
      run_id: 940_463_255,
      run_attempt: 1,
      name: "test",
      html_url: "https://github.example.org/o/r/actions/runs/940463255/job/2832853555",
      labels: ["self-hosted", "Linux", "maven"],
      status: action,
      created_at: "2026-01-31T12:00:00Z",
      started_at: "2026-01-31T12:00:05Z",
      completed_at: null,
      steps: [],
      ...changed,
    },
    repository: { full_name: "o/r" },
  });

  test.each([
    ["queued", "waiting", at],
    ["in_progress", "running", at + 5000],
    ["completed", "over", null],
  ])("%s is %s", (action, state, since) => {
    expect(read(headers, event(action))).toEqual({
      event: {
        id: "github-2832853555",
        source: "github",
        name: "o/r: test",
        url: "https://github.example.org/o/r/actions/runs/940463255/job/2832853555",
        labels: ["Linux", "maven"],
        state,
        attempt: 1,
        at: since,
      },
    });
  });

  test.each([["waiting"], ["requested"], ["toString"]])("%s says nothing of an agent", (action) => {
    expect(read(headers, event(action))).toHaveProperty("ignored");
  });

  test.each([
    [["Self-Hosted"], []],
    [[], []],
    [["ubuntu-latest"], ["ubuntu-latest"]],
  ])("labels %j want %j", (labels, wanted) => {
    expect(read(headers, event("queued", { labels }))).toMatchObject({ event: { labels: wanted } });
  });

  test("another event of GitHub is none of a job", () => {
    expect(read({ "x-github-event": "ping" }, { zen: "" })).toEqual({ ignored: "it is no event of a job" });
  });

  test("an event without its job can't be read", () => {
    expect(read(headers, { action: "queued" })).toHaveProperty("unreadable");
  });
});

describe("GitLab's job events", () => {
  const headers = { "x-gitlab-event": "Job Hook" };
  const event = (status: string, changed: object = {}) => ({
    object_kind: "build",
    build_id: 1977,
    build_name: "test",
    build_stage: "test",
    build_status: status,
    build_created_at: "2026-01-30 12:00:00 UTC",
    build_started_at: "2026-01-31 13:00:00 +0100",
    build_finished_at: null,
    retries_count: 2,
    runner: status === "pending" ? null : { id: 3, tags: ["docker"] },
    project_name: "group / project",
    repository: { homepage: "https://gitlab.example.org/group/project" },
    ...changed,
  });

  test.each([
    ["pending", "waiting", null],
    ["running", "running", at],
    ["canceling", "running", at],
    ["success", "over", null],
    ["failed", "over", null],
    ["canceled", "over", null],
    ["skipped", "over", null],
  ])("%s is %s; a job's tags are not told", (status, state, since) => {
    expect(read(headers, event(status))).toEqual({
      event: {
        id: "gitlab-1977",
        source: "gitlab",
        name: "group / project: test",
        url: "https://gitlab.example.org/group/project/-/jobs/1977",
        labels: null,
        state,
        attempt: 0,
        at: since,
      },
    });
  });

  test.each([
    ["created"],
    ["manual"],
    ["scheduled"],
    ["preparing"],
    ["waiting_for_resource"],
    ["new in a later release"],
  ])("%s waits for no agent", (status) => {
    expect(read(headers, event(status))).toHaveProperty("ignored");
  });

  test("without its project's address there is no link", () => {
    expect(read(headers, event("pending", { repository: null }))).toMatchObject({ event: { url: "" } });
  });

  test("another event of GitLab is none of a job", () => {
    expect(read({ "x-gitlab-event": "Pipeline Hook" }, {})).toEqual({ ignored: "it is no event of a job" });
  });
});

describe("Buildkite's job events", () => {
  const event = (name: string, changed: object = {}) => ({
    event: name,
    job: {
      id: "b63254c0",
      type: "script",
      name: "unit tests",
      state: "scheduled",
      web_url: "https://buildkite.example.org/o/p/builds/1#b63254c0",
      agent_query_rules: ["queue=default", "os=linux"],
      retries_count: 1,
      scheduled_at: "2026-01-31T11:00:00.000Z",
      runnable_at: "2026-01-31T12:00:00.000Z",
      started_at: "2026-01-31T12:00:01.000Z",
      finished_at: "2026-01-31T12:00:02.000Z",
      ...changed,
    },
    pipeline: { slug: "p" },
  });
  const headersOf = (name: string) => ({ "x-buildkite-event": name });

  test.each([
    ["job.scheduled", "waiting", at],
    ["job.started", "running", at + 1000],
    ["job.finished", "over", at + 2000],
  ])("%s is %s", (name, state, since) => {
    expect(read(headersOf(name), event(name))).toEqual({
      event: {
        id: "buildkite-b63254c0",
        source: "buildkite",
        name: "p: unit tests",
        url: "https://buildkite.example.org/o/p/builds/1#b63254c0",
        labels: ["queue=default", "os=linux"],
        state,
        attempt: 0,
        at: since,
      },
    });
  });

  test.each([
    [[], []],
    [["*"], []],
    [["queue=default", "gpu=*"], null],
  ])("rules %j want %j", (rules, labels) => {
    const body = event("job.scheduled", { agent_query_rules: rules });
    expect(read(headersOf("job.scheduled"), body)).toMatchObject({ event: { labels } });
  });

  test("without the time at which it could run, the one at which it was planned counts", () => {
    const body = event("job.scheduled", { runnable_at: null });
    expect(read(headersOf("job.scheduled"), body)).toMatchObject({ event: { at: at - 3_600_000 } });
  });

  test.each([
    ["job.activated", event("job.activated")],
    ["job.finished", event("job.finished", { type: "trigger" })],
    ["build.scheduled", { event: "build.scheduled", build: {} }],
    ["ping", { event: "ping" }],
  ])("%s of no agent is ignored", (name, body) => {
    expect(read(headersOf(name), body)).toHaveProperty("ignored");
  });
});

test("a value whose constructor has no name that could be told is refused, and nothing is raised", () => {
  const id = { constructor: { name: { toString: 1, valueOf: 1 } } };
  const refused = { unreadable: expect.stringContaining("is not as expected") };
  expect(read({}, { kubestack: "job", id, state: "over" })).toEqual(refused);
  expect(read({ "x-gitlab-event": "Job Hook" }, { build_id: id, build_status: "pending" })).toEqual(refused);
});

test.each([
  ["2026-01-31T12:00:00Z", at],
  ["2026-01-31T12:00:00.25Z", at + 250],
  ["2026-01-31T12:00:00.123456789Z", at + 123],
  ["2026-01-31T14:00:00+02:00", at],
  ["2026-01-31 14:00:00 +0200", at],
  ["2026-01-31 12:00:00 UTC", at],
  ["2026-01-31 12:00:00", at],
  ["2026-13-31T12:00:00Z", null],
  ["2026-01-31", null],
  ["", null],
])("the time %s", (text, expected) => {
  expect(timeOf(text)).toBe(expected);
});
