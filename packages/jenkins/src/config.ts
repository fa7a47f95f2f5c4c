import { secretReference } from "@kubestack/contracts";
import { z } from "zod";

/** An address of a master, with its context path: http or https, and nothing behind the path. */
const masterAddressSchema = z
  .string()
  .max(2048)
  .superRefine((value, ctx) => {
    const rule = addressRule(value);
    if (rule === null) return;
    const shown = value.includes("@") ? "(hidden: it holds a user)" : value;
    ctx.addIssue(fault({ value: shown, rule, remedy: "write it as https://HOST[:PORT][/CONTEXT]/" }));
  });

const tunnelSchema = z
  .string()
  .max(512)
  .superRefine((value, ctx) => {
    if (/^[A-Za-z0-9._-]*:\d{0,5}$/.test(value) && value !== ":") return;
    const remedy = "write HOST:PORT, HOST: or :PORT";
    ctx.addIssue(fault({ value, rule: "must say where agents connect by TCP", remedy }));
  });

const certificateSchema = z.string().superRefine((value, ctx) => {
  if (/^file:.+/s.test(value)) return;
  const remedy = "write file:PATH of a PEM file";
  ctx.addIssue(fault({ value: value.slice(0, 80), rule: "must name a file of certificates", remedy }));
});

/**
 * The keys of a master's entry that say how a Jenkins-family master is reached, to be merged with its other keys.
 * `publicUrl` and `agentUrl` default to `url`: see `withConnectionDefaults`.
 */
export const jenkinsConnectionShape = {
  url: masterAddressSchema.describe("From KubeStack to the master"),
  publicUrl: masterAddressSchema.optional().describe("Links for people; default url"),
  agentUrl: masterAddressSchema
    .optional()
    .describe("From a pod to the master; default url, must be named where url is loopback"),
  agentTunnel: tunnelSchema.optional().describe("HOST:PORT for TCP agents where it differs from the host of agentUrl"),
  user: z.string().min(1).max(256).default("kubestack").describe("The master's user whose token or password is given"),
  token: secretReference.optional().describe("An API token of that user"),
  password: secretReference
    .optional()
    .describe("The user's password; KubeStack then asks for crumbs and keeps a session"),
  tls: z
    .strictObject({
      ca: certificateSchema.optional().describe("Certificates trusted beside the well-known ones"),
      insecureSkipVerify: z.boolean().default(false).describe("Accept any certificate"),
    })
    .optional(),
};

const connectionSchema = z.object(jenkinsConnectionShape);

/** A master's connection keys, checked one by one. */
export type JenkinsConnection = z.output<typeof connectionSchema>;

/** What the cross-field rules look at; a key whose own check failed may be missing. */
export type PartialConnection = { readonly [K in keyof JenkinsConnection]?: JenkinsConnection[K] | undefined };

/** Where faults are reported: the context of a zod `superRefine` will do. */
export interface FaultContext {
  addIssue(issue: ConfigFault): void;
}

/** One fault, with what configuration's messages are made of. */
export interface ConfigFault {
  readonly code: "custom";
  readonly path: string[];
  readonly message: string;
  readonly params: { readonly value: string; readonly rule: string; readonly remedy: string };
  readonly [more: string]: unknown;
}

/** The rules between keys: exactly one secret, no loopback address for pods, a user name that HTTP can carry. */
export function checkJenkinsConnection(value: PartialConnection, ctx: FaultContext): void {
  if (value.token === undefined && value.password === undefined) {
    const remedy = "give token (an API token, made on the user's page of the master) or password";
    ctx.addIssue(fault({ path: ["token"], value: "(none)", rule: "one of token and password is needed", remedy }));
  }
  if (value.token !== undefined && value.password !== undefined) {
    const remedy = "keep token and remove password";
    ctx.addIssue(
      fault({ path: ["password"], value: "(both)", rule: "only one of token and password may be given", remedy }),
    );
  }
  if (value.user?.includes(":")) {
    const remedy = "use the user's id as the master shows it";
    ctx.addIssue(fault({ path: ["user"], value: value.user, rule: "must not contain a colon", remedy }));
  }
  checkAgentUrl(value, ctx);
  if (value.tls?.ca !== undefined && value.tls.insecureSkipVerify) {
    const rule = "has no effect while insecureSkipVerify is true";
    ctx.addIssue(fault({ path: ["tls", "ca"], value: value.tls.ca, rule, remedy: "remove one of the two" }));
  }
}

function checkAgentUrl(value: PartialConnection, ctx: FaultContext): void {
  const address = value.agentUrl ?? value.url;
  if (address === undefined || !isLoopback(address) || value.agentUrl !== undefined) return;
  ctx.addIssue(
    fault({
      path: ["agentUrl"],
      value: address,
      rule: "must be named where url is a loopback address, since a pod would reach itself there",
      remedy: "give the address by which pods reach the master, its service for example",
    }),
  );
}

/** Fills what defaults to another key, after all checks. */
export function withConnectionDefaults<C extends PartialConnection & { readonly url: string }>(
  connection: C,
): C & { readonly publicUrl: string; readonly agentUrl: string } {
  return {
    ...connection,
    publicUrl: connection.publicUrl ?? connection.url,
    agentUrl: connection.agentUrl ?? connection.url,
  };
}

/** Whether the address means the machine, or the pod, that uses it. */
export function isLoopback(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const host = new URL(address).hostname.replace(/\.$/, "");
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return (
    /^127\.\d+\.\d+\.\d+$/.test(host) ||
    host === "[::1]" ||
    host === "0.0.0.0" ||
    host === "[::]" ||
    /^\[::ffff:7f/.test(host)
  );
}

function addressRule(value: string): string | null {
  if (!URL.canParse(value)) return "must be a URL";
  const url = new URL(value);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must be http or https";
  if (url.username !== "" || url.password !== "") return "must not hold a user or password";
  if (url.search !== "" || url.hash !== "") return "must end with its path";
  return null;
}

function fault(told: { path?: string[]; value: string; rule: string; remedy: string }): ConfigFault {
  const { value, rule, remedy } = told;
  return { code: "custom", path: told.path ?? [], message: `${rule}; ${remedy}`, params: { value, rule, remedy } };
}
