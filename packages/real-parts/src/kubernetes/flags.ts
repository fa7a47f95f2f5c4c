/**
 * Names of etcd's two sockets, relative to the folder that etcd and the API server both run in. Sockets, not ports: no other user of the
 * machine can reach the store, and no port can be taken. The colon is there because etcd insists on `host:port` even for a socket.
 */
const CLIENT_SOCKET = "etcd:1";
const PEER_SOCKET = "peer:1";

/** File that appears when etcd listens. */
export const ETCD_SOCKET = CLIENT_SOCKET;
/** Files beside the sockets. */
export const FILES = {
  tokens: "tokens.csv",
  serviceAccountKey: "service-account.key",
  serviceAccountPublicKey: "service-account.pub",
  certificates: "certificates",
  ca: "certificates/apiserver.crt",
} as const;

/** A store whose loss does not matter: nothing is forced to disk. */
export function etcdArgs(): string[] {
  return [
    "--name=world",
    "--data-dir=etcd-data",
    `--listen-client-urls=unix://${CLIENT_SOCKET}`,
    `--advertise-client-urls=unix://${CLIENT_SOCKET}`,
    `--listen-peer-urls=unix://${PEER_SOCKET}`,
    `--initial-advertise-peer-urls=unix://${PEER_SOCKET}`,
    `--initial-cluster=world=unix://${PEER_SOCKET}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

/**
 * An API server on loopback with token users and RBAC. It speaks to kubelets at their InternalIP, presents no certificate to them and
 * accepts any of theirs. It publishes no endpoint of its own: a loopback address is not allowed there.
 */
export function apiServerArgs(port: number, options: { hasControllers: boolean }): string[] {
  return [
    `--etcd-servers=unix://${CLIENT_SOCKET}`,
    `--secure-port=${port}`,
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    `--cert-dir=${FILES.certificates}`,
    `--service-account-key-file=${FILES.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${FILES.serviceAccountKey}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--token-auth-file=${FILES.tokens}`,
    "--authorization-mode=RBAC",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--kubelet-preferred-address-types=InternalIP",
    "--profiling=false",
    // As every cluster that people install has it: namespaces say by their pod security who may be privileged.
    "--allow-privileged=true",
    // Without the controllers nobody makes the service account that this plug-in wants of every pod.
    ...(options.hasControllers ? [] : ["--disable-admission-plugins=ServiceAccount"]),
  ];
}

/** The controller manager without a port, a lease or a client limit that a test would feel. */
export function controllerManagerArgs(kubeconfig: string): string[] {
  return [
    ...commonArgs(kubeconfig),
    `--service-account-private-key-file=${FILES.serviceAccountKey}`,
    `--root-ca-file=${FILES.ca}`,
    "--profiling=false",
  ];
}

/** The scheduler, likewise. */
export function schedulerArgs(kubeconfig: string): string[] {
  return [...commonArgs(kubeconfig), "--profiling=false"];
}

function commonArgs(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    "--leader-elect=false",
    "--secure-port=0",
    "--kube-api-qps=500",
    "--kube-api-burst=500",
  ];
}
