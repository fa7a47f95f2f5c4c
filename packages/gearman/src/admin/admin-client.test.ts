import type { Socket } from "node:net";
import { KubestackError } from "@kubestack/contracts";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type HostileServer, startHostileServer } from "../connection/hostile-server.fixture.ts";
import { AdminClient, type AdminOptions } from "./admin-client.ts";
import { type FunctionCount, readFunctionLine } from "./reply-lines.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A server that answers so, and a client of it. */
async function talk(
  answer: HostileServer["answer"] | string,
  more: Partial<AdminOptions> = {},
): Promise<{ server: HostileServer; client: AdminClient }> {
  const server = await startHostileServer(typeof answer === "string" ? (_, socket) => socket.write(answer) : answer);
  const client = new AdminClient({ host: server.host, port: server.port, timeoutMs: 5_000, ...more });
  ends.push(
    () => server.close(),
    () => client.close(),
  );
  return { server, client };
}

async function statusOf(client: AdminClient): Promise<FunctionCount[]> {
  const counts: FunctionCount[] = [];
  await client.status((count) => counts.push(count));
  return counts;
}

describe("questions to a Gearman server", () => {
  test("are answered line by line over one kept connection", async () => {
    const answers: Record<string, string> = {
      status: "build:a:linux\t2\t1\t1\n.\n",
      workers: "36 127.0.0.1 w : build:a:linux\n.\n",
      version: "OK 1.1.20\n",
    };
    const { server, client } = await talk((line, socket) => socket.write(answers[line] ?? ""));
    const functions: string[] = [];
    const [counts, , version] = await Promise.all([
      statusOf(client),
      client.workers((row) => functions.push(row.functions)),
      client.version(),
    ]);
    expect(counts).toEqual([{ name: "build:a:linux", total: 2, running: 1, workers: 1 }]);
    expect([functions, version]).toEqual([["build:a:linux"], "1.1.20"]);
    expect(server.connections()).toBe(1);
  });

  test("wait for each other: one is under way at a time", async () => {
    const open: Socket[] = [];
    const { client } = await talk((_, socket) => open.push(socket));
    const answers = [statusOf(client), statusOf(client)];
    await vi.waitFor(() => expect(open).toHaveLength(1));
    open[0]?.write("build:a\t1\t0\t0\n.\n");
    await answers[0];
    await vi.waitFor(() => expect(open).toHaveLength(2));
    open[1]?.write(".\n");
    expect((await Promise.all(answers)).map(({ length }) => length)).toEqual([1, 0]);
  });

  test("lines that can't be read are skipped and counted, the others are told", async () => {
    const { client } = await talk("build:n\nb:x\t1\t0\t0\n\nbuild:a\t1\t0\t0\nbuild:t\tb\t1\t0\t0\n.\n");
    const counts: string[] = [];
    expect(await client.status(({ name }) => counts.push(name))).toEqual({ unreadable: 3, tooLong: 0 });
    expect(counts).toEqual(["b:x", "build:a"]);
  });

  test("a line that is too long is skipped and counted", async () => {
    const { client } = await talk(`${"z".repeat(1024 * 1024 + 1)}\t1\t0\t0\nbuild:a\t1\t0\t0\n.\n`);
    expect(await client.status(() => undefined)).toEqual({ unreadable: 0, tooLong: 1 });
  });

  test("a kept connection that has ended is replaced without a word", async () => {
    const { server, client } = await talk(".\n");
    await statusOf(client);
    server.cut();
    expect(await statusOf(client)).toEqual([]);
    expect(server.connections()).toBe(2);
  });

  test("a kept connection that ends at the question is replaced without a word", async () => {
    let asked = 0;
    const { server, client } = await talk((_, socket) => {
      asked += 1;
      if (asked === 2) socket.destroy();
      else socket.write(".\n");
    });
    await statusOf(client);
    expect(await statusOf(client)).toEqual([]);
    expect([asked, server.connections()]).toEqual([3, 2]);
  });

  test("one that says something unasked is left", async () => {
    const sockets: Socket[] = [];
    const { server, client } = await talk((_, socket) => {
      sockets.push(socket);
      socket.write(".\n");
    });
    await statusOf(client);
    sockets[0]?.write("build:evil:root\t9\t0\t0\n");
    await vi.waitFor(() => expect(sockets[0]?.destroyed).toBe(true));
    expect(await statusOf(client)).toEqual([]);
    expect(server.connections()).toBe(2);
  });
});

