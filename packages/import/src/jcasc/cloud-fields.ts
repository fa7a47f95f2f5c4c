import type { Json, JsonMap } from "@kubestack/templates";
import { type Fields, flag, integer, integerOf, lost, readFields, readList, text, without } from "../reading/fields.ts";
import type { Place } from "../report/report.ts";
import { type Retention, retentionOf, retentionRemedy } from "./retention.ts";
import { readPair } from "./template-fields.ts";

/** What one cloud of the plugin's says. */
export interface PluginCloud {
  readonly place: Place;
  name?: string;
  serverUrl?: string;
  /** Whether a certificate of the API server's is given. */
  hasCertificate: boolean;
  skipsTlsVerify: boolean;
  hasCredentials: boolean;
  namespace?: string;
  jenkinsUrl?: string;
  tunnel?: string;
  isWebSocket: boolean;
  containerCap?: number;
  /** Where the cap is said. */
  capPlace?: Place;
  /** Minutes that an agent may wait for its first build. */
  retentionTimeout?: number;
  retention?: Retention;
  podLabels: JsonMap;
  registry?: string;
  defaultsProvider?: string;
  /** The templates as they stand, and where. */
  templates: readonly { readonly value: Json; readonly place: Place }[];
}

const ofPlugin = "of the plugin's own client; KubeStack watches the cluster over one connection";

/** Reads a cloud's own fields; its templates are read once it is known where their pods go. */
export function readCloud(value: Json, place: Place): PluginCloud {
  const cloud: PluginCloud = {
    place,
    hasCertificate: false,
    skipsTlsVerify: false,
    hasCredentials: false,
    isWebSocket: false,
    podLabels: {},
    templates: [],
  };
  readFields(value, place, {
    ...clusterFields(cloud),
    ...masterFields(cloud, value),
    ...ofPluginOnly,
    templates: (list, at) => {
      const found: { value: Json; place: Place }[] = [];
      if (!Array.isArray(list)) return at.lost("must be a list; it was not read");
      list.forEach((one: Json, position) => void found.push({ value: one, place: at.inner(position) }));
      at.exact(`${found.length} of them`);
      cloud.templates = found;
    },
  });
  return cloud;
}

function clusterFields(cloud: PluginCloud): Fields {
  return {
    name: text((name, place) => {
      cloud.name = name;
      place.exact("the cloud's own name");
    }),
    serverUrl: text((url, place) => {
      cloud.serverUrl = url;
      if (isOwnCluster(url)) place.exact("the cluster that KubeStack runs in");
      else place.changed("kubernetes.url; it needs a token besides");
    }),
    serverCertificate: (_, place) => {
      cloud.hasCertificate = true;
      place.changed("kubernetes.tls.ca names a file: write the certificate into it");
    },
    skipTlsVerify: flag((is, place) => {
      cloud.skipsTlsVerify = is;
      place.exact("kubernetes.tls.insecureSkipVerify, where the cluster is another one");
    }),
    credentialsId: text((_, place) => {
      cloud.hasCredentials = true;
      place.changed(
        "a credential of Jenkins' can't be read from here: in its cluster KubeStack has a service account of its own, elsewhere kubernetes.token names a file",
      );
    }),
    namespace: text((name, place) => {
      cloud.namespace = name;
      place.exact("kubernetes.namespace");
    }),
    useJenkinsProxy: lost("KubeStack asks the cluster without a proxy"),
  };
}

