import { z } from "zod";
import { isSafeServerUrl } from "./server-url.ts";

const secretReference = (what: string) =>
  z
    .string({ error: `must be file:PATH or env:NAME; the file keeps no secret itself, so name where ${what} is` })
    .regex(/^(file:.+|env:[A-Za-z_][A-Za-z0-9_]*)$/, {
      error: `must be file:PATH or env:NAME; the file keeps no secret itself, so name where ${what} is`,
    });

const text = (remedy: string) =>
  z.string({ error: `must be a text; ${remedy}` }).min(1, { error: `must not be empty; ${remedy}` });

/** Builds the sentence for unknown keys, with those that are known. */
const unknownKeys =
  (known: string) => (issue: { code?: string | undefined; keys?: readonly string[]; input?: unknown }) => {
    if (issue.code === "unrecognized_keys")
      return `has the unknown key ${(issue.keys ?? []).map((key) => `"${key}"`).join(", ")}; known are ${known}`;
    const what = issue.input === undefined ? "is missing; give it" : "must be keys and values; correct it";
    return `${what} (its keys are ${known})`;
  };

const namespaceRule = "must be a namespace's name: at most 63 of a-z, 0-9 and -, and no - at either end";

const tls = z.strictObject(
  {
    /** The authority that signed the API server's certificate, as PEM. */
    ca: secretReference("the PEM file of the cluster's CA").optional(),
    insecureSkipVerify: z
      .boolean({ error: "must be true or false; leave it out to verify the server, as one should" })
      .optional(),
  },
  { error: unknownKeys("ca and insecureSkipVerify") as never },
);

/**
 * The `kubernetes:` part of the configuration: the agents' namespace, and where the cluster is. Without `kubeconfig`, `context` and
 * `url`: in-cluster, then the usual kubeconfig. References to secrets are kept as they stand; somebody else resolves them.
 */
export const kubernetesConfig = z
  .strictObject(
    {
      namespace: z
        .string({ error: `${namespaceRule}; name the one that agents run in, such as ci-agents` })
        .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, { error: `${namespaceRule}; correct the name` }),
      kubeconfig: text("name the kubeconfig file, or leave the key out").optional(),
      context: text("name a context of the kubeconfig, or leave the key out").optional(),
      url: z
        .string({ error: "must be the API server's address; such as https://10.0.0.1:6443" })
        .refine(isSafeServerUrl, {
          error:
            "must be an https:// address without a user in it (http:// only to this machine itself), as a token must not travel unprotected; correct it",
        })
        .optional(),
      token: secretReference("the bearer token").optional(),
      tls: tls.optional(),
    },
    { error: unknownKeys("namespace, kubeconfig, context, url, token and tls") as never },
  )
  .superRefine((value, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (value.url === undefined) {
      for (const key of ["token", "tls"] as const)
        if (value[key] !== undefined)
          fault(key, "goes with url only; add url, or leave it out, as a kubeconfig has its own");
      return;
    }
    if (value.token === undefined)
      fault("token", "must be given with url; name where the bearer token is: file:PATH or env:NAME");
    for (const key of ["kubeconfig", "context"] as const)
      if (value[key] !== undefined) fault(key, "must not be given with url; keep one of the two");
  });

/** What `kubernetesConfig` gives. */
export type KubernetesConfig = z.output<typeof kubernetesConfig>;
