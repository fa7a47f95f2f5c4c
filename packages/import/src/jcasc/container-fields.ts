import { quantityForm } from "@kubestack/contracts";
import { isMap, type Json, type JsonMap } from "@kubestack/templates";
import { wordsOf } from "../plugin/command-line.ts";
import {
  type FieldReader,
  type Fields,
  flag,
  integer,
  lost,
  readFields,
  readList,
  text,
  textOf,
} from "../reading/fields.ts";
import { symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";
import { readEnv } from "./env-fields.ts";

type Draft = Record<string, Json>;

/** The plugin's words for resources, and where Kubernetes has them. */
const resources = {
  resourceRequestCpu: ["requests", "cpu"],
  resourceLimitCpu: ["limits", "cpu"],
  resourceRequestMemory: ["requests", "memory"],
  resourceLimitMemory: ["limits", "memory"],
  resourceRequestEphemeralStorage: ["requests", "ephemeral-storage"],
  resourceLimitEphemeralStorage: ["limits", "ephemeral-storage"],
} as const;

/** Reads one container of a template into what Kubernetes calls one; only what is said is in it. */
export function readContainer(value: Json, place: Place): JsonMap | undefined {
  const symbolic = isMap(value) && value.containerTemplate !== undefined ? symbolOf(value, place) : undefined;
  const fields = symbolic?.fields ?? value;
  const at = symbolic?.place ?? place;
  const draft: Draft = {};
  readFields(fields, at, { name: nameOf(draft), ...containerFields(draft) });
  if (typeof draft.name !== "string") {
    at.lost("a container without a name; it was left out");
    return undefined;
  }
  return draft;
}

/** The fields of a container besides its name; a template of old has some of them itself, for its first container. */
export function containerFields(draft: Draft): Fields {
  return {
    image: text((image, place) => {
      if (/\s/.test(image)) return place.lost("holds a blank; it was left out");
      draft.image = image;
      place.exact("image");
    }),
    alwaysPullImage: flag((is, place) => {
      if (is) draft.imagePullPolicy = "Always";
      place.exact(`imagePullPolicy: ${is ? "Always" : "IfNotPresent"}`);
    }),
    command: words(draft, "command"),
    args: words(draft, "args"),
    workingDir: text((path, place) => {
      draft.workingDir = path;
      place.exact("the folder that it works in");
    }),
    ttyEnabled: flag((is, place) => {
      if (is) draft.tty = true;
      place.exact(is ? "tty: true" : "no terminal");
    }),
    privileged: flag((is, place) => {
      if (!is) return place.exact("not privileged");
      security(draft, { privileged: true });
      place.changed("privileged, and as root where runAsUser says no other; written down in allow");
    }),
    runAsUser: user(draft, "runAsUser"),
    runAsGroup: user(draft, "runAsGroup"),
    envVars: (value, place) => {
      draft.env = readEnv(value, place);
    },
    ports: (value, place) => {
      const ports: JsonMap[] = [];
      readList(value, place, (one, at) => void ports.push(...readPort(one, at)));
      draft.ports = ports;
    },
    livenessProbe: (value, place) => readProbe(value, place, draft),
    shell: lost("only container() asks for a shell, and that step can't reach a container of these slaves"),
    ...Object.fromEntries(Object.entries(resources).map(([name, at]) => [name, resource(draft, at)])),
  };
}

function nameOf(draft: Draft): FieldReader {
  return text((name, place) => {
    draft.name = name;
    place.exact(`container ${name}`);
  });
}

function words(draft: Draft, field: "command" | "args"): FieldReader {
  return text((line, place) => {
    const split = wordsOf(line);
    if (split === undefined) return place.lost("leaves a quote open; it was left out");
    if (field === "args" && /\$\{computer\./.test(line))
      return place.changed("left out: a slave's agent finds its name and its secret by itself, the secret in a file");
    draft[field] = split;
    place.exact(`${field}, as a list of ${split.length}`);
  });
}

function security(draft: Draft, more: JsonMap): void {
  draft.securityContext = { ...(isMap(draft.securityContext) ? draft.securityContext : {}), ...more };
}

function user(draft: Draft, field: "runAsUser" | "runAsGroup"): FieldReader {
  return integer((id, place) => {
    security(draft, { [field]: id });
    if (id === 0 && field === "runAsUser") place.changed("runAsUser: 0, written down in allow as root");
    else place.exact(`${field}: ${id}`);
  });
}

function resource(draft: Draft, [kind, name]: readonly [string, string]): FieldReader {
  return text((amount, place) => {
    if (!quantityForm.test(amount)) return place.lost("no quantity such as 500m, 2 or 4Gi; it was left out");
    const all = isMap(draft.resources) ? draft.resources : {};
    const of = all[kind];
    draft.resources = { ...all, [kind]: { ...(isMap(of) ? of : {}), [name]: amount } };
    place.exact(`${kind} of ${name}`);
  });
}

function readPort(value: Json, place: Place): JsonMap[] {
  const symbolic = isMap(value) && value.portMapping !== undefined ? symbolOf(value, place) : undefined;
  const at = symbolic?.place ?? place;
  const port: Draft = {};
  readFields(symbolic?.fields ?? value, at, {
    name: text((name, inner) => {
      port.name = name;
      inner.exact("a port's name");
    }),
    containerPort: integer((number, inner) => {
      port.containerPort = number;
      inner.exact(`containerPort: ${number}`);
    }),
    hostPort: integer((number, inner) => {
      if (number <= 0) return inner.exact("no port of the machine");
      port.hostPort = number;
      inner.changed(`hostPort: ${number}, written down in allow as hostPorts`);
    }),
  });
  if (port.containerPort !== undefined) return [port];
  at.lost("a port without a number; it was left out");
  return [];
}

const probeTimes = ["initialDelaySeconds", "timeoutSeconds", "failureThreshold", "periodSeconds", "successThreshold"];

/** The plugin makes a probe of what has a command only; its export writes one of zeros where there is none. */
function readProbe(value: Json, place: Place, draft: Draft): void {
  const symbolic = isMap(value) && value.containerLivenessProbe !== undefined ? symbolOf(value, place) : undefined;
  const fields = symbolic?.fields ?? value;
  const at = symbolic?.place ?? place;
  const command = isMap(fields) ? wordsOf(textOf(fields.execArgs ?? "") ?? "") : undefined;
  const isThere = command !== undefined && command.length > 0;
  const probe: Draft = {};
  readFields(fields, at, {
    execArgs: text((_, inner) => {
      if (isThere) inner.exact("livenessProbe.exec.command");
      else inner.lost("leaves a quote open; the probe was left out");
    }),
    ...Object.fromEntries(
      probeTimes.map((name) => [
        name,
        integer((number, inner) => {
          // Zero is what a number has that nobody gave; of a delay it is the usual.
          if (number > 0) probe[name] = number;
          if (isThere) inner.exact(number > 0 ? `livenessProbe.${name}` : "the usual");
          else inner.exact("nothing: without execArgs the plugin makes no probe");
        }),
      ]),
    ),
  });
  if (isThere) draft.livenessProbe = { exec: { command }, ...probe };
}
