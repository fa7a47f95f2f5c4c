import { printDuration } from "@kubestack/contracts";
import { isMap, type Json, type JsonMap } from "@kubestack/templates";
import {
  emptyTemplate,
  type PluginTemplate,
  type PluginVolume,
  pluginAgentContainer,
  pluginConnectTimeout,
} from "../plugin/plugin-template.ts";
import {
  type Fields,
  flag,
  integer,
  integerOf,
  readFields,
  readList,
  text,
  textOf,
  without,
} from "../reading/fields.ts";
import { labelsOf, nodeSelectorOf } from "../reading/lists-in-texts.ts";
import { kindOf, symbolOf } from "../reading/symbols.ts";
import type { Place } from "../report/report.ts";
import { containerFields, readContainer } from "./container-fields.ts";
import { readEnv } from "./env-fields.ts";
import { readNodeProperties } from "./node-properties.ts";
import { retentionOf, retentionRemedy } from "./retention.ts";
import { readVolume, readWorkspace } from "./volume-kinds.ts";
import { readYamlPod } from "./yaml-pod.ts";

/** What Kubernetes takes for the name of a container. */
const containerName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const usualWorkspace = JSON.stringify({ emptyDir: {} });

/** What is known of the cloud that a template belongs to. */
export interface OfCloud {
  readonly namespace: string;
}

/** Reads one pod template; each of its fields is told at its place. */
export function readTemplate(value: Json, place: Place, cloud: OfCloud): PluginTemplate {
  const template = emptyTemplate();
  /** Fields that a template of old says for its first container. */
  const first: Record<string, Json> = {};
  readFields(value, place, {
    ...fieldsOfFirst(first),
    ...ownFields(template, cloud),
    ...listFields(template),
    ...numberFields(template, value),
  });
  const [container, ...others] = template.containers;
  if (Object.keys(first).length > 0 && container !== undefined)
    template.containers = [{ ...first, ...container }, ...others];
  return template;
}

/** Deprecated: the plugin hands them to the first container, and has nothing to hand them to where there is none. */
function fieldsOfFirst(draft: Record<string, Json>): Fields {
  const { alwaysPullImage, args, command, image, privileged, workingDir, ...rest } = containerFields(draft);
  const resources = Object.entries(rest).filter(([name]) => name.startsWith("resource"));
  const old = {
    alwaysPullImage,
    args,
    command,
    image,
    privileged,
    remoteFs: workingDir,
    ...Object.fromEntries(resources),
  };
  return Object.fromEntries(Object.entries(old).flatMap(([name, read]) => (read === undefined ? [] : [[name, read]])));
}

