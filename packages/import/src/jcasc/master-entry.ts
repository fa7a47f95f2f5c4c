import type { JsonMap } from "@kubestack/templates";
import { type EntryComment, fillIn } from "../entry/pod-entry.ts";
import { said } from "../reading/fields.ts";
import type { Reporter } from "../report/report.ts";
import { isOwnCluster, type PluginCloud } from "./cloud-fields.ts";

/** What stands where an address has to be filled in: nobody has it. */
const nowhere = "http://jenkins.invalid/";

/** What is known of the master besides its clouds. */
export interface MasterFacts {
  readonly name: string;
  /** `unclassified.location.url`. */
  readonly publicUrl?: string | undefined;
}

/** A part of the result with its remarks, whose paths begin there. */
export interface Part {
  readonly form: JsonMap;
  readonly comments: readonly EntryComment[];
}

/** The entry of `masters:` that the clouds of one Jenkins come to. */
export function masterEntry(clouds: readonly PluginCloud[], facts: MasterFacts, reporter: Reporter): Part {
  const url =
    address(clouds.find(({ jenkinsUrl }) => jenkinsUrl !== undefined)?.jenkinsUrl) ?? address(facts.publicUrl);
  const publicUrl = address(facts.publicUrl);
  const isWebSocket = clouds.some((cloud) => cloud.isWebSocket);
  const tunnel = clouds.find((cloud) => cloud.tunnel !== undefined)?.tunnel?.trim();
  const isTunnel = tunnel !== undefined && /^[A-Za-z0-9._-]*:\d{0,5}$/.test(tunnel) && tunnel !== ":";
  if (tunnel !== undefined && !isTunnel)
    clouds
      .find((cloud) => cloud.tunnel !== undefined)
      ?.place.inner("jenkinsTunnel")
      .lost("must be HOST:PORT; it was left out");
  const caps = clouds.flatMap(({ containerCap }) => containerCap ?? []);
  const comments: EntryComment[] = [];
  const fill = (key: string, says: string): void => {
    comments.push({ path: [key], says: `${fillIn}${says}` });
    reporter.toDo(["masters", 0, key], says);
  };
  if (url === undefined) fill("url", "the Jenkins' address, as KubeStack and its pods reach it");
  else if (isLoopback(url)) fill("agentUrl", "the Jenkins' address as pods reach it");
  fill("token", "write an API token of user kubestack into this file, or name where it is");
  return {
    form: said({
      name: facts.name,
      url: url ?? nowhere,
      publicUrl: publicUrl === undefined || publicUrl === url ? undefined : publicUrl,
      agentUrl: url !== undefined && isLoopback(url) ? nowhere : undefined,
      agentTunnel: isTunnel && !isWebSocket ? tunnel : undefined,
      transport: isWebSocket ? "websocket" : undefined,
      user: "kubestack",
      token: "file:/run/secrets/kubestack/jenkins-token",
      podLabels: podLabels(clouds),
      maxSlaves:
        caps.length === clouds.length && caps.length > 0
          ? Math.min(
              caps.reduce((a, b) => a + b, 0),
              100_000,
            )
          : undefined,
    }),
    comments,
  };
}

/** A cloud that names none has the plugin's own label. */
function podLabels(clouds: readonly PluginCloud[]): JsonMap {
  const [first] = clouds;
  const all = Object.assign({}, ...clouds.map((cloud) => cloud.podLabels)) as JsonMap;
  return first === undefined || Object.keys(all).length > 0 ? all : { jenkins: "slave" };
}

/** `kubernetes:` for the cluster and namespace of a cloud. */
export function kubernetesPart(cloud: PluginCloud, namespace: string, reporter: Reporter): Part {
  const { serverUrl, hasCertificate, skipsTlsVerify } = cloud;
  const isElsewhere = serverUrl !== undefined && !isOwnCluster(serverUrl);
  const isSafe = isElsewhere && isSafeAddress(serverUrl);
  const comments: EntryComment[] = [];
  const fill = (path: readonly string[], says: string): void => {
    comments.push({ path, says: `${fillIn}${says}` });
    reporter.toDo(["kubernetes", ...path], says);
  };
  if (cloud.namespace === undefined)
    fill(["namespace"], "the namespace that agents' pods run in; the cloud names none");
  if (isElsewhere && !isSafe)
    cloud.place.inner("serverUrl").lost("must be https:// without a user in it; name the cluster by hand");
  if (isSafe) fill(["token"], "write a token of a service account with the rights of deploy/ into this file");
  if (isSafe && hasCertificate) fill(["tls", "ca"], "write the certificate of serverCertificate into this file");
  const tls = said({
    ca: hasCertificate ? "file:/etc/kubestack/cluster-ca.pem" : undefined,
    insecureSkipVerify: skipsTlsVerify || undefined,
  });
  return {
    form: said({
      namespace,
      url: isSafe ? serverUrl : undefined,
      token: isSafe ? "file:/run/secrets/kubestack/cluster-token" : undefined,
      tls: isSafe && Object.keys(tls).length > 0 ? tls : undefined,
    }),
    comments,
  };
}

/** A master's address as our configuration takes it; undefined where it is none. */
function address(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, username, password, search, hash, href } = new URL(url);
  const isSound = /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "" && !/[?#]/.test(href);
  if (!isSound || href.length > 2000) return undefined;
  return href.endsWith("/") ? href : `${href}/`;
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\./.test(hostname) || hostname.endsWith(".localhost");
}

function isSafeAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === "https:" && username === "" && password === "";
}
