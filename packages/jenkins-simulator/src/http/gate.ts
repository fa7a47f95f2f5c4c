import { createHash, timingSafeEqual } from "node:crypto";
import type { MasterState } from "../core/state.ts";
import { type Answer, escapeXml, httpError, page, Refusal } from "./answer.ts";
import type { Access, Permission } from "./permissions.ts";
import type { Received } from "./received.ts";

/** Somebody who may use the master. */
export interface User {
  readonly name: string;
  readonly password: string;
  /** API tokens: they need neither crumb nor session. */
  readonly tokens: readonly string[];
  /** Default: all. */
  readonly permissions?: readonly Permission[] | undefined;
  /** Jobs (full names) kept from this user. */
  readonly jobs?: Readonly<Record<string, "hidden" | "discover">> | undefined;
}

/** Lets requests in, as whom they say they are. */
export interface Gate {
  /** Users by name; may be changed while running. */
  readonly users: Map<string, User>;
  /** Raises a refusal: 401 for a wrong secret, 403 for nobody and for a POST without its crumb. */
  admit(request: Received): Access;
  /** The crumb issuer's answer, with the session that it belongs to as a cookie. */
  issueCrumb(request: Received, access: Access): Answer;
}

export interface GateOptions {
  readonly users: readonly User[];
  /** Whether a POST with a password needs a crumb. Default true. */
  readonly usesCrumbs?: boolean | undefined;
  readonly context: string;
  /** Fresh, unguessable text. */
  readonly newId: () => string;
}

const crumbField = "Jenkins-Crumb";
/** Open to everybody: whoever is not signed in gets as far as here. */
const openPaths = /^(login|tcpSlaveAgentListener|wsagents|jnlpJars|simulator|robots\.txt|whoAmI)(\/|$)/;

export function createGate(state: MasterState, options: GateOptions): Gate {
  const users = new Map(options.users.map((user) => [user.name, user]));
  const usesCrumbs = options.usesCrumbs ?? true;
  const salt = options.newId();
  /** Sessions of this start of the master: a restart forgets them, and crumbs die with them. */
  let sessions = new Set<string>();
  let start = state.session;
  const cookieName = `JSESSIONID.${salt.slice(0, 8)}`;

  const sessionOf = (request: Received) => {
    if (start !== state.session) sessions = new Set();
    start = state.session;
    const id = new RegExp(`${cookieName}=([\\w-]+)`).exec(request.headers.cookie ?? "")?.[1];
    return id !== undefined && sessions.has(id) ? id : undefined;
  };
  const crumbOf = (user: string, session: string) =>
    createHash("sha256").update(`${user};${session}${salt}`).digest("hex");

  function signIn(request: Received): { access: Access; isByToken: boolean } | null {
    const [scheme = "", encoded = ""] = (request.headers.authorization ?? "").split(" ");
    if (scheme.toLowerCase() !== "basic") return null;
    const [name = "", ...rest] = Buffer.from(encoded, "base64").toString("utf8").split(":");
    const user = users.get(name);
    const secret = rest.join(":");
    const isByToken = user?.tokens.some((token) => isEqual(token, secret)) ?? false;
    if (user === undefined || (!isByToken && !isEqual(user.password, secret))) {
      const refusal = httpError(401, `Invalid password/token for user: ${name}`);
      throw new Refusal({ ...refusal, headers: { ...refusal.headers, "www-authenticate": 'Basic realm="Jenkins"' } });
    }
    const permissions = user.permissions === undefined ? "all" : new Set(user.permissions);
    return { access: { user: name, permissions, jobs: user.jobs ?? {} }, isByToken };
  }

  return {
    users,
    admit(request) {
      const known = signIn(request);
      if (known === null) {
        if (openPaths.test(request.path)) return { user: "anonymous", permissions: new Set(), jobs: {} };
        throw new Refusal(loginWanted(request, options.context));
      }
      if (request.method === "POST" && usesCrumbs && !known.isByToken) {
        const session = sessionOf(request);
        const given = request.headers[crumbField.toLowerCase()] ?? request.parameter(crumbField) ?? "";
        if (session === undefined || given !== crumbOf(known.access.user, session)) {
          throw new Refusal(httpError(403, "No valid crumb was included in the request"));
        }
      }
      return known.access;
    },
    issueCrumb(request, access) {
      if (!usesCrumbs) return httpError(404, "Not Found");
      const session = sessionOf(request) ?? options.newId();
      sessions.add(session);
      const body = JSON.stringify({
        _class: "hudson.security.csrf.DefaultCrumbIssuer",
        crumb: crumbOf(access.user, session),
        crumbRequestField: crumbField,
      });
      return {
        status: 200,
        headers: {
          "content-type": "application/json;charset=utf-8",
          "set-cookie": `${cookieName}=${session}; Path=${options.context === "" ? "/" : options.context}; HttpOnly; SameSite=Lax`,
        },
        body,
      };
    },
  };
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash("sha256").update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

/** Nobody asked: a page that leads a browser to the login form. */
function loginWanted(request: Received, context: string): Answer {
  const to = `${context}/login?from=${encodeURIComponent(`${context}/${request.path}`)}`;
  const body = `<meta http-equiv='refresh' content='1;url=${escapeXml(to)}'/>Authentication required<!-- You are authenticated as: anonymous -->`;
  return page(403, { title: "", body });
}