function ownFields(template: PluginTemplate, { namespace }: OfCloud): Fields {
  return {
    id: without("exact", "the plugin's own mark"),
    name: text((name, place) => {
      template.name = name;
      place.exact("name");
    }),
    label: text((label, place) => {
      const { sound, unsound } = labelsOf(label);
      template.labels = sound;
      if (sound.length > 0) place.exact(`labels ${sound.join(", ")}`);
      if (unsound.length > 0) place.lost(`${unsound.length} words that no label can be; they were left out`);
    }),
    nodeUsageMode: text((mode, place) => {
      template.isNormal = mode.toUpperCase() === "NORMAL";
      place.exact(`unlabelled: ${template.isNormal}`);
    }),
    namespace: text((name, place) => {
      if (name === namespace) place.exact("kubernetes.namespace");
      else place.lost(`pods of all templates run in kubernetes.namespace, ${namespace}`);
    }),
    inheritFrom: text((names, place) => {
      template.inheritFrom = names.split(/ +/).filter((name) => name !== "");
      place.changed(
        `what it has from ${template.inheritFrom.join(", ")} is written into it, by the plugin's own rules`,
      );
    }),
    nodeSelector: text((selector, place) => {
      const { sound, unsound } = nodeSelectorOf(selector);
      template.nodeSelector = sound;
      if (unsound.length === 0) place.exact("pod.spec.nodeSelector");
      else place.lost(`must be key=value,…: ${unsound.length} parts are not, and were left out`);
    }),
    serviceAccount: text((account, place) => {
      template.serviceAccount = account;
      if (account === "default")
        place.changed("account default, whose token is not mounted unless the pod asks for it");
      else place.changed("pod.spec.serviceAccountName with its token, written down in allow as serviceAccount");
    }),
    schedulerName: text((name, place) => {
      template.schedulerName = name;
      place.exact("pod.spec.schedulerName");
    }),
    hostNetwork: flag((is, place) => {
      template.hostNetwork = is;
      if (is) place.changed("pod.spec.hostNetwork, written down in allow as hostNamespaces");
      else place.exact("the pod has a network of its own");
    }),
    supplementalGroups: text((list, place) => {
      const groups = list.split(",").map((one) => integerOf(one));
      if (groups.some((one) => one === undefined)) return place.lost("must be numbers and commas; it was left out");
      template.supplementalGroups = groups.flatMap((one) => one ?? []);
      place.exact("pod.spec.securityContext.supplementalGroups, also beside yaml, where the plugin forgets it");
    }),
    agentContainer: text((name, place) => {
      if (!containerName.test(name)) return place.lost(`no name of a container; ${pluginAgentContainer} is taken`);
      template.agentContainer = name;
      place.exact("agentContainer");
    }),
    agentInjection: flag((is, place) => {
      template.isInjected = is;
      if (is) place.changed("inject: always; the agent comes from agentImage, which has to be filled in");
      else place.exact("the image has the agent itself");
    }),
    podRetention: (value, place) => {
      const retention = retentionOf(value, place);
      if (retention === undefined) return;
      template.retention = retention;
      if (retention === "never") place.exact("a pod goes when its build is over");
      else if (retention === "default") place.exact("as its cloud says");
      else place.lost(retentionRemedy(retention));
    },
    yaml: text((yaml, place) => {
      const pod = readYamlPod(yaml, place);
      if (pod !== undefined) template.yamls = [...template.yamls, { pod, path: place.path }];
    }),
    yamls: (value, place) =>
      readList(value, place, (one, at) => {
        const pod = readYamlPod(textOf(one) ?? "", at);
        if (pod !== undefined) template.yamls = [...template.yamls, { pod, path: at.path }];
      }),
    yamlMergeStrategy: (value, place) => {
      const kind = kindOf(
        symbolOf(value, place)?.symbol ?? "",
        { merge: "merge", override: "override", overrides: "override" },
        "",
      );
      if (kind === undefined) return place.lost("must be merge or override; override is taken");
      template.mergesYaml = kind === "merge";
      place.exact(kind === "merge" ? "the yaml of its parents lies below its own" : "its own yaml alone counts");
    },
    inheritYamlMergeStrategy: flag((is, place) => {
      template.handsDownMerging = is;
      place.exact("heeded where templates inherit from this one");
    }),
    showRawYaml: without(
      "changed",
      "no pod is written into a build's log: kubestackcmd explain shows what became of it",
    ),
    customWorkspaceVolumeEnabled: without("exact", "the plugin does nothing with it either"),
    listener: without("exact", "the plugin's own"),
    unwrapped: without("exact", "the plugin's own"),
  };
}

function listFields(template: PluginTemplate): Fields {
  return {
    containers: (value, place) => {
      const found: JsonMap[] = [];
      readList(value, place, (one, at) => {
        const container = readContainer(one, at);
        if (container === undefined) return;
        if (found.some(({ name }) => name === container.name))
          at.lost(`a second container ${String(container.name)}; it was left out`);
        else found.push(container);
      });
      template.containers = found;
    },
    volumes: (value, place) => {
      const found: PluginVolume[] = [];
      readList(value, place, (one, at) => {
        const volume = readVolume(one, at);
        if (volume === undefined) return;
        if (found.some(({ mountPath }) => mountPath === volume.mountPath))
          at.lost(`a second volume at ${volume.mountPath}; the plugin mounts the first one, too`);
        else found.push(volume);
      });
      template.volumes = found;
    },
    workspaceVolume: (value, place) => {
      const workspace = readWorkspace(value, place);
      // The usual one is as good as none: then a parent's counts.
      if (workspace !== undefined && JSON.stringify(workspace) !== usualWorkspace) template.workspace = workspace;
    },
    envVars: (value, place) => {
      template.env = [...template.env, ...readEnv(value, place)];
    },
    nodeProperties: (value, place) => {
      const { env, tools } = readNodeProperties(value, place);
      template.nodeEnv = env;
      template.tools = tools;
    },
    annotations: (value, place) => {
      const found: Record<string, string> = {};
      readList(value, place, (one, at) => Object.assign(found, readPair(one, at, "an annotation")));
      template.annotations = found;
    },
    imagePullSecrets: (value, place) => {
      const names: string[] = [];
      readList(value, place, (one, at) =>
        readFields(symbolOrFields(one, "podImagePullSecret", at), at, {
          name: text((name, inner) => {
            names.push(name);
            inner.exact("pod.spec.imagePullSecrets");
          }),
        }),
      );
      template.imagePullSecrets = [...new Set(names)];
    },
  };
}

