import { isValues, type Values } from "./keys.ts";
import { completionOf, demandOf } from "./listeners.ts";

/** Where the two secrets are, as references. */
export interface SecretPlaces {
  readonly password: string;
  readonly token: string;
}

/** A file of the original's in our form: one master `default`, and a template for each of its labels. */
export type ModernForm = Readonly<{ kubernetes: Values; masters: readonly Values[]; templates: readonly Values[] }>;

/** The secrets where they stand now: in the file itself, named by its absolute path. */
export function inPlace(file: string): SecretPlaces {
  return { password: `file:${file}#jenkins.pass`, token: `file:${file}#kubernetes.api_key` };
}

/**
 * Says in our form what a file of the original's says. Pure; secrets are not looked at but named. What is wrong in it stays
 * wrong here: our schema finds fault with it.
 */
export function modernFormOf(file: Values, { password, token }: SecretPlaces): ModernForm {
  const jenkins = isValues(file.jenkins) ? file.jenkins : {};
  const kubernetes = isValues(file.kubernetes) ? file.kubernetes : {};
  const url = jenkins.external_url ?? jenkins.url;
  return {
    kubernetes: { namespace: "default", ...given({ url: kubernetes.url }), token },
    masters: [
      {
        name: "default",
        ...given({ url, publicUrl: url, agentUrl: jenkins.internal_url, user: jenkins.user }),
        password,
        ...demandOf(file["demand-listeners"]),
        ...completionOf(file["destroy-listeners"]),
      },
    ],
    templates: Array.isArray(file.labels) ? file.labels.map((label) => templateOf(label, file.image)) : [],
  };
}

/** `cpu` and `memory` that are nothing were no limit; here they are left to the defaults. */
function templateOf(label: unknown, usualImage: unknown): Values {
  if (!isValues(label)) return {};
  const { name, image, cpu, memory } = label;
  return {
    ...given({ name, labels: name === undefined ? undefined : [name], image: image ?? usualImage }),
    ...given({ cpu: cpu || undefined, memory: memory || undefined }),
  };
}

/** Only the keys that have a value. */
function given(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== null));
}
