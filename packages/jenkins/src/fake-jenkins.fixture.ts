import http from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One request as the fake master saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: http.IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** Answers a request itself and returns true, or leaves it to the fake. */
export type Override = (seen: Seen, response: http.ServerResponse) => boolean | Promise<boolean>;

interface FakeNode {
  marked: boolean;
  connected: boolean;
  labels: string[];
}

/** What a test may set and look at. */
export interface FakeJenkins {
  readonly url: string;
  readonly seen: Seen[];
  readonly nodes: Map<string, FakeNode>;
  /** Set to act as a Hudson: no headers, no changeOfflineCause. */
  isHudson: boolean;
  secret: string;
  /** Whether POSTs need a crumb that belongs to a living session. */
  wantsCrumbs: boolean;
  /** Forgets all sessions, as a restart does. */
  restart(): void;
  queue: unknown;
  configXml: Map<string, string>;
  override: Override | undefined;
  close(): Promise<void>;
}

/** A master in this process that speaks the parts of today's Jenkins that are used here, under a context path. */
export async function startFakeJenkins(context = "/ci"): Promise<FakeJenkins> {
  const sessions = new Map<string, string>();
  let starts = 1;
  const fake = {
    url: "",
    seen: [] as Seen[],
    nodes: new Map<string, FakeNode>(),
    isHudson: false,
    secret: "sesame",
    wantsCrumbs: false,
    restart() {
      sessions.clear();
      starts += 1;
    },
    queue: { _class: "hudson.model.Queue", items: [], discoverableItems: [] } as unknown,
    configXml: new Map<string, string>(),
    override: undefined as Override | undefined,
    close: async () => {},
  };

  async function answer(seen: Seen, response: http.ServerResponse): Promise<boolean> {
    if (await Promise.resolve(fake.override?.(seen, response) ?? false)) return true;
    if (!fake.isHudson) response.setHeader("X-Jenkins", "2.541.3").setHeader("X-Jenkins-Session", `start-${starts}`);
    const credential = Buffer.from(seen.headers.authorization?.slice(6) ?? "", "base64").toString();
    if (credential !== `kubestack:${fake.secret}`) {
      return page(response, 401, "<h2>HTTP ERROR 401</h2><pre>Invalid password/token for user: kubestack</pre>");
    }
    if (seen.method === "POST" && fake.wantsCrumbs) {
      const session = /JSESSIONID=(\w+)/.exec(seen.headers.cookie ?? "")?.[1] ?? "";
      const crumb = sessions.get(session);
      if (crumb === undefined || seen.headers["jenkins-crumb"] !== crumb) {
        return page(response, 403, "<h2>HTTP ERROR 403</h2><pre>No valid crumb was included in the request</pre>");
      }
    }
    return route(seen, response);
  }

  function route(seen: Seen, response: http.ServerResponse): boolean {
    const { path } = seen;
    if (path === "api/json") {
      return json(response, {
        quietingDown: false,
        slaveAgentPort: 50000,
        url: "https://ci.example.org/",
        useCrumbs: true,
      });
    }
    if (path === "crumbIssuer/api/json") {
      if (!fake.wantsCrumbs) return page(response, 404, "<pre>Not Found</pre>");
      const session = `s${sessions.size + 1}x${starts}`;
      sessions.set(session, `crumb-of-${session}`);
      response.setHeader("Set-Cookie", `JSESSIONID=${session}; Path=/ci; HttpOnly`);
      return json(response, { crumb: `crumb-of-${session}`, crumbRequestField: "Jenkins-Crumb" });
    }
    if (path === "me/api/json") return json(response, { id: "kubestack" });
    if (path === "queue/api/json") return json(response, fake.queue);
    const config = fake.configXml.get(path);
    if (config !== undefined) return text(response, 200, config);
    if (path === "computer/api/json") return json(response, { computer: [...fake.nodes].map(beanOf) });
    if (path === "computer/doCreateItem") return create(seen, response);
    const [, name = "", action = ""] = /^computer\/([^/]+)\/(.+)$/.exec(path) ?? [];
    const node = fake.nodes.get(decodeURIComponent(name));
    if (node === undefined) return page(response, 404, "<pre>Not Found</pre>");
    if (action === "api/json") return json(response, beanOf([decodeURIComponent(name), node]));
    if (action === "jenkins-agent.jnlp") return text(response, 200, jnlp(decodeURIComponent(name)));
    if (seen.method !== "POST") return page(response, 405, "<pre>POST is required</pre>");
    if (action === "changeOfflineCause" && !fake.isHudson) node.marked = true;
    else if (action === "toggleOffline") node.marked = !node.marked;
    else if (action === "doDelete") fake.nodes.delete(decodeURIComponent(name));
    else if (action !== "doDisconnect") return page(response, 404, "<pre>Not Found</pre>");
    return redirect(response, "https://ci.example.org/computer/");
  }

  function create(seen: Seen, response: http.ServerResponse): boolean {
    const name = seen.form.get("name") ?? "";
    if (fake.nodes.has(name)) {
      return page(response, 400, `<h1>Error</h1><p>Agent called ‘${name}’ already exists</p>`);
    }
    const { labelString } = JSON.parse(seen.form.get("json") ?? "{}") as { labelString: string };
    fake.nodes.set(name, { marked: false, connected: false, labels: labelString.split(" ") });
    return redirect(response, ".");
  }

  const sockets = new Set<Socket>();
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "/", "http://fake");
      const seen = {
        method: request.method ?? "",
        path: url.pathname.startsWith(`${context}/`)
          ? url.pathname.slice(context.length + 1)
          : `outside:${url.pathname}`,
        query: url.searchParams,
        headers: request.headers,
        form: new URLSearchParams(Buffer.concat(chunks).toString()),
      };
      fake.seen.push(seen);
      answer(seen, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
    });
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${context}`;
  fake.close = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return fake;
}

/** Answers with JSON; like its neighbours true, so that an override may end with it. */
export function json(response: http.ServerResponse, body: unknown): boolean {
  response.setHeader("Content-Type", "application/json;charset=utf-8");
  return text(response, 200, JSON.stringify(body));
}

export function text(response: http.ServerResponse, status: number, body: string): boolean {
  response.statusCode = status;
  response.end(body);
  return true;
}

export function page(response: http.ServerResponse, status: number, body: string): boolean {
  response.setHeader("Content-Type", "text/html;charset=utf-8");
  return text(response, status, `<!DOCTYPE html><html><head><title>Page</title></head><body>${body}</body></html>`);
}

export function redirect(response: http.ServerResponse, location: string): boolean {
  response.setHeader("Location", location);
  return text(response, 302, "");
}

function beanOf([name, node]: readonly [string, FakeNode]): unknown {
  return {
    _class: "hudson.slaves.SlaveComputer",
    assignedLabels: [...node.labels, name].map((label) => ({ name: label })),
    displayName: name,
    executors: [{ currentExecutable: null, idle: true }],
    idle: true,
    numExecutors: 1,
    offline: node.marked || !node.connected,
    temporarilyOffline: node.marked,
  };
}

function jnlp(name: string): string {
  const values = ["0123456789abcdef".repeat(4), name, "-webSocket", "-url", "https://ci.example.org/"];
  const list = values.map((value) => `<argument>${value}</argument>`).join("");
  return `<jnlp spec="1.0+"><application-desc main-class="hudson.remoting.jnlp.Main">${list}</application-desc></jnlp>`;
}