describe("an answer that is none is an error, and never an empty list", () => {
  const late = { timeoutMs: 150 };
  const endless = (socket: Socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write("z".repeat(65_536)));
    };
    socket.on("drain", more);
    more();
  };

  test.each<[string, HostileServer["answer"] | string, Partial<AdminOptions>, object]>([
    ["silence", () => undefined, late, { code: "master-unavailable", message: /gave no whole answer within 0.15 s/ }],
    ["silence in the middle", "build:a\t1\t0\t0\n", late, { code: "master-unavailable", message: /no whole answer/ }],
    [
      "a line that never ends",
      (_, socket) => endless(socket),
      { mostBytes: 4 << 20 },
      { code: "master-unavailable", message: /more than 4 MiB/ },
    ],
    [
      "garbage, and its end",
      "\0\u0001\u0002\n\n!!\n.\n",
      {},
      { code: "not-a-master", message: /does not answer as a Gearman server/ },
    ],
    [
      "a web server",
      (_, socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
      {},
      { code: "not-a-master" },
    ],
    ["a web server that waits", "HTTP/1.1 400 Bad Request\r\n", late, { code: "not-a-master" }],
    [
      "a connection that ends at once",
      (_, socket) => socket.end(),
      {},
      { code: "master-unavailable", message: /without an answer/ },
    ],
    [
      "a connection that is broken off",
      (_, socket) => socket.end("build:a\t1\t0\t0\n"),
      {},
      { code: "master-unavailable", message: /broke off its answer/ },
    ],
    [
      "a refusal",
      "ERR UNKNOWN_COMMAND Unknown+server+command\r\n",
      {},
      { code: "master-refused", message: /UNKNOWN_COMMAND/ },
    ],
    ["an answer that goes on after its end", "build:a\n.\nb\t1\t0\t0\n.\n", {}, { code: "not-a-master" }],
    [
      "an end within a name",
      "build:b\t1\t0\t0\nbuild:a\n.\nb\t1\t0\t0\n.\n",
      {},
      { code: "master-unavailable", message: /went on after the end/ },
    ],
  ])("%s", async (_, answer, more, error) => {
    const { server, client } = await talk(answer, more);
    const told = await statusOf(client).catch((failure: unknown) => failure);
    const { message = /./, ...rest } = error as { message?: RegExp };
    expect(told).toMatchObject({ ...rest, message: expect.stringMatching(message) });
    expect(told).toMatchObject({ message: expect.stringContaining(`127.0.0.1:${server.port}`) });
    // What went wrong once is over with its connection.
    server.answer = (__, socket) => socket.write(".\n");
    expect(await statusOf(client)).toEqual([]);
  });

  test("nobody listening, and a host that is nowhere", async () => {
    const { server, client } = await talk(".\n");
    await server.close();
    await expect(statusOf(client)).rejects.toMatchObject({
      code: "master-unavailable",
      message: /refuses connections/,
    });
    const nowhere = new AdminClient({ host: "no-such-host.invalid", port: 4730, timeoutMs: 20_000 });
    await expect(nowhere.status(() => undefined)).rejects.toMatchObject({ code: "master-unavailable" });
  });

  test("a client that is closed fails what is under way, and what comes after", async () => {
    const { client } = await talk(() => client.close());
    await expect(statusOf(client)).rejects.toMatchObject({ code: "master-unavailable" });
    await expect(statusOf(client)).rejects.toMatchObject({ code: "master-unavailable", message: /closed by us/ });
  });
});

test("whatever is answered, cut wherever: it is told as it stands, or an error; and nothing is left over for the next", async () => {
  let answer: Buffer[] = [];
  const { server, client } = await talk((_, socket) => {
    for (const piece of answer) socket.write(piece);
    socket.end();
  });
  const line = fc.oneof(
    fc
      .tuple(fc.stringMatching(/^build:[a-z ]{1,5}$/), fc.nat(), fc.nat(), fc.nat())
      .map((columns) => columns.join("\t")),
    fc.constantFrom(".", "", "\r", "\0", "build:a\t1\t0", "ERR x y", "build:a\tx\t0\t0", "."),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.boolean(), sizes, async (lines, isWhole, cuts) => {
      const text = lines.join("\n") + (isWhole ? "\n.\n" : "");
      const bytes = Buffer.from(text);
      answer = [];
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = cuts[turn % cuts.length] ?? 1;
        answer.push(bytes.subarray(at, at + size));
        at += size;
      }
      const told = await statusOf(client).catch((error: unknown) => error);
      if (told instanceof KubestackError) return;
      // What was taken for an answer is all that stands before its first end.
      const all = bytes
        .toString()
        .split("\n")
        .map((one) => one.replace(/\r$/, ""));
      expect(told).toEqual(all.slice(0, all.indexOf(".")).flatMap((one) => readFunctionLine(one) ?? []));
      expect(all.slice(0, all.indexOf(".")).some((one) => one.startsWith("ERR "))).toBe(false);
    }),
    { numRuns: 300 },
  );
  answer = [Buffer.from("build:a\t1\t0\t0\n.\n")];
  expect(await statusOf(client)).toHaveLength(1);
  expect(server.connections()).toBeGreaterThan(100);
});