function masterFields(cloud: PluginCloud, value: Json): Fields {
  const cap = integer((most, place) => {
    if (most < 0 || most >= 2_147_483_647) return place.changed("no cap of its own; limits.maxSlaves, 800, holds");
    cloud.containerCap = Math.min(most, 100_000);
    cloud.capPlace = place;
    place.exact(`maxSlaves: ${cloud.containerCap}`);
  });
  return {
    jenkinsUrl: text((url, place) => {
      cloud.jenkinsUrl = url;
      place.exact("the master's url, for KubeStack and for its pods");
    }),
    jenkinsTunnel: text((tunnel, place) => {
      cloud.tunnel = tunnel;
      const isUnused = typeof value === "object" && value !== null && "webSocket" in value && value.webSocket === true;
      if (isUnused) place.exact("nothing: with webSocket the plugin heeds no tunnel either");
      else place.exact("agentTunnel");
    }),
    webSocket: flag((is, place) => {
      cloud.isWebSocket = is;
      place.exact(is ? "transport: websocket" : "transport: auto, by TCP where the master tells a port");
    }),
    directConnection: flag((is, place) => {
      if (is) place.lost("agents ask the master over HTTP first, then connect by TCP: pods must reach its url");
      else place.exact("agents ask the master over HTTP first");
    }),
    containerCap: cap,
    containerCapStr: (text, place) => {
      const isSaid = typeof value === "object" && value !== null && "containerCap" in value;
      if (isSaid) place.exact("containerCap says the same");
      else cap(text, place);
    },
    podLabels: (list, place) => {
      const found: Record<string, Json> = {};
      if (!Array.isArray(list)) {
        readFields(list, place, Object.fromEntries(keysOf(list).map((key) => [key, podLabel(found, key)])));
      } else readList(list, place, (one, at) => Object.assign(found, readPair(one, at, "a master's podLabels")));
      cloud.podLabels = found as JsonMap;
    },
    podRetention: (one, place) => {
      const retention = retentionOf(one, place);
      if (retention === undefined) return;
      cloud.retention = retention;
      if (retention === "never" || retention === "default") place.exact("a pod goes when its build is over");
      else place.lost(retentionRemedy(retention));
    },
    retentionTimeout: integer((minutes, place) => {
      if (minutes > 5) cloud.retentionTimeout = minutes;
      place.exact(`idleTimeout: ${Math.max(5, minutes)}m, for a slave that waits for its build`);
    }),
    jnlpregistry: text((registry, place) => {
      // No image has a blank in it.
      if (/\s/.test(registry)) return place.lost("no registry: it has a blank in it");
      cloud.registry = registry;
      place.exact("before the image of agents that name none");
    }),
    defaultsProviderTemplate: text((name, place) => {
      cloud.defaultsProvider = name;
      place.changed(`what ${name} says is written into each template`);
    }),
  };
}

const ofPluginOnly: Fields = {
  connectTimeout: without("exact", ofPlugin),
  readTimeout: without("exact", ofPlugin),
  maxRequestsPerHost: without("exact", ofPlugin),
  maxRequestsPerHostStr: without("exact", ofPlugin),
  waitForPodSec: without("exact", "the plugin does nothing with it either"),
  capOnlyOnAlivePods: without("exact", "the plugin does nothing with it either"),
  labels: without("exact", "the plugin does nothing with it either"),
  garbageCollection: without(
    "changed",
    "resync finds and removes what is left, always, and writes nothing on pods for it",
  ),
  usageRestricted: flag((is, place) => {
    if (is) place.lost("which folders may use a template is not told here: every job of the master may");
    else place.exact("every job may use the templates");
  }),
  addMasterProxyEnvVars: flag((is, place) => {
    if (is)
      place.lost(
        "Jenkins' proxy variables are not known here: write http_proxy and no_proxy into env of defaults.template",
      );
    else place.exact("no proxy variables");
  }),
  restrictedPssSecurityContext: flag((is, place) => {
    if (is) place.exact("pods are restricted anyway");
    else place.changed("pods are restricted: what is less must stand in allow");
  }),
  traits: (list, place) => {
    if (integerOf(list) === undefined && Array.isArray(list) && list.length === 0) place.exact("none");
    else place.lost("extensions of the plugin's; KubeStack has none of them");
  },
};

function podLabel(found: Record<string, Json>, key: string) {
  return text((value, place) => {
    found[key] = value;
    place.exact("a label of the master's podLabels");
  });
}

function keysOf(value: Json): string[] {
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** Whether an address is the API server's as pods of the same cluster know it. */
export function isOwnCluster(url: string): boolean {
  return /^https?:\/\/kubernetes(?:\.default(?:\.svc(?:\.[^/:]+)*)?)?\.?(?::\d+)?\/?$/i.test(url.trim());
}