function symbolOrFields(value: Json, symbol: string, place: Place): Json {
  const found = symbolOf(value, place);
  return found?.symbol === symbol ? found.fields : value;
}

/** `{key, value}`, as labels and annotations are written. */
export function readPair(value: Json, place: Place, what: string): JsonMap {
  const read: { key?: string; value: string } = { value: "" };
  readFields(value, place, {
    key: text((key, inner) => {
      read.key = key;
      inner.exact(`the key of ${what}`);
    }),
    value: text((said, inner) => {
      read.value = said;
      inner.exact(`the value of ${what}`);
    }),
  });
  return read.key === undefined ? {} : { [read.key]: read.value };
}

/** A number that an export says twice: as itself, and as a text in `…Str`, whose default is an empty text. */
const twice = ["instanceCap", "slaveConnectTimeout", "idleMinutes", "activeDeadlineSeconds"] as const;

function numberFields(template: PluginTemplate, value: Json): Fields {
  const numbers = {
    instanceCap: integer((cap, place) => {
      if (cap < 0 || cap >= 2_147_483_647) return place.exact("no cap of its own");
      template.instanceCap = Math.min(cap, 100_000);
      place.exact(`maxSlaves: ${template.instanceCap}`);
    }),
    slaveConnectTimeout: integer((seconds, place) => {
      if (seconds <= 0) return place.exact("the usual");
      if (seconds !== pluginConnectTimeout) template.connectTimeout = seconds;
      place.changed(clocks(seconds));
    }),
    idleMinutes: integer((minutes, place) => {
      if (minutes <= 0) return place.exact("builds: 1, a pod for each build");
      template.idleMinutes = minutes;
      place.changed(
        `builds: 0 and idleTimeout: ${printDuration(minutes * 60_000)}; after maxAge, 8h, a slave gets no further build`,
      );
    }),
    activeDeadlineSeconds: integer((seconds, place) => {
      if (seconds <= 0) return place.exact("no deadline");
      template.activeDeadline = seconds;
      place.exact("pod.spec.activeDeadlineSeconds: the pod ends then, and a build on it with it");
    }),
  };
  return {
    ...numbers,
    ...Object.fromEntries(
      twice.map((name) => [
        `${name}Str`,
        (text: Json, place: Place) => {
          if (!isMap(value) || !Object.hasOwn(value, name)) numbers[name](text, place);
          else if (integerOf(value[name] ?? null) === integerOf(text)) place.exact(`${name} says the same`);
          else place.lost(`${name} says otherwise, and is what was read`);
        },
      ]),
    ),
    terminationGracePeriodSeconds: integer((seconds, place) => {
      template.gracePeriod = seconds;
      place.exact("pod.spec.terminationGracePeriodSeconds");
    }),
    runAsUser: integer((id, place) => {
      template.runAsUser = id;
      if (id === 0) place.changed("user 0 of all containers, written down in allow as root");
      else place.exact(`pod.spec.securityContext.runAsUser: ${id}`);
    }),
    runAsGroup: integer((id, place) => {
      template.runAsGroup = id;
      place.exact(`pod.spec.securityContext.runAsGroup: ${id}`);
    }),
  };
}

function clocks(seconds: number): string {
  const time = printDuration(seconds * 1000);
  return `${time} for everything, twice; here timeouts.schedule, pull, start and connect have a time of their own: the usual, or ${time} where that is longer`;
}
