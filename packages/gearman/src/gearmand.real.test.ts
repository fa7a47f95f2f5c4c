import { type AddressInfo, connect } from "node:net";
import { createServer, type Server } from "node:tls";
import { type Gearmand, startGearmand } from "@kubestack/real-parts";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { AdminClient } from "./admin/admin-client.ts";
import type { FunctionCount } from "./admin/reply-lines.ts";
import type { GearmanAddress } from "./connection/address.ts";
import { certificate, certificateKey } from "./connection/certificate.fixture.ts";
import { connectSubmitter, type Submitter } from "./packets/submitter.ts";
import { type AssignedJob, type JobResult, startWorker, type Worker } from "./packets/worker.ts";

let server: Gearmand;
let admin: AdminClient;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  server = await startGearmand();
  admin = new AdminClient(server);
});
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});
afterAll(async () => {
  admin.close();
  await server.stop();
});

async function submitter(): Promise<Submitter> {
  const made = await connectSubmitter(server);
  ends.push(() => made.close());
  return made;
}

/** A worker whose jobs end when the test says so. */
async function worker(name: string, options: { mostJobs?: number } = {}) {
  const jobs: { job: AssignedJob; end: (result: JobResult | Error) => void }[] = [];
  const started: Worker = await startWorker({
    ...options,
    host: server.host,
    port: server.port,
    clientId: `worker of ${name}`,
    functions: [name],
    work: (job) =>
      new Promise((resolve, reject) => {
        jobs.push({ job, end: (result) => (result instanceof Error ? reject(result) : resolve(result)) });
      }),
  });
  ends.push(async () => {
    for (const { end } of jobs) end({ state: "fail" });
    await started.stop();
  });
  return { jobs, started };
}

async function countOf(name: string): Promise<Omit<FunctionCount, "name"> | undefined> {
  let found: FunctionCount | undefined;
  await admin.status((count) => {
    if (count.name === name) found = count;
  });
  if (found === undefined) return undefined;
  const { total, running, workers } = found;
  return { total, running, workers };
}

const done = (text: string): JobResult => ({ state: "complete", data: Buffer.from(text) });
const job = (name: string, data = "") => ({ function: name, unique: "", data });

test("the server tells its version", async () => {
  expect(await admin.version()).toMatch(/^\d+\.\d+/);
});

test("a job waits, runs and ends; the server's TOTAL has running ones in it", async () => {
  const name = "build:life:linux";
  const client = await submitter();
  const { result } = await client.watch(job(name, "a\0b"));
  await client.submit(job(name));
  expect(await countOf(name)).toEqual({ total: 2, running: 0, workers: 0 });
  const { jobs } = await worker(name);
  await vi.waitFor(() => expect(jobs).toHaveLength(1));
  expect(jobs[0]?.job).toMatchObject({ function: name, data: Buffer.from("a\0b") });
  expect(await countOf(name)).toEqual({ total: 2, running: 1, workers: 1 });
  jobs[0]?.end(done("SUCCESS\0!"));
  expect(await result).toEqual(done("SUCCESS\0!"));
  await vi.waitFor(() => expect(jobs).toHaveLength(2));
  expect(await countOf(name)).toEqual({ total: 1, running: 1, workers: 1 });
});

test("a sleeping worker is woken; what its work throws fails the job", async () => {
  const name = "build:woken";
  const { jobs } = await worker(name);
  await vi.waitFor(async () => expect(await countOf(name)).toEqual({ total: 0, running: 0, workers: 1 }));
  const client = await submitter();
  const { result } = await client.watch(job(name));
  await vi.waitFor(() => expect(jobs).toHaveLength(1));
  jobs[0]?.end(new Error("broken"));
  expect(await result).toEqual({ state: "fail" });
});

test("a worker for one job ends by itself, after it has told the result", async () => {
  const name = "build:once";
  const client = await submitter();
  const { result } = await client.watch(job(name));
  await client.submit(job(name));
  const { jobs, started } = await worker(name, { mostJobs: 1 });
  await vi.waitFor(() => expect(jobs).toHaveLength(1));
  jobs[0]?.end(done("one"));
  await started.ended;
  expect(await result).toEqual(done("one"));
  await vi.waitFor(async () => expect(await countOf(name)).toEqual({ total: 1, running: 0, workers: 0 }));
});

test("a worker that is stopped ends its job first", async () => {
  const name = "build:stopped";
  const client = await submitter();
  const { result } = await client.watch(job(name));
  const { jobs, started } = await worker(name);
  await vi.waitFor(() => expect(jobs).toHaveLength(1));
  const stopped = started.stop();
  jobs[0]?.end(done("whole"));
  await stopped;
  expect(await result).toEqual(done("whole"));
});

