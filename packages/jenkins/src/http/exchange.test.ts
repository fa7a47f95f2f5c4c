import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { KubestackError, sentenceOf } from "@kubestack/contracts";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { connectMaster, type Master, type MasterOptions } from "../connect.ts";
import { type FakeJenkins, json, page, redirect, startFakeJenkins, text } from "../fake-jenkins.fixture.ts";

let fake: FakeJenkins;
const masters: Master[] = [];

function connect(more: Partial<MasterOptions> = {}): Master {
  const auth = { kind: "token", read: async () => "sesame" } as const;
  const master = connectMaster({ name: "backend", url: fake.url, user: "kubestack", auth, ...more });
  masters.push(master);
  return master;
}

async function errorOf(call: Promise<unknown>): Promise<KubestackError> {
  const error: unknown = await call.then(
    () => expect.fail("it should have been refused"),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(KubestackError);
  return error as KubestackError;
}

beforeEach(async () => {
  fake = await startFakeJenkins();
});

afterEach(async () => {
  for (const master of masters.splice(0)) master.close();
  await fake.close();
});

describe("every request", () => {
  test("is signed, in English, below the context path, with a tree and on one kept connection", async () => {
    const ports = new Set<number>();
    fake.override = (_, response) => {
      ports.add(response.socket?.remotePort ?? 0);
      return false;
    };
    const master = connect();
    await master.readComputers();
    await master.readQueue();
    expect(fake.seen.map((seen) => seen.path)).toEqual(["computer/api/json", "queue/api/json"]);
    expect(fake.seen.every((seen) => seen.query.get("tree"))).toBe(true);
    expect(fake.seen.every((seen) => seen.headers["accept-language"] === "en")).toBe(true);
    expect(ports.size).toBe(1);
  });

  test("encodes names as one segment each", async () => {
    fake.nodes.set("a b/c?d", { marked: false, connected: true, labels: [] });
    expect(await connect().readComputer("a b/c?d")).toMatchObject({ name: "a b/c?d", online: true });
    expect((await errorOf(connect().readComputer(".."))).code).toBe("master-refused");
  });

  test("reads a kept connection's sudden end as no failure of a read", async () => {
    const master = connect();
    await master.readQueue();
    let closes = 1;
    fake.override = (_, response) => {
      if (closes-- <= 0) return false;
      response.socket?.resetAndDestroy();
      return true;
    };
    expect((await master.readQueue()).items).toEqual([]);
  });
});

describe("credentials", () => {
  test("a wrong token is told with user, master and remedy, and never shown", async () => {
    const auth = { kind: "token", read: async () => "wrong-secret" } as const;
    fake.override = (seen, response) => {
      page(response, 401, `<pre>Invalid token wrong-secret, ${seen.headers.authorization}</pre>`);
      return true;
    };
    const error = await errorOf(connect({ auth }).readQueue());
    expect(error).toMatchObject({ code: "credential-refused", retry: { afterMs: 60_000 } });
    expect(error.message).toContain("Master backend refused the token of user kubestack");
    expect(error.message).toContain("make a new API token");
    const shown = `${sentenceOf(error)} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
    expect(shown).not.toContain("wrong-secret");
    expect(shown).not.toContain(Buffer.from("kubestack:wrong-secret").toString("base64"));
  });

  test("a rotated secret is read again once", async () => {
    const secrets = ["old", "sesame"];
    let reads = 0;
    const read = async () => secrets[reads++] ?? "sesame";
    expect((await connect({ auth: { kind: "token", read } }).readQueue()).items).toEqual([]);
    expect(reads).toBe(2);
  });

  test("a rotated secret serves all requests that were refused at once", async () => {
    const secrets = ["old"];
    const read = async () => secrets.pop() ?? "sesame";
    const master = connect({ auth: { kind: "token", read } });
    const readings = await Promise.all([1, 2, 3, 4, 5, 6].map(() => master.readQueue()));
    expect(readings.every((reading) => reading.items.length === 0)).toBe(true);
  });

  test.each([
    ["cannot be read", () => Promise.reject(new Error("no such file"))],
    ["is empty", () => Promise.resolve("\n")],
  ])("a secret that %s is told before anything is sent", async (words, read) => {
    const error = await errorOf(connect({ auth: { kind: "token", read } }).readQueue());
    expect(error.code).toBe("credential-refused");
    expect(error.message).toContain(words);
    expect(fake.seen).toEqual([]);
  });

  test("a secret that did not change is not tried again", async () => {
    const auth = { kind: "token", read: async () => "wrong" } as const;
    expect((await errorOf(connect({ auth }).readQueue())).code).toBe("credential-refused");
    expect(fake.seen).toHaveLength(1);
  });

  test("a missing right is named", async () => {
    fake.override = (_, response) => {
      response.setHeader("X-Required-Permission", "hudson.model.Computer.Create");
      page(
        response,
        403,
        '<h1>Access Denied</h1><p class="error">kubestack is missing the Agent/Create permission</p>',
      );
      return true;
    };
    const error = await errorOf(connect().deleteNode("n"));
    expect(error.code).toBe("credential-refused");
    expect(error.message).toContain("kubestack is missing the Agent/Create permission");
    expect(error.message).toContain("grant it hudson.model.Computer.Create");
  });

  test("a Hudson that takes us for a stranger has not shown an empty queue", async () => {
    fake.isHudson = true;
    fake.override = (seen, response) => {
      if (seen.path !== "me/api/json") return false;
      page(response, 403, "Authentication required");
      return true;
    };
    const error = await errorOf(connect({ auth: { kind: "password", read: async () => "sesame" } }).readQueue());
    expect(error.code).toBe("credential-refused");
  });
});

describe("crumbs", () => {
  const auth = { kind: "password", read: async () => "sesame" } as const;

  test("are fetched once with their session, and anew after a restart", async () => {
    fake.wantsCrumbs = true;
    fake.nodes.set("n", { marked: false, connected: true, labels: [] });
    const master = connect({ auth });
    await master.markOffline("n", "x");
    await master.bringOnline("n");
    fake.restart();
    await master.markOffline("n", "x");
    expect(fake.nodes.get("n")?.marked).toBe(true);
    expect(fake.seen.filter((seen) => seen.path.startsWith("crumbIssuer"))).toHaveLength(2);
  });

  test("are not asked for where the master wants none", async () => {
    const master = connect({ auth });
    await master.deleteNode("n");
    await master.deleteNode("n");
    expect(fake.seen.filter((seen) => seen.path.startsWith("crumbIssuer"))).toHaveLength(1);
  });

  test("are not asked for by a token, unless the master insists as old ones do", async () => {
    const master = connect();
    await master.deleteNode("n");
    expect(fake.seen.filter((seen) => seen.path.startsWith("crumbIssuer"))).toHaveLength(0);
    fake.wantsCrumbs = true;
    expect(await master.deleteNode("n")).toBe("gone");
    expect(fake.seen.filter((seen) => seen.path.startsWith("crumbIssuer"))).toHaveLength(1);
  });

  test("are shared by requests at once, after a restart too", async () => {
    fake.wantsCrumbs = true;
    const master = connect({ auth });
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const deleteAll = () => Promise.all(names.map((name) => master.deleteNode(name)));
    expect(new Set(await deleteAll())).toEqual(new Set(["gone"]));
    expect(fake.seen.filter((seen) => seen.path.startsWith("crumbIssuer"))).toHaveLength(1);
    fake.restart();
    expect(new Set(await deleteAll())).toEqual(new Set(["gone"]));
    expect(fake.seen.filter((seen) => seen.path.startsWith("crumbIssuer"))).toHaveLength(2);
  });

  test("that are refused twice are a refusal", async () => {
    fake.wantsCrumbs = true;
    fake.override = (seen, response) => {
      if (seen.method !== "POST") return false;
      page(response, 403, "<pre>No valid crumb was included in the request</pre>");
      return true;
    };
    const error = await errorOf(connect({ auth }).deleteNode("n"));
    expect(error.code).toBe("credential-refused");
    expect(fake.seen.filter((seen) => seen.method === "POST")).toHaveLength(2);
  });
});

describe("answers of something else", () => {
  const login = '<form action="j_spring_security_check"><input type="password" name="j_password"></form>';

  test.each([
    ["a login page", (r: Parameters<typeof page>[0]) => page(r, 200, login), "login page"],
    ["a proxy's page", (r: Parameters<typeof page>[0]) => page(r, 200, "welcome"), 'a page "Page"'],
    ["other JSON", (r: Parameters<typeof page>[0]) => json(r, { hello: 1 }), "does not answer as a Jenkins"],
    ["half of JSON", (r: Parameters<typeof page>[0]) => text(r, 200, '{"items":['), "does not answer as a Jenkins"],
    ["nothing", (r: Parameters<typeof page>[0]) => text(r, 200, ""), "does not answer as a Jenkins"],
    [
      "a redirect to a proxy's login",
      (r: Parameters<typeof page>[0]) => redirect(r, "https://sso.example.org/oauth2/start"),
      "login page of sso.example.org",
    ],
    [
      "a redirect to TLS",
      (r: Parameters<typeof page>[0]) => redirect(r, "https://ci.example.org/ci/queue/"),
      "redirects to https://ci.example.org/ci/queue/",
    ],
  ])("%s is no master, and never an empty queue", async (_, answer, words) => {
    fake.override = (__, response) => {
      answer(response);
      return true;
    };
    const error = await errorOf(connect().readQueue());
    expect(error.code).toBe("not-a-master");
    expect(error.message).toContain(words);
    expect(error.message).toContain("give the");
    expect(fake.seen).toHaveLength(1);
  });

  test("a redirect to the master's own login page is a refused credential", async () => {
    fake.override = (_, response) => {
      redirect(response, "/ci/login?from=%2Fci%2Fcomputer%2F");
      return true;
    };
    for (const call of [connect().readQueue(), connect().deleteNode("n")]) {
      expect((await errorOf(call)).code).toBe("credential-refused");
    }
  });

  test("an answer without a master's headers is no master for probe", async () => {
    fake.isHudson = true;
    fake.override = (seen, response) => {
      if (seen.path !== "") return false;
      page(response, 200, "a dashboard");
      return true;
    };
    expect((await errorOf(connect().probe())).code).toBe("not-a-master");
  });
});

describe("no answer", () => {
  test("getting ready is said, and Retry-After obeyed", async () => {
    fake.override = (_, response) => {
      response.setHeader("Retry-After", "7");
      page(response, 503, "<h1>Please wait while Jenkins is getting ready to work ...</h1>");
      return true;
    };
    const error = await errorOf(connect().readQueue());
    expect(error).toMatchObject({ code: "master-unavailable", retry: { afterMs: 7_000 } });
    expect(error.message).toContain("is starting and getting ready");
  });

  test("a server error is told with the page's own words", async () => {
    fake.override = (_, response) => {
      page(response, 500, "<h1>Oops!</h1><p>A problem occurred &amp; was logged</p>");
      return true;
    };
    const error = await errorOf(connect().readQueue());
    expect(error.code).toBe("master-unavailable");
    expect(error.message).toContain("it answered 500 (A problem occurred & was logged)");
  });

  test("too many requests are throttled", async () => {
    fake.override = (_, response) => {
      response.setHeader("Retry-After", "3");
      page(response, 429, "slow down");
      return true;
    };
    expect(await errorOf(connect().readQueue())).toMatchObject({ code: "throttled", retry: { afterMs: 3_000 } });
  });

  test.each([
    ["a master that never answers", false],
    ["one that goes on for ever, a byte now and then", true],
  ])("%s is given up", async (_, drips) => {
    const timers: NodeJS.Timeout[] = [];
    fake.override = (__, response) => {
      if (drips) timers.push(setInterval(() => response.write(" "), 10));
      return true;
    };
    const error = await errorOf(connect({ timeouts: { connectMs: 100, readMs: 100 } }).readQueue());
    for (const timer of timers) clearInterval(timer);
    expect(error.code).toBe("master-unavailable");
    expect(error.message).toContain("within 0.2 s");
  });

  test("half an answer is no answer", async () => {
    fake.override = (_, response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": "1000" });
      response.write('{"items":[]', () => response.socket?.destroy());
      return true;
    };
    const error = await errorOf(connect().readQueue());
    expect(error.code).toBe("master-unavailable");
    expect(error.message).toContain("broke off its answer");
  });

  test("an answer past the limit is not read to its end", async () => {
    fake.override = (_, response) => {
      text(response, 200, JSON.stringify({ items: [], filling: "x".repeat(3 * 1024 * 1024) }));
      return true;
    };
    const error = await errorOf(connect({ maxAnswerBytes: 1024 * 1024 }).readQueue());
    expect(error.code).toBe("master-unavailable");
    expect(error.message).toContain("more than 1 MiB");
  });

  test("a closed port, and a host that takes no connection, are told apart", async () => {
    const refused = await errorOf(connect({ url: "http://127.0.0.1:1/" }).readQueue());
    expect(refused.message).toContain("refuses connections");
    const silent = await startSilentTls();
    const { port } = silent.address() as AddressInfo;
    const timeouts = { connectMs: 100, readMs: 5_000 };
    const late = await errorOf(connect({ url: `https://127.0.0.1:${port}/`, timeouts }).readQueue());
    silent.close();
    expect(late.code).toBe("master-unavailable");
    expect(late.message).toContain("no connection within 0.1 s");
  });
});

/** Takes the TCP connection and never answers the TLS greeting. */
async function startSilentTls(): Promise<Server> {
  const server = createServer((socket) => void socket.once("error", () => {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}
