import { KubestackError } from "@kubestack/contracts";
import type { z } from "zod";
import { createCookieJar } from "./cookies.ts";
import { type Auth, createCredential } from "./credential.ts";
import { type Crumb, type CrumbHeader, createCrumbs, crumbSchema, namesCrumb } from "./crumb.ts";
import { addressOf } from "./master-url.ts";
import { type Asked, isStranger, notAMaster, nothingThere, refusalOf } from "./refusal.ts";
import type { Answer, Send } from "./send.ts";

/** What one exchange is about. */
export interface Call {
  /** Relative to the master's address, its segments encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** What is asked, as words that follow "was asked": `to show its queue`. */
  readonly what: string;
  /** Statuses that are an answer here, and no refusal. */
  readonly accept?: readonly number[];
  /** Fields of a form, a list once for each of it; POST only. */
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
}

/** Signed requests to one master. Every refusal is raised as a KubestackError whose sentence never holds the secret. */
export interface Session {
  readonly master: string;
  readonly user: string;
  readonly base: URL;
  get(call: Call): Promise<Answer>;
  post(call: Call): Promise<Answer>;
  /** Reads `path` + `api/json` with a tree, and checks it. Raises not-a-master where it is no such JSON. */
  readJson<S extends z.ZodType>(
    call: Call & { tree: string },
    schema: S,
  ): Promise<{ value: z.output<S>; answer: Answer }>;
  /** The same, where nothing may be there: the value is null then. */
  readJsonIfThere<S extends z.ZodType>(
    call: Call & { tree: string },
    schema: S,
  ): Promise<{ value: z.output<S> | null; answer: Answer }>;
  /** The error for an answer of no master. */
  notAMaster(answer: Answer): KubestackError;
}

export interface SessionOptions {
  readonly master: string;
  readonly user: string;
  readonly base: URL;
  readonly auth: Auth;
  readonly send: Send;
}

/** Texts of the master are localised by the request: everything is asked for in English, which the parsers know. */
const fixedHeaders = { "accept-language": "en", "user-agent": "kubestack" };

const noCrumb: CrumbHeader = {};

/** Statuses that say that there is no such page. */
const nothing: readonly number[] = [404, 410];

/** Opens nothing; the first request does. */
export function createSession(options: SessionOptions): Session {
  const { master, user, base, send } = options;
  const credential = createCredential(options);
  const cookies = createCookieJar();
  const crumbs = createCrumbs(fetchCrumb);
  const usesPassword = options.auth.kind === "password";
  const asked = (what: string): Asked => ({ master, user, base, secret: options.auth.kind, what });

  async function exchange(
    method: "GET" | "POST",
    call: Call,
    extra: Readonly<Record<string, string>>,
  ): Promise<Answer> {
    const cookie = cookies.header();
    const answer = await send({
      method,
      url: addressOf(base, call.path, call.query),
      headers: {
        ...fixedHeaders,
        ...extra,
        authorization: await credential.header(),
        ...(cookie === undefined ? {} : { cookie }),
        ...(method === "POST" ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      ...(method === "POST" ? { body: formText(call.form) } : {}),
    });
    // Tokens need no session, and a master makes none for them.
    if (usesPassword || crumbs.isUsed()) cookies.take(answer.setCookies);
    return answer;
  }

  /** 404: the master wants no crumbs. A refused credential is told by the POST itself, which names what was wanted. */
  async function fetchCrumb(): Promise<Crumb | null> {
    const what = "to give a crumb";
    const answer = await exchange("GET", { path: "crumbIssuer/api/json", what }, {});
    if ([401, 403, 404].includes(answer.status)) return null;
    const refusal = refusalOf(answer, asked(what), "GET");
    if (refusal !== null) throw refusal;
    const crumb = crumbSchema.safeParse(jsonOf(answer.text));
    if (!crumb.success) throw notAMaster(answer, asked(what));
    return crumb.data;
  }

  /** The exchange with its two second chances: a rotated secret, and a crumb that is new or outlived its session. */
  async function signed(method: "GET" | "POST", call: Call): Promise<Answer> {
    const crumb = async () => (method === "POST" && (usesPassword || crumbs.isUsed()) ? crumbs.header() : noCrumb);
    const used = await credential.header();
    let sent = await crumb();
    let answer = await exchange(method, call, sent);
    if (isStranger(answer) && (await renew(used))) {
      sent = await crumb();
      answer = await exchange(method, call, sent);
    }
    if (method === "POST" && answer.status === 403 && namesCrumb(answer.text)) {
      if (crumbs.replace(sent)) cookies.clear();
      answer = await exchange(method, call, await crumbs.header());
    }
    return answer;
  }

  async function checked(method: "GET" | "POST", call: Call): Promise<Answer> {
    try {
      const answer = await signed(method, call);
      if (call.accept?.includes(answer.status) && !isStranger(answer)) return answer;
      const refusal = refusalOf(answer, asked(call.what), method);
      if (refusal !== null) throw refusal;
      return answer;
    } catch (error) {
      throw scrubbed(error);
    }
  }

  function scrubbed(error: unknown): unknown {
    if (!(error instanceof KubestackError)) return error;
    const message = credential.scrub(error.message);
    return message === error.message
      ? error
      : new KubestackError(error.code, message, { retry: error.retry, cause: undefined });
  }

  /** Forgets session and crumb, which belong to the old secret; true if there is another one now. */
  async function renew(refused: string): Promise<boolean> {
    cookies.clear();
    crumbs.forget();
    return credential.reread(refused);
  }

  async function readJsonIfThere<S extends z.ZodType>(call: Call & { tree: string }, schema: S) {
    const query = { ...call.query, tree: call.tree };
    const answer = await checked("GET", { ...call, path: `${call.path}api/json`, query, accept: nothing });
    if (nothing.includes(answer.status)) return { value: null, answer };
    const parsed = schema.safeParse(jsonOf(answer.text));
    if (!parsed.success) throw notAMaster(answer, asked(call.what));
    return { value: parsed.data, answer };
  }

  return {
    master,
    user,
    base,
    get: (call) => checked("GET", call),
    post: (call) => checked("POST", call),
    readJsonIfThere,
    async readJson(call, schema) {
      const { value, answer } = await readJsonIfThere(call, schema);
      if (value === null) throw nothingThere(asked(call.what));
      return { value, answer };
    },
    notAMaster: (answer) => notAMaster(answer, asked("to answer")),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function formText(form: Call["form"] = {}): string {
  const fields = Object.entries(form).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, one]),
  );
  return new URLSearchParams(fields).toString();
}