test("a watched job is nobody's once whoever watched it is gone, though it is counted until a worker asks", async () => {
  const name = "build:left";
  const client = await connectSubmitter(server);
  const { result } = await client.watch(job(name));
  await client.submit(job(name));
  client.close();
  await expect(result).rejects.toMatchObject({ code: "master-unavailable" });
  expect(await countOf(name)).toMatchObject({ total: 2 });
  const { jobs } = await worker(name);
  await vi.waitFor(() => expect(jobs).toHaveLength(1));
  await vi.waitFor(async () => expect(await countOf(name)).toEqual({ total: 1, running: 1, workers: 1 }));
  await expect(client.submit(job(name))).rejects.toMatchObject({ code: "master-unavailable" });
});

test("workers are told with their names and functions, blanks and all", async () => {
  await worker("build:my job:linux");
  const rows: string[] = [];
  await vi.waitFor(async () => {
    rows.length = 0;
    await admin.workers(({ clientId, functions }) => rows.push(`${clientId}|${functions}`));
    expect(rows).toContain("worker of build:my job:linux|build:my job:linux");
  });
});

describe("a server that dies", () => {
  test("is told by everybody, and found again once it is back", async () => {
    const own = await startGearmand();
    ends.push(() => own.stop());
    const asking = new AdminClient(own);
    const client = await connectSubmitter(own);
    const idle = await startWorker({ ...address(own), clientId: "idle", functions: ["f"], work: async () => done("") });
    ends.push(() => asking.close());
    await asking.status(() => undefined);
    const { result } = await client.watch(job("build:dies"));

    own.process().send("SIGKILL");
    await own.process().ended;
    await expect(idle.ended).rejects.toMatchObject({ code: "master-unavailable" });
    await expect(result).rejects.toMatchObject({ code: "master-unavailable" });
    await expect(asking.status(() => undefined)).rejects.toMatchObject({ code: "master-unavailable" });
    await expect(connectSubmitter(own)).rejects.toMatchObject({ code: "master-unavailable" });
    await own.startServer();
    expect(await asking.version()).toMatch(/^\d/);
  });

  test("or stands still is an error after the time that was given", async () => {
    const own = await startGearmand();
    ends.push(() => own.stop());
    const asking = new AdminClient({ ...address(own), timeoutMs: 300 });
    ends.push(() => asking.close());
    await asking.version();
    own.process().send("SIGSTOP");
    // A stop reaches its process a moment after it was sent.
    await vi.waitFor(() => expect(asking.status(() => undefined)).rejects.toThrow(/no whole answer within 0.3 s/));
    own.process().send("SIGCONT");
    await vi.waitFor(() => asking.status(() => undefined));
  });
});

describe("TLS", () => {
  const own = { certPem: certificate, keyPem: certificateKey };
  let front: Server;

  // What stands before the server wants a certificate of its own authority from whoever comes.
  beforeAll(async () => {
    const wants = {
      requestCert: true,
      rejectUnauthorized: true,
      ca: certificate,
      cert: certificate,
      key: certificateKey,
    };
    front = createServer(wants, (outside) => {
      const inside = connect(server.port, server.host);
      for (const [from, to] of [
        [outside, inside],
        [inside, outside],
      ] as const)
        from
          .pipe(to)
          .on("error", () => from.destroy())
          .on("close", () => from.destroy());
    });
    await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => new Promise((resolve) => front.close(resolve)));

  const secure = (tls: GearmanAddress["tls"]) => ({
    host: "127.0.0.1",
    port: (front.address() as AddressInfo).port,
    tls,
  });
  const ask = async (tls: GearmanAddress["tls"]) => {
    const client = new AdminClient({ ...secure(tls), timeoutMs: 3_000 });
    try {
      return await client.version();
    } finally {
      client.close();
    }
  };

  test.each([{ caPem: certificate }, { insecureSkipVerify: true }])("is spoken with %o", async (trust) => {
    expect(await ask({ ...trust, ...own })).toMatch(/^\d/);
  });

  test("without the authority, our certificate or any TLS one sentence says why it does not go", async () => {
    await expect(ask(own)).rejects.toMatchObject({ code: "master-unavailable", message: /by TLS .*correct tls/ });
    await expect(ask({ caPem: certificate })).rejects.toMatchObject({ code: "master-unavailable" });
    await expect(ask(undefined)).rejects.toMatchObject({
      code: expect.stringMatching(/master-unavailable|not-a-master/),
    });
  });

  test("workers and whoever submits speak it, too", async () => {
    const address = secure({ caPem: certificate, ...own });
    const work = async ({ data }: AssignedJob) => done(data.toString());
    const working = await startWorker({ ...address, clientId: "secure", functions: ["build:tls"], work });
    const client = await connectSubmitter(address);
    const { result } = await client.watch(job("build:tls", "hidden"));
    expect(await result).toEqual(done("hidden"));
    await working.stop();
    client.close();
  });
});

function address({ host, port }: Gearmand): GearmanAddress {
  return { host, port };
}
